// Tests the cache of page orders: how long an order is kept, which requests continue it, and its memory
// limit.

import { expect, it } from 'vitest'
import type { SortedRef } from '../../src/planner/connections/page.ts'
import { orderTtlMs, SharedPageOrderCache } from '../../src/planner/connections/page-order-cache.ts'

const open = (moid: string, key: string): SortedRef => ({
  ref: { type: 'VirtualMachine', value: moid },
  keys: [key],
  moid,
})
const sortedRefs: readonly SortedRef[] = [open('vm-1', 'a')]

function createCache() {
  let ms = 1
  const sharedCache = new SharedPageOrderCache({ now: () => ms })
  const cache = sharedCache.partition()
  return {
    sharedCache,
    cache,
    wait: (more: number) => {
      ms += more
    },
    /** Caches an order of a connection and returns it. */
    keep: (walk: string, of: readonly SortedRef[], generation = 0, part = cache) => {
      const ordered = part.identify(walk, { refs: of, undecidedCount: 0, unreadableCount: 0 })
      part.set(walk, ordered, generation)
      return ordered
    },
  }
}

it('keeps an order until it expires, however often it is continued', () => {
  const { cache, wait, keep } = createCache()
  const ordered = keep('a', sortedRefs)
  wait(orderTtlMs - 1)
  expect(cache.get('a', [ordered.id], 0)).toBe(ordered)
  wait(2)
  expect(cache.get('a', [ordered.id], 0)).toBeUndefined()
})

it('does not continue an order after a write, nor an order of another connection', () => {
  const { cache, keep } = createCache()
  const ordered = keep('a', sortedRefs, 3)
  expect(cache.get('b', [ordered.id], 3)).toBeUndefined()
  expect(cache.get('a', ['unknown'], 3)).toBeUndefined()
  expect(cache.get('a', [], 3)).toBeUndefined()
  expect(cache.get('a', [ordered.id], 3)).toBe(ordered)
  expect(cache.get('a', [ordered.id], 4)).toBeUndefined()
})

it('keeps an order when the same connection starts again with another order', () => {
  const { cache, keep } = createCache()
  const first = keep('a', sortedRefs)
  const second = keep('a', [open('vm-1', 'renamed')])
  expect(second.id).not.toBe(first.id)
  expect(cache.get('a', [first.id], 0)).toBe(first)
  expect(cache.get('a', [second.id], 0)).toBe(second)
})

it('keeps one order for first pages without a change between them, and counts its lifetime from the last of them', () => {
  const { cache, wait, keep } = createCache()
  const first = keep('a', sortedRefs)
  wait(orderTtlMs - 1)
  expect(keep('a', [...sortedRefs])).toBe(first)
  expect(keep('b', [...sortedRefs]).id).not.toBe(first.id)
  wait(2)
  expect(cache.get('a', [first.id], 0)).toBe(first)
  wait(orderTtlMs)
  expect(keep('a', sortedRefs).id).not.toBe(first.id)
})

it('does not find the orders of another session, but shares the memory limit with it', () => {
  const { sharedCache, cache, keep } = createCache()
  const other = sharedCache.partition()
  const ordered = keep('a', sortedRefs)
  expect(other.get('a', [ordered.id], 0)).toBeUndefined()
  expect(cache.get('a', [ordered.id], 0)).toBe(ordered)
  const large = keep(
    'a',
    Array.from({ length: 498_325 }, () => open('vm-1', 'a')),
    0,
    other,
  )
  expect(other.get('a', [large.id], 0)).toBe(large)
  expect(cache.get('a', [ordered.id], 0)).toBeUndefined()
})

it('discards the least recently continued orders', () => {
  const { cache, keep } = createCache()
  const large = () => Array.from({ length: 200_000 }, () => open('vm-1', 'a'))
  const [a, b] = [keep('a', large()), keep('b', large())]
  cache.get('a', [a.id], 0)
  keep('c', large())
  expect(cache.get('a', [a.id], 0)).toBe(a)
  expect(cache.get('b', [b.id], 0)).toBeUndefined()
})

it('limits the number of orders, and counts the length of keys and filters', () => {
  const { cache, keep } = createCache()
  const small = Array.from({ length: 1_001 }, (_, index) => keep(`walk ${index}`, sortedRefs))
  expect(cache.get('walk 0', [small[0]!.id], 0)).toBeUndefined()
  expect(cache.get('walk 1', [small[1]!.id], 0)).toBe(small[1])
  const long = keep('long', [open('vm-1', 'x'.repeat(60_000_000))])
  expect(cache.get('long', [long.id], 0)).toBeUndefined()
  const walk = 'x'.repeat(30_000_000)
  const filtered = keep(walk, sortedRefs)
  expect(cache.get(walk, [filtered.id], 0)).toBeUndefined()
})
