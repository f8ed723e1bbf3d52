// How long the order that pages are cut from is kept, who continues it, and how much memory all of them take.

import { expect, it } from 'vitest'
import type { SortedRef } from '../../src/planner/page.ts'
import { orderTtlMs, SharedPageOrderCache } from '../../src/planner/page-order-cache.ts'

const open = (moid: string, key: string): SortedRef => ({
  ref: { type: 'VirtualMachine', value: moid },
  key,
  moid,
})
const sortedRefs: readonly SortedRef[] = [open('vm-1', 'a')]

function createWalks() {
  let ms = 1
  const room = new SharedPageOrderCache({ now: () => ms })
  const walks = room.partition()
  return {
    room,
    walks,
    wait: (more: number) => {
      ms += more
    },
    /** Keeps an order of a walk; returns it. */
    keep: (walk: string, of: readonly SortedRef[], generation = 0, part = walks) => {
      const ordered = part.identify(walk, of)
      part.set(walk, ordered, generation)
      return ordered
    },
  }
}

it('keeps an order until its time is over, however often it is continued', () => {
  const { walks, wait, keep } = createWalks()
  const ordered = keep('a', sortedRefs)
  wait(orderTtlMs - 1)
  expect(walks.get('a', [ordered.id], 0)).toBe(ordered)
  wait(2)
  expect(walks.get('a', [ordered.id], 0)).toBeUndefined()
})

it('does not continue an order after a change, nor one of another walk', () => {
  const { walks, keep } = createWalks()
  const ordered = keep('a', sortedRefs, 3)
  expect(walks.get('b', [ordered.id], 3)).toBeUndefined()
  expect(walks.get('a', ['unknown'], 3)).toBeUndefined()
  expect(walks.get('a', [], 3)).toBeUndefined()
  expect(walks.get('a', [ordered.id], 3)).toBe(ordered)
  expect(walks.get('a', [ordered.id], 4)).toBeUndefined()
})

it('keeps an order when the same walk begins again with another one', () => {
  const { walks, keep } = createWalks()
  const first = keep('a', sortedRefs)
  const second = keep('a', [open('vm-1', 'renamed')])
  expect(second.id).not.toBe(first.id)
  expect(walks.get('a', [first.id], 0)).toBe(first)
  expect(walks.get('a', [second.id], 0)).toBe(second)
})

it('keeps one order for first pages between which nothing changed, from the last of them on', () => {
  const { walks, wait, keep } = createWalks()
  const first = keep('a', sortedRefs)
  wait(orderTtlMs - 1)
  expect(keep('a', [...sortedRefs])).toBe(first)
  expect(keep('b', [...sortedRefs]).id).not.toBe(first.id)
  wait(2)
  expect(walks.get('a', [first.id], 0)).toBe(first)
  wait(orderTtlMs)
  expect(keep('a', sortedRefs).id).not.toBe(first.id)
})

it('does not find the orders of another session, but shares the memory', () => {
  const { room, walks, keep } = createWalks()
  const other = room.partition()
  const ordered = keep('a', sortedRefs)
  expect(other.get('a', [ordered.id], 0)).toBeUndefined()
  expect(walks.get('a', [ordered.id], 0)).toBe(ordered)
  const large = keep(
    'a',
    Array.from({ length: 498_325 }, () => open('vm-1', 'a')),
    0,
    other,
  )
  expect(other.get('a', [large.id], 0)).toBe(large)
  expect(walks.get('a', [ordered.id], 0)).toBeUndefined()
})

it('discards the orders that were continued least recently', () => {
  const { walks, keep } = createWalks()
  const large = () => Array.from({ length: 200_000 }, () => open('vm-1', 'a'))
  const [a, b] = [keep('a', large()), keep('b', large())]
  walks.get('a', [a.id], 0)
  keep('c', large())
  expect(walks.get('a', [a.id], 0)).toBe(a)
  expect(walks.get('b', [b.id], 0)).toBeUndefined()
})

it('bounds the number of orders, and counts the length of keys and of filters', () => {
  const { walks, keep } = createWalks()
  const small = Array.from({ length: 1_001 }, (_, index) => keep(`walk ${index}`, sortedRefs))
  expect(walks.get('walk 0', [small[0]!.id], 0)).toBeUndefined()
  expect(walks.get('walk 1', [small[1]!.id], 0)).toBe(small[1])
  const long = keep('long', [open('vm-1', 'x'.repeat(60_000_000))])
  expect(walks.get('long', [long.id], 0)).toBeUndefined()
  const walk = 'x'.repeat(30_000_000)
  const filtered = keep(walk, sortedRefs)
  expect(walks.get(walk, [filtered.id], 0)).toBeUndefined()
})
