// Files of persisted operations, in the formats of compilers.

import { expect, it } from 'vitest'
import { mergePersistedOperations, readPersistedOperations } from '../../src/client/index.ts'

const apollo = {
  format: 'apollo-persisted-query-manifest',
  version: 1,
  operations: [{ id: 'a1', name: 'A', type: 'query', body: 'query A { vcenters { name } }' }],
}
const relay = { b2: 'query B { vcenters { id } }' }

it('merges the formats of Apollo, Relay and graphql-codegen into one map', () => {
  expect(mergePersistedOperations(apollo, relay)).toEqual({
    a1: 'query A { vcenters { name } }',
    b2: 'query B { vcenters { id } }',
  })
  expect(readPersistedOperations()).toEqual(new Map())
  expect(mergePersistedOperations(relay, relay)).toEqual(relay)
})

it('keeps ids that are names of object members', () => {
  const content = JSON.parse('{ "__proto__": "{ a }", "constructor": "{ b }" }')
  expect(Object.entries(mergePersistedOperations(content))).toEqual([
    ['__proto__', '{ a }'],
    ['constructor', '{ b }'],
  ])
})

it('rejects different documents with the same id', () => {
  expect(() => mergePersistedOperations(relay, { b2: 'query B { vcenters { name } }' })).toThrow(
    'has different documents with the id "b2"',
  )
})

it.each([
  [undefined],
  [null],
  [[]],
  ['text'],
  [{ a: 1 }],
  [{ ...apollo, operations: [{ id: 'a1' }] }],
  [{ ...apollo, operations: [null] }],
  [{ ...apollo, operations: {} }],
  [{ ...apollo, format: 'other' }],
])('rejects a file of another format: %j', (content) => {
  expect(() => readPersistedOperations(content)).toThrow(
    'must contain a JSON object that maps ids to documents',
  )
})
