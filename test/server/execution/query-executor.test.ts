// Compares the query executor with graphql-js on random queries, and tests what graphql-js does not have: async lists and the
// abort signal. SEED starts other queries, and CASES is their number.

import { getEventListeners } from 'node:events'
import {
  execute,
  GraphQLInt,
  GraphQLList,
  GraphQLNonNull,
  GraphQLObjectType,
  GraphQLSchema,
  parse,
  print,
} from 'graphql'
import { describe, expect, it } from 'vitest'
import type { Execute } from '../../../src/server/execution/operation-limits.ts'
import { executeQuery } from '../../../src/server/execution/query-executor.ts'
import { createRandom, type RandomContext, randomQuery, randomSchema } from './random-schema.ts'

const seed = Number(process.env.SEED ?? 20_261_129)
const cases = Number(process.env.CASES ?? 1_000)

const noFallback: Execute = () => {
  throw new Error('the query was not executed')
}

describe('on random queries', () => {
  const cell = (contextValue: RandomContext) => contextValue
  it.each([
    ['values', cell({})],
    ['promises', cell({ hasPromises: true })],
    ['async lists', cell({ hasAsyncLists: true })],
    ['async lists of promises', cell({ hasAsyncLists: true, hasPromises: true })],
  ])('returns for %s what graphql-js returns for the same values', async (_name, contextValue) => {
    const random = createRandom(seed)
    let [withData, withErrors] = [0, 0]
    for (let run = 0; run < cases; run += 1) {
      const document = randomQuery(random)
      const args = { schema: randomSchema, document, variableValues: { number: random(3) } }
      // Without promises, since graphql-js does not handle all rejections beside a failed item.
      const expected = await execute({ ...args, contextValue: {} })
      const actual = await executeQuery({ ...args, contextValue, signal: undefined }, noFallback)
      const query = print(document)
      expect(JSON.stringify(actual.data), query).toBe(JSON.stringify(expected.data))
      expect(actual.errors === undefined, query).toBe(expected.errors === undefined)
      if (contextValue.hasPromises || contextValue.hasAsyncLists) {
        // Errors come in another order. Beside a failed non-null field, there may be more of them or fewer.
        expect(actual.errors?.every(({ path, locations }) => path && locations) ?? true, query).toBe(true)
      } else
        expect(
          actual.errors?.map((error) => withoutType(error)),
          query,
        ).toEqual(expected.errors?.map((error) => withoutType(error)))
      if (expected.data) withData += 1
      if (expected.errors) withErrors += 1
    }
    expect(withData).toBeGreaterThan(cases / 4)
    expect(withErrors).toBeGreaterThan(cases / 4)
  })
})

/** The place of an error, and its message unless it is about a wrong type, which graphql-js words differently. */
const withoutType = ({
  message,
  path,
  locations,
}: Readonly<Record<'message' | 'path' | 'locations', unknown>>) => ({
  path,
  locations,
  message: /^(failed|thrown|Cannot return null)/.test(message as string) ? message : 'other',
})

const never = new Promise<never>(() => {})

const schema = new GraphQLSchema({
  query: new GraphQLObjectType<unknown, { onItem: (item: number) => void }>({
    name: 'Query',
    fields: {
      hangs: { type: GraphQLInt, resolve: () => never },
      items: {
        type: new GraphQLNonNull(new GraphQLList(GraphQLInt)),
        async *resolve(_source, _args, { onItem }) {
          for (let item = 0; item < 100; item += 1) {
            onItem(item)
            yield item
          }
        },
      },
    },
  }),
  mutation: new GraphQLObjectType({ name: 'Mutation', fields: { change: { type: GraphQLInt } } }),
})

const run = (query: string, signal?: AbortSignal, onItem = (_item: number) => {}, fallback = noFallback) =>
  executeQuery({ schema, document: parse(query), contextValue: { onItem }, signal }, fallback)

describe('with a signal', () => {
  it('rejects with its reason when it is aborted, even if a resolver never settles', async () => {
    const controller = new AbortController()
    const result = run('{ hangs }', controller.signal)
    controller.abort(new Error('enough'))
    await expect(result).rejects.toThrow('enough')
  })

  it('rejects before it calls a resolver if it is aborted', async () => {
    const seen: number[] = []
    const signal = AbortSignal.abort(new Error('too late'))
    await expect(run('{ items }', signal, (item) => seen.push(item))).rejects.toThrow('too late')
    expect(seen).toEqual([])
  })

  it('requests no more items of a list once it is aborted', async () => {
    const controller = new AbortController()
    const seen: number[] = []
    const result = run('{ items }', controller.signal, (item) => {
      seen.push(item)
      if (item === 3) controller.abort(new Error('enough'))
    })
    await expect(result).rejects.toThrow('enough')
    await new Promise((resolve) => setTimeout(resolve, 10))
    expect(seen).toEqual([0, 1, 2, 3])
  })

  it('removes its listener at the end', async () => {
    const { signal } = new AbortController()
    await run('{ items }', signal)
    expect(getEventListeners(signal, 'abort')).toEqual([])
  })
})

describe('the fallback', () => {
  const fallback: Execute = () => ({ data: { from: 'fallback' } })
  it.each([
    ['a mutation', 'mutation { change }'],
    ['several operations without a name', 'query A { hangs } query B { hangs }'],
    ['an invalid variable', 'query ($if: Boolean!) { hangs @skip(if: $if) }'],
  ])('executes %s', async (_name, query) => {
    expect(await run(query, undefined, undefined, fallback)).toEqual({ data: { from: 'fallback' } })
  })
})
