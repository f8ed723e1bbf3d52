// A schema whose fields return random values, errors and lists, and random queries on it. Two executors get the same values,
// because a value depends only on the path and the arguments of its field.

import {
  type DocumentNode,
  type GraphQLFieldConfig,
  GraphQLInt,
  GraphQLInterfaceType,
  GraphQLList,
  GraphQLNonNull,
  GraphQLObjectType,
  type GraphQLOutputType,
  GraphQLSchema,
  GraphQLString,
  GraphQLUnionType,
  isLeafType,
  isListType,
  isNonNullType,
  parse,
  responsePathAsArray,
} from 'graphql'

export interface RandomContext {
  /** Whether some values are promises, which may be rejected. @default they are the values of the promises */
  readonly hasPromises?: boolean
  /** Whether lists are async iterables. */
  readonly hasAsyncLists?: boolean
}

/** Returns an integer from 0 to below the limit. */
export type Random = (limit: number) => number

export function createRandom(seed: number): Random {
  let state = seed >>> 0
  return (limit) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * limit)
  }
}

function hashOf(text: string): number {
  let hash = 2_166_136_261
  for (const character of text) hash = Math.imul(hash ^ character.charCodeAt(0), 16_777_619)
  return hash
}

/** Not a generator, which would wait for items that are promises. */
function iterate(items: readonly unknown[]): AsyncIterable<unknown> {
  const iterator = items.values()
  return { [Symbol.asyncIterator]: () => ({ next: async () => iterator.next() }) }
}

function randomValue(type: GraphQLOutputType, random: Random, context: RandomContext): unknown {
  const { hasPromises, hasAsyncLists } = context
  const isLater = random(4) === 0
  const wrap = (value: unknown) => (hasPromises && isLater ? Promise.resolve(value) : value)
  if (random(25) === 0) return wrap(null)
  if (random(25) === 0) {
    const error = new Error(`failed with ${random(9)}`)
    return hasPromises && isLater ? Promise.reject(error) : error
  }
  if (isNonNullType(type)) return randomValue(type.ofType, random, context)
  if (isListType(type)) {
    const items = Array.from({ length: random(4) }, () => randomValue(type.ofType, random, context))
    // An executor that fails at an item does not read the next ones.
    for (const item of items) if (item instanceof Promise) item.catch(() => {})
    return wrap(hasAsyncLists ? iterate(items) : items)
  }
  if (isLeafType(type)) return wrap(random(15) === 0 ? { isNo: 'scalar' } : random(100))
  return wrap({ kind: random(10) === 0 ? 'Unknown' : ['A', 'B', 'C'][random(3)] })
}

const field = (type: GraphQLOutputType): GraphQLFieldConfig<unknown, RandomContext> => ({
  type,
  args: {
    number: { type: GraphQLInt, defaultValue: 1 },
    list: { type: new GraphQLList(GraphQLInt) },
  },
  resolve: (_source, args, context, { path, parentType, returnType, fieldNodes }) => {
    const at = responsePathAsArray(path).join('.')
    const random = createRandom(
      hashOf(`${at} ${JSON.stringify(args)} ${fieldNodes.length} ${parentType.name}`),
    )
    if (random(25) === 0) throw new Error(`thrown at ${at}`)
    return randomValue(returnType, random, context)
  },
})

const fields = () => ({
  int: field(GraphQLInt),
  text: field(GraphQLString),
  required: field(new GraphQLNonNull(GraphQLInt)),
  ints: field(new GraphQLList(new GraphQLNonNull(GraphQLInt))),
  a: field(A),
  requiredA: field(new GraphQLNonNull(A)),
  any: field(Any),
  as: field(new GraphQLList(A)),
  requiredAs: field(new GraphQLNonNull(new GraphQLList(new GraphQLNonNull(A)))),
  anys: field(new GraphQLList(new GraphQLNonNull(Any))),
  either: field(Either),
  lists: field(new GraphQLList(new GraphQLList(Either))),
})

interface Source {
  readonly kind: string
}

const Any: GraphQLInterfaceType = new GraphQLInterfaceType({
  name: 'Any',
  fields,
  resolveType: ({ kind }: Source) => kind,
})
const objectType = (
  name: string,
  isTypeOf?: (value: Source, context: RandomContext) => boolean | Promise<boolean>,
): GraphQLObjectType =>
  new GraphQLObjectType<Source, RandomContext>({ name, fields, interfaces: () => [Any], isTypeOf })
const A = objectType('A')
const B = objectType('B', ({ kind }) => kind === 'B')
const C = objectType('C', ({ kind }, { hasPromises }) =>
  hasPromises ? Promise.resolve(kind === 'C') : kind === 'C',
)
/** It has no resolveType: `isTypeOf` finds the type of a value. */
const Either = new GraphQLUnionType({ name: 'Either', types: [B, C] })

export const randomSchema = new GraphQLSchema({ query: objectType('Query'), types: [A, B, C] })

const leaves = ['int', 'text', 'required', 'ints']
const branches = ['a', 'requiredA', 'any', 'as', 'requiredAs', 'anys']
const unions = ['either', 'lists']

function selection(depth: number, random: Random): string {
  const one = <T>(items: readonly T[]): T => items[random(items.length)] as T
  const parts = Array.from({ length: 1 + random(5) }, () => {
    const directive = random(8) === 0 ? ` @${one(['skip', 'include'])}(if: $yes)` : ''
    if (random(8) === 0) return `__typename${directive}`
    if (random(8) === 0) return `...Shared${directive}`
    if (depth > 0 && random(6) === 0)
      return `... ${one(['', 'on A', 'on Any'])}${directive} { ${selection(depth - 1, random)} }`
    const name = one(depth === 0 || random(2) === 0 ? leaves : [...branches, ...unions])
    const args = one(['', '(number: 2)', '(number: $number)', '(list: [1, $number])'])
    // Fields with the same key have the same name and arguments, as validation requires.
    const alias = random(40) === 0 ? '__proto__' : `${name}${one(['', 'X'])}${args.replace(/\W/g, '')}`
    const below = leaves.includes(name)
      ? ''
      : unions.includes(name)
        ? ` { __typename ... on B { ${selection(depth - 1, random)} } ... on Any { int } }`
        : ` { ${selection(depth - 1, random)} }`
    return `${alias}: ${name}${args}${directive}${below}`
  })
  return parts.join(' ')
}

/** Returns a query with the variables `yes` and `number`. */
export const randomQuery = (random: Random): DocumentNode =>
  parse(
    `query ($yes: Boolean = ${random(2) === 0}, $number: Int) { ${selection(3, random)} }
     fragment Shared on Any { int as { text required } }`,
  )
