// The exports of vsphere-graphql/client against the schema: they are stale if the schema changed and `npm run codegen` did not run.

import {
  type GraphQLSchema,
  isInterfaceType,
  isObjectType,
  isScalarType,
  isSpecifiedScalarType,
} from 'graphql'
import { describe, expect, expectTypeOf, it } from 'vitest'
import {
  apolloTypePolicies,
  codegenScalars,
  connectionKeyArguments,
  graphcacheKeys,
  possibleTypes,
  relayScalars,
  type Scalars,
  type TypeWithoutId,
} from '../../src/client/index.ts'
import { buildSchema } from '../../src/schema/schema.ts'

const schema: GraphQLSchema = buildSchema()
const types = Object.values(schema.getTypeMap()).filter(({ name }) => !name.startsWith('__'))
const roots = ['Query', 'Mutation', 'Subscription']

describe('possibleTypes', () => {
  it('has the object types of each interface', () => {
    const expected = types.filter(isInterfaceType).map((type) => {
      const names = schema.getPossibleTypes(type).map(({ name }) => name)
      return [type.name, names.sort()]
    })
    expect(expected.length).toBeGreaterThan(1)
    expect(possibleTypes).toEqual(Object.fromEntries(expected))
  })

  it('has no unions to cover', () => {
    expect(types.filter((type) => type.astNode?.kind === 'UnionTypeDefinition')).toEqual([])
  })
})

describe('an object type without an id', () => {
  const withoutId = types
    .filter(isObjectType)
    .filter(({ name }) => !roots.includes(name))
    .filter((type) => !('id' in type.getFields()))
    .map(({ name }) => name)

  it('has a null key in graphcache, and is merged by Apollo', () => {
    expect(withoutId).toContain('Guest')
    expect(Object.keys(graphcacheKeys).sort()).toEqual(withoutId.sort())
    expect(new Set(Object.values(graphcacheKeys).map((key) => key()))).toEqual(new Set([null]))
    expect(Object.keys(apolloTypePolicies).sort()).toEqual(withoutId.sort())
    expect(Object.values(apolloTypePolicies)).toEqual(withoutId.map(() => ({ merge: true })))
  })

  it('is a name of a type', () => {
    expectTypeOf<'Guest'>().toExtend<TypeWithoutId>()
    expectTypeOf<'VirtualMachine'>().not.toExtend<TypeWithoutId>()
  })
})

it('lists the arguments that select a list, for each field that returns a connection', () => {
  const page = ['first', 'last', 'after', 'before']
  const expected = types
    .filter((type) => isObjectType(type) || isInterfaceType(type))
    .map((type) => [
      type.name,
      Object.fromEntries(
        Object.values(type.getFields())
          .filter((field) => /Connection!?$/.test(String(field.type)))
          .map(({ name, args }) => [
            name,
            args.map((each) => each.name).filter((each) => !page.includes(each)),
          ]),
      ),
    ])
  const sorted = (value: unknown): unknown =>
    Array.isArray(value) && value.every((item) => typeof item === 'string') ? value.toSorted() : value
  const normalized = (value: unknown) => JSON.parse(JSON.stringify(value, (_key, item) => sorted(item)))
  expect(connectionKeyArguments).toEqual(
    Object.fromEntries(normalized(expected.filter(([, fields]) => Object.keys(fields as object).length > 0))),
  )
  expect(connectionKeyArguments.Query.virtualMachines).toEqual(['filter', 'orderBy'])
})

describe('the scalars', () => {
  it('are those of the schema that GraphQL does not specify, and ID', () => {
    const custom = types.filter((type) => isScalarType(type) && !isSpecifiedScalarType(type))
    expect(Object.keys(codegenScalars).sort()).toEqual([...custom.map(({ name }) => name), 'ID'].sort())
    expect(Object.keys(relayScalars).sort()).toEqual(custom.map(({ name }) => name).sort())
  })

  it('have the types of their values', () => {
    expectTypeOf<Scalars>().toEqualTypeOf<{
      readonly ID: string
      readonly BigInt: number
      readonly DateTime: string
    }>()
  })
})
