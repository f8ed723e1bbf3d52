// Compares the cost estimate with the actual result, for an inventory in which every page is full and every
// other list has one element, executed by the executor of graphql.

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import {
  type ExecutionResult,
  execute,
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLInterfaceType,
  type GraphQLNamedType,
  type GraphQLObjectType,
  type GraphQLResolveInfo,
  type GraphQLSchema,
  getIntrospectionQuery,
  getNamedType,
  getNullableType,
  graphqlSync,
  isCompositeType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isListType,
  isObjectType,
  isRequiredArgument,
  parse,
  specifiedRules,
  validate,
} from 'graphql'
import { describe, expect, it } from 'vitest'
import { builder } from '../../../src/schema/builder.ts'
import type { Cost } from '../../../src/schema/cost/cost.ts'
import { estimateCost } from '../../../src/schema/cost/cost-estimate.ts'
import { operationSelection } from '../../../src/schema/cost/operation-selection.ts'
import { maxCandidates } from '../../../src/schema/errors/api-error.ts'
import { buildSchema } from '../../../src/schema/schema.ts'
import { objectsIn, valuesIn } from '../../graphql-response.ts'
import { defaultLimits } from '../../test-gateway.ts'

const schema = buildSchema()
const pageSizes = { defaultSize: 3, maxSize: 5 }

function estimate(text: string, variables: Record<string, unknown> = {}, sizes = pageSizes): Cost {
  const document = parse(text)
  const rules = specifiedRules.filter(({ name }) => name !== 'NoUnusedVariablesRule')
  expect(validate(schema, document, rules).map(({ message }) => message)).toEqual([])
  return estimateCost(operationSelection({ schema, document, variableValues: variables })!, sizes)
}

describe('the estimate', () => {
  const vms = (selection: string, first = 1000) =>
    `virtualMachines(first: ${first}) { nodes { ${selection} } }`
  const usual = { defaultSize: 100, maxSize: 1000 }
  it.each([
    ['the objects of scalars', '{ vcenters { name version } }', 1, 2],
    ['a page and the objects on it', `{ ${vms('name', 20)} }`, 1 + 20, 20],
    ['the default size of a page without arguments', '{ virtualMachines { nodes { name } } }', 1 + 100, 100],
    ['a page counted from the end', '{ virtualMachines(last: 7) { nodes { name } } }', 1 + 7, 7],
    ['edges and their nodes', '{ virtualMachines(first: 7) { edges { node { name } } } }', 1 + 14, 7],
    [
      'the fields of a connection without its items',
      '{ virtualMachines { totalCount pageInfo { endCursor } } }',
      2,
      2,
    ],
    ['an empty page', `{ ${vms('host { name }', 0)} }`, 1, 0],
    [
      'pages in pages',
      `{ datacenters(first: 10) { nodes { ${vms('name host { name }')} } } }`,
      20_021,
      20_000,
    ],
    [
      'a field that is selected twice once',
      `{ ${vms('disks { label }')} ${vms('disks { key }')} }`,
      2001,
      2000,
    ],
    ['each alias', `{ ${vms('a: host { name } b: host { name }')} }`, 3001, 2000],
    [
      'no excluded fields',
      `{ ${vms('host @skip(if: true) { name } disks @include(if: false) { key }')} }`,
      1001,
      0,
    ],
    [
      'a fragment that several others include',
      `{ ${vms('...A ...B')} } fragment A on VirtualMachine { ...C } fragment B on VirtualMachine { ...C } fragment C on VirtualMachine { host { name } }`,
      2001,
      1000,
    ],
    [
      'the most expensive type of an interface',
      '{ nodes(ids: ["a", "b"]) { id ... on VirtualMachine { host { name } datacenter { name } } ... on Snapshot { parent { name } } } }',
      6,
      6,
    ],
    [
      'a page that is too large (rejected elsewhere) as a page of the maximum size',
      `{ ${vms('name', 5000)} }`,
      1001,
      1000,
    ],
    [
      'groups',
      '{ virtualMachines { groups(by: [HOST], first: 5) { count key { host { name } } } } }',
      1 + 15,
      10,
    ],
    ['the most groups there can be', '{ virtualMachines { groups(by: [HOST]) { count } } }', 1 + 1000, 1000],
    ['a negative number of groups', '{ virtualMachines { groups(by: [HOST], first: -9) { count } } }', 1, 0],
    ['the coverage of a connection', '{ virtualMachines(first: 500) { coverage { isComplete } } }', 2, 1],
    ['a page of a negative size', `{ ${vms('name', -3)} }`, 1, 0],
    ['__typename', '{ __typename vcenters { __typename } }', 1, 2],
    ['introspection that fails', 'query ($n: String) { __type(name: "NoSuch") { name } }', 0, 10],
    [
      'a map of changed areas by the calls that it costs',
      `{ ${vms('disks { allocatedAreas(first: 500) { nodes { start } pageInfo { endCursor } } }', 10)} }`,
      1 + 10 * (1 + 1 + 100 + 50 + 1),
      10 * (500 / 4 + 1),
    ],
    [
      'the values of each alias, through fragments',
      `{ ${vms('...F')} } fragment F on VirtualMachine { a: path b: path path again: path }`,
      1001,
      4000,
    ],
    [
      'a list of values by the length in its arguments',
      `{ ${vms('disks { allocatedAreas { density(buckets: 9) usual: density } }', 10)} }`,
      1 + 10 * 102,
      10 * (9 + 64),
    ],
  ])('counts %s', (_what, query, objects, values) => {
    const estimated = estimate(query, {}, usual)
    expect(estimated.objects).toBeCloseTo(objects, 6)
    expect(estimated.values).toBeCloseTo(values, 6)
    expect(estimated.errors).toBe(0)
  })

  it('counts fields whose arguments are invalid, each time they would be executed', () => {
    const query = `query ($buckets: Int = 64) {
      ${vms('disks { allocatedAreas { density(buckets: $buckets) } }', 10)}
    }`
    expect(estimate(query, {}, usual).errors).toBe(0)
    expect(estimate(query, { buckets: null }, usual)).toMatchObject({ values: 0, errors: 10 })
  })

  it('uses the values of variables, and their defaults', () => {
    const query = `query ($n: Int = 4, $with: Boolean = true, $ids: [ID!] = ["x"]) {
      virtualMachines(first: $n) { nodes { host @include(if: $with) { name } } }
      nodes(ids: $ids) { id }
    }`
    expect(estimate(query).objects).toBe(1 + 8 + 1)
    expect(estimate(query, { n: 2, with: false, ids: ['a', 'b', 'c'] }).objects).toBe(1 + 2 + 3)
    expect(estimate(query, { ids: new Array(99).fill('a') }).objects).toBe(1 + 8 + 5)
  })

  it('counts each object and value of introspection ten times', () => {
    for (const query of [
      getIntrospectionQuery({ inputValueDeprecation: true, oneOf: true }),
      '{ a: __type(name: "VirtualMachine") { fields { ...F type { ...T } } } ...R } fragment F on __Field { args { name } } fragment T on __Type { name ofType { name } } fragment R on Query { __schema { queryType { fields { ...F } } } }',
    ]) {
      const { data, errors } = graphqlSync({ schema, source: query })
      expect(errors).toBeUndefined()
      const objects = objectsIn(data) - 1
      expect(objects).toBeGreaterThan(100)
      expect(estimate(query)).toEqual({ objects: 10 * objects, values: 10 * valuesIn(data), errors: 0 })
      expect(10 * valuesIn(data)).toBeLessThan(defaultLimits.responseValues / 4)
      // So that an introspection takes one slot of the concurrency limit: two begin at a quarter of the objects.
      expect(10 * objects).toBeLessThan(defaultLimits.objects / 6)
    }
  })

  it('of introspection that multiplies by aliases is computed fast, or abandoned', () => {
    const many = (name: string, selection: string, count = 50) =>
      Array.from({ length: count }, (_, at) => `${name}${at}: fields { ${selection} }`).join(' ')
    const shared = `{ __schema { types { ${many('a', '...F', 20)} } } } fragment F on __Field { type { ${many('b', 'name', 20)} } }`
    expect(estimate(shared).objects).toBeGreaterThan(10_000_000)
    const different = `{ __schema { types { ${many('a', 'type { fields { name } }')} } } }`
    expect(() => estimate(different)).toThrow(expect.objectContaining({ code: 'QUERY_TOO_COMPLEX' }))
  })

  it('of nested fragments is computed fast, however much they multiply', () => {
    const depth = 30
    const fragments = Array.from(
      { length: depth },
      (_, at) =>
        `fragment F${at} on VirtualMachine { a: datacenter { ${vms(`...F${at + 1}`)} } b: datacenter { ${vms(`...F${at + 1}`)} } }`,
    )
    const query = `{ ${vms('...F0')} } ${fragments.join(' ')} fragment F${depth} on VirtualMachine { name }`
    expect(estimate(query, {}, usual).objects).toBeGreaterThan(1e50)
  })

  it('of selections that all differ is abandoned, which is reported', () => {
    // The number of differing levels named `a` distinguishes each node, so every level doubles the nodes.
    const depth = 14
    const level = (name: string, a: string, b: string) =>
      `fragment ${name} on Snapshot { a: parent { ${a} } b: parent { ${b} } }`
    const fragments = Array.from({ length: depth }, (_, at) => [
      level(`F${at}`, `...F${at + 1} ...G0`, `...F${at + 1}`),
      level(`G${at}`, `...G${at + 1}`, `...G${at + 1}`),
    ])
    const ends = [`F${depth}`, `G${depth}`].map((name) => `fragment ${name} on Snapshot { moid }`)
    const query = `{ node(id: "x") { ... on Snapshot { ...F0 } } } ${[...fragments.flat(), ...ends].join(' ')}`
    expect(() => estimate(query)).toThrow(
      expect.objectContaining({
        code: 'QUERY_TOO_COMPLEX',
        message: 'the operation has 10,001 different selections, but the limit per operation is 10,000',
      }),
    )
  })
})

describe('every example', () => {
  const directory = new URL('../../../schema/operations/', import.meta.url)
  it.each(
    readdirSync(directory, { encoding: 'utf8', recursive: true }).filter((name) => name.endsWith('.graphql')),
  )('is within the limits: %s', (name) => {
    const text = readFileSync(new URL(name, directory), 'utf8')
    const filledIn = new URL(name.replace(/graphql$/, 'json'), directory)
    const variables = existsSync(filledIn)
      ? JSON.parse(readFileSync(filledIn, 'utf8'), (_, value) => value ?? 'pasted')
      : {}
    const { objects, values, errors } = estimate(text, variables, { defaultSize: 100, maxSize: 1000 })
    expect(objects).toBeGreaterThan(0)
    expect(objects).toBeLessThan(defaultLimits.objects / 8)
    expect(values).toBeLessThan(defaultLimits.responseValues / 10)
    expect(errors).toBe(0)
  })
})

// ---- any selection of the schema

const weights: Readonly<Record<string, number>> = {
  ChangedArea: 0.1,
  ChangedAreaEdge: 0.1,
  ChangedAreaConnection: 100,
}
const usualAreas = 2000
/** Without `first`. */
const mostGroups = 1000

const first = (args: Record<string, unknown>) => args.first as number | null | undefined

type Field = GraphQLField<unknown, unknown>

interface Value {
  readonly __typename: string
  /** The lengths of the lists on a page. */
  readonly window: number
}

/** Returns the name of a type if it implements an interface, and otherwise that of a type that does. */
const implementation = (type: GraphQLInterfaceType, name: string): string =>
  schema.isSubType(type, schema.getType(name) as GraphQLObjectType) ? name : 'VirtualMachine'

/** An inventory that fills every page, and counts the objects and values it returns. */
function fullInventory(typeOfNode: string) {
  let objects = 0
  const give = (named: GraphQLNamedType, args: Record<string, unknown>): Value => {
    const __typename = isInterfaceType(named) ? implementation(named, typeOfNode) : named.name
    objects += weights[__typename] ?? 1
    const { last } = args as { last?: number | null }
    const window = !/Connection$/.test(named.name)
      ? 1
      : named.name === 'ChangedAreaConnection'
        ? (first(args) ?? usualAreas)
        : (first(args) ?? last ?? pageSizes.defaultSize)
    return { __typename, window }
  }
  return {
    count: () => objects,
    fieldResolver(
      source: Value | undefined,
      args: Record<string, unknown>,
      _: unknown,
      { returnType }: GraphQLResolveInfo,
    ) {
      const named = getNamedType(returnType)
      if (!isCompositeType(named)) return null
      if (!isListType(getNullableType(returnType))) return give(named, args)
      const length =
        named.name === 'Coverage'
          ? 1
          : named.name === 'ErrorCandidate'
            ? maxCandidates
            : /Group$/.test(named.name)
              ? (first(args) ?? mostGroups)
              : ((args.ids as unknown[] | undefined)?.length ?? source?.window ?? 1)
      return Array.from({ length }, () => give(named, args))
    },
  }
}

/** The same schema without its own resolvers, which need a vCenter. */
function bare(): GraphQLSchema {
  const copy = builder.toSchema()
  for (const type of Object.values(copy.getTypeMap())) {
    if (isObjectType(type) && !type.name.startsWith('__'))
      for (const field of Object.values(type.getFields())) delete field.resolve
    if (isInterfaceType(type)) type.resolveType = undefined
  }
  return copy
}

const variables = { none: 0, two: 2, yes: true, no: false, ids: ['a', 'b'] }
const declared = '($none: Int, $two: Int, $yes: Boolean!, $no: Boolean!, $three: Int = 3, $ids: [ID!]!)'
const windows = ['', 'first: 1', 'first: 2', 'first: $none', 'first: $two', 'first: $three', 'last: 2']
const directives = [
  '',
  '',
  '',
  '@include(if: $yes)',
  '@include(if: $no)',
  '@skip(if: $no)',
  '@skip(if: $yes)',
]
const wrappings = ['plain', 'plain', 'inline', 'untyped', 'named', 'through Node'] as const

const literalOf = (type: GraphQLInputType): string => {
  const nullable = getNullableType(type)
  // The list of ids is a variable, so that the response has as many items.
  if (isListType(nullable))
    return getNamedType(type).name === 'ID' ? '$ids' : `[${literalOf(nullable.ofType)}]`
  if (isEnumType(nullable)) return nullable.getValues()[0]!.name
  if (!isInputObjectType(nullable)) return nullable.toString() === 'Int' ? '1' : '"a"'
  const [field] = Object.values(nullable.getFields())
  return `{ ${field!.name}: ${literalOf(field!.type)} }`
}

/** A random operation that selects objects and their `__typename` only. */
function anyOperation(pick: <T>(from: readonly T[]) => T, typeOfNode: string): string {
  const fragments: string[] = []
  const selection = (type: GraphQLObjectType, depth: number): string => {
    const composite = Object.values(type.getFields()).filter((field) =>
      isCompositeType(getNamedType(field.type)),
    )
    const count = depth === 0 || composite.length === 0 ? 0 : pick([1, 1, 2, 3])
    return ['__typename', ...Array.from({ length: count }, () => wrapped(type, pick(composite), depth))].join(
      ' ',
    )
  }
  const wrapped = (type: GraphQLObjectType, field: Field, depth: number): string => {
    const text = selected(type, field, depth)
    const how = pick(wrappings)
    if (how === 'inline') return `... on ${type.name} ${pick(directives)} { ${text} }`
    if (how === 'untyped') return `... ${pick(directives)} { ${text} }`
    if (how === 'through Node' && type.getInterfaces().length > 0)
      return `... on Node { ... on ${type.name} { ${text} } }`
    if (how !== 'named') return text
    fragments.push(`fragment F${fragments.length} on ${type.name} { ${text} }`)
    return `...F${fragments.length - 1} ${pick(directives)} ...F${fragments.length - 1}`
  }
  const selected = (type: GraphQLObjectType, field: Field, depth: number): string => {
    const required = field.args.filter(isRequiredArgument).map((arg) => `${arg.name}: ${literalOf(arg.type)}`)
    const takes = (window: string) => field.args.some(({ name }) => window.startsWith(`${name}:`))
    const args = [...required, pick(windows.filter((each) => each === '' || takes(each)))].filter(Boolean)
    const named = getNamedType(field.type)
    const belowName = isInterfaceType(named) ? implementation(named, typeOfNode) : named.name
    const below = schema.getType(belowName)
    const inner = selection(below as GraphQLObjectType, depth - 1)
    // Fields with the same response name are the same field with the same arguments.
    const alias = `${type.name}_${field.name}_${args.join().replace(/\W+/g, '_')}`
    return `${alias}: ${field.name}${args.length > 0 ? `(${args.join(', ')})` : ''} ${pick(directives)} { ${
      isInterfaceType(named) ? `__typename ... on ${belowName} { ${inner} }` : inner
    } }`
  }
  const operation = `query ${declared} { ${selection(schema.getQueryType() as GraphQLObjectType, 6)} }`
  return [operation, ...fragments].join('\n')
}

it('estimates the exact number of objects and values for any operation when every page is full', () => {
  const objects = bare()
  let compared = 0
  fc.assert(
    fc.property(
      fc.gen(),
      fc.constantFrom('VirtualMachine', 'Snapshot', 'VirtualDisk', 'Task'),
      (gen, typeOfNode) => {
        const pick = <T>(from: readonly T[]): T => from[gen(fc.nat, { max: from.length - 1 })] as T
        const query = anyOperation(pick, typeOfNode)
        const estimated = estimate(query, variables)
        expect(estimated.errors).toBe(0)
        if (estimated.objects > 50_000) return
        const { count, fieldResolver } = fullInventory(typeOfNode)
        const { data, errors } = execute({
          schema: objects,
          document: parse(query),
          variableValues: variables,
          fieldResolver: fieldResolver,
        }) as ExecutionResult
        expect(errors).toBeUndefined()
        expect(estimated.objects).toBeCloseTo(count(), 3)
        expect(estimated.values).toBeCloseTo(
          valuesIn(data, ({ __typename }) => (/^ChangedArea(Edge)?$/.test(String(__typename)) ? 0.25 : 1)),
          3,
        )
        compared += 1
      },
    ),
    { numRuns: 300 },
  )
  expect(compared).toBeGreaterThan(200)
})
