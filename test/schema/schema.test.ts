// Tests the schema as clients see it: its committed file states every name, argument, default and nullability, and everything
// is described.

import { readFileSync } from 'node:fs'
import {
  findBreakingChanges,
  type GraphQLNamedType,
  type GraphQLOutputType,
  type GraphQLSchema,
  getNamedType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isIntrospectionType,
  isLeafType,
  isNonNullType,
  isObjectType,
  isSpecifiedScalarType,
  lexicographicSortSchema,
  printSchema,
  validateSchema,
} from 'graphql'
import { describe, expect, it } from 'vitest'
import { buildSchema } from '../../src/schema/schema.ts'

const read = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8')
const schema = buildSchema()
const readOnly = buildSchema({ readOnly: true })

const ownTypes = (of: GraphQLSchema): GraphQLNamedType[] =>
  Object.values(of.getTypeMap()).filter((type) => !isIntrospectionType(type) && !isSpecifiedScalarType(type))

describe('the schema', () => {
  it('is valid', () => {
    expect(validateSchema(schema)).toEqual([])
    expect(validateSchema(readOnly)).toEqual([])
  })

  it('matches its committed file: run `npm run schema:print` when this fails', () => {
    expect(read('../../schema/schema.graphql')).toBe(`${printSchema(lexicographicSortSchema(schema))}\n`)
  })

  it('lets every root field of Query be null, so that one that fails leaves the others in place', () => {
    const fields = Object.values(schema.getQueryType()?.getFields() ?? {})
    expect(fields.filter(({ type }) => isNonNullType(type)).map(({ name }) => name)).toEqual([])
    expect(fields.length).toBeGreaterThan(15)
  })

  it('gives a field that several types of the inventory share one type, so that fragments merge', () => {
    // Enumerations and lists that differ by type. They need an alias.
    const exceptions = ['powerState', 'connectionState', 'kind', 'hosts', 'datastores', 'networks']
    const entity = schema.getType('ManagedEntity')
    if (!isInterfaceType(entity)) throw new TypeError('ManagedEntity is not an interface')
    const types = new Map<string, Set<string>>()
    // Objects of different types merge, as long as both are nullable, or both are lists.
    const shapeOf = (type: GraphQLOutputType) =>
      isLeafType(getNamedType(type)) ? String(type) : String(type).replace(getNamedType(type).name, 'Object')
    for (const { name, type } of schema
      .getPossibleTypes(entity)
      .flatMap((each) => Object.values(each.getFields())))
      types.set(name, (types.get(name) ?? new Set()).add(shapeOf(type)))
    expect(types.get('name')).toEqual(new Set(['String!']))
    const differing = [...types].filter(([name, { size }]) => size > 1 && !exceptions.includes(name))
    expect(differing).toEqual([])
  })

  it('describes every type, field, argument, input field and enum value', () => {
    expect(ownTypes(schema).flatMap(undescribed)).toEqual([])
  })

  it('does not mention arguments, which a condition does not have, in the description of a condition', () => {
    const inputs = ownTypes(schema).filter((type) => isInputObjectType(type) && type.name.endsWith('Filter'))
    const descriptions = inputs
      .flatMap((type) => (isInputObjectType(type) ? Object.values(type.getFields()) : []))
      .map(({ description }) => description ?? '')
    expect(descriptions.length).toBeGreaterThan(300)
    expect(descriptions.filter((each) => /`(?:recursive|orderBy|first|after)`/.test(each))).toEqual([])
  })

  it('uses correct plurals in descriptions', () => {
    expect(printSchema(schema)).not.toMatch(/\b\w+(?:sss|chs|shs|xs)\b/)
  })

  it('names the vim25 property or method behind every field that has one', () => {
    const machine = schema.getType('VirtualMachine')
    if (!isObjectType(machine)) throw new TypeError('VirtualMachine is no object type')
    const { powerState, cpuCount, snapshots, datastores } = machine.getFields()
    expect(powerState?.description).toContain('runtime.powerState')
    expect(cpuCount?.description).toContain('config.hardware.numCPU')
    expect(snapshots?.description).toContain('rootSnapshotList')
    expect(datastores?.description).toContain('datastore')
  })

  it('accepts exactly one key in every `by` argument', () => {
    const ways = ownTypes(schema)
      .filter((type) => isInputObjectType(type))
      .filter(({ name }) => /By$|^ChangedSince$/.test(name))
    expect(ways.length).toBeGreaterThan(8)
    expect(ways.filter(({ isOneOf }) => !isOneOf)).toEqual([])
  })

  it('makes every type with an id available through node(id)', () => {
    const node = schema.getType('Node')
    if (!isInterfaceType(node)) throw new TypeError('Node is no interface')
    // Events are not objects: their ids are for the caches of clients.
    const withId = ownTypes(schema).filter(
      (type) => isObjectType(type) && 'id' in type.getFields() && type.name !== 'Event',
    )
    expect(schema.getPossibleTypes(node).map(String).sort()).toEqual(withId.map(String).sort())
  })

  it('declares the edge of every field that leads from an object to an inventory object', () => {
    const entity = schema.getType('ManagedEntity')
    if (!isInterfaceType(entity)) throw new TypeError('ManagedEntity is not an interface')
    const entities = new Set(schema.getPossibleTypes(entity).map(({ name }) => name))
    const target = (type: GraphQLOutputType) => getNamedType(type).name.replace(/Connection$/, '')
    // The resolvers of these types load the objects themselves.
    const loading = /^(Query|Mutation|Subscription|\w+Payload|InventoryChange|\w+(Connection|Edge))$/
    const undeclared = ownTypes(schema).flatMap((type) =>
      isObjectType(type) && !loading.test(type.name)
        ? Object.values(type.getFields())
            .filter((field) => entities.has(target(field.type)) && !field.extensions.plan)
            .map(({ name }) => `${type.name}.${name}`)
        : [],
    )
    expect(undeclared).toEqual([])
  })

  it('has only nullable mutations, so that each may fail alone', () => {
    const mutations = Object.values(schema.getMutationType()?.getFields() ?? {})
    expect(mutations.filter(({ type }) => isNonNullType(type)).map(({ name }) => name)).toEqual([])
    expect(mutations.length).toBeGreaterThan(5)
  })
})

const mutationTypes = [
  ...Object.values(schema.getMutationType()?.getFields() ?? {}).flatMap(({ type, args }) => [
    String(type),
    ...args.map((arg) => String(getNamedType(arg.type))),
  ]),
  // The types that their inputs and payloads refer to.
  'TagBy',
  'TagName',
  'TagResult',
  'PowerAction',
  'ChangePowerResult',
  'Capture',
  'CapturedDisk',
  'CaptureBasis',
  'CaptureFullReason',
]

describe('the read-only schema', () => {
  it('has no mutations, nor the types that only they use', () => {
    expect(readOnly.getMutationType()).toBeUndefined()
    expect(ownTypes(readOnly).filter(({ name }) => mutationTypes.includes(name))).toEqual([])
  })

  it('has all queries of the full schema', () => {
    const lost = findBreakingChanges(schema, readOnly).map(({ description }) => description)
    expect(lost.filter((each) => !each.startsWith('Standard scalar')).sort()).toEqual(
      [...mutationTypes, 'Mutation'].map((name) => `${name} was removed.`).sort(),
    )
  })
})

function undescribed(type: GraphQLNamedType): string[] {
  const missing: string[] = []
  const checkDescription = (
    name: string,
    { description }: { readonly description?: string | null | undefined },
  ) => {
    if (!description?.trim()) missing.push(name)
  }
  checkDescription(type.name, type)
  if (isEnumType(type)) for (const value of type.getValues()) checkDescription(`${type}.${value.name}`, value)
  if (isInputObjectType(type))
    for (const field of Object.values(type.getFields())) checkDescription(`${type}.${field.name}`, field)
  if (isObjectType(type) || isInterfaceType(type)) {
    for (const field of Object.values(type.getFields())) {
      checkDescription(`${type}.${field.name}`, field)
      for (const arg of field.args) checkDescription(`${type}.${field.name}(${arg.name})`, arg)
    }
  }
  return missing
}
