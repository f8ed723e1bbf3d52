// Where the page keeps its state, and whether the tabs of a window have an operation.

import { expect, it } from 'vitest'
import { createPageStorage, hasOperation } from '../../playground/src/tabs/page-storage.ts'

/** The keys are properties, as those of the browser's Storage are. */
const createStorage = (): Storage =>
  Object.create(
    {
      getItem(this: Record<string, string>, key: string) {
        return Object.hasOwn(this, key) ? this[key] : null
      },
      setItem(this: Record<string, string>, key: string, value: string) {
        this[key] = value
      },
      removeItem(this: Record<string, string>, key: string) {
        delete this[key]
      },
    },
    {},
  )

it('each window has its own tabs, and all share everything else', () => {
  const browser = createStorage()
  const [first, second] = [
    createPageStorage(createStorage(), browser),
    createPageStorage(createStorage(), browser),
  ]
  for (const key of ['graphiql:tabState', 'graphiql:query', 'graphiql:variables', 'graphiql:theme'])
    first.setItem(key, 'of ann')
  expect(Object.keys(browser)).toEqual(['graphiql:theme'])
  expect([second.getItem('graphiql:tabState'), second.getItem('graphiql:theme')]).toEqual([null, 'of ann'])
  expect([first.length, second.length]).toEqual([4, 1])
  browser.setItem('vsphere-graphql:response', 'json')
  first.clear()
  expect([first.length, Object.keys(browser)]).toEqual([0, ['vsphere-graphql:response']])
})

it.each([
  [null, false],
  ['no JSON', false],
  [JSON.stringify({ tabs: [{ query: null }, { query: ' \n' }] }), false],
  [JSON.stringify({ tabs: [{ query: null }, { query: '{ vcenters { name } }' }] }), true],
])('the tabs %s have an operation: %s', (tabState, expected) => {
  expect(hasOperation({ getItem: () => tabState })).toBe(expected)
})
