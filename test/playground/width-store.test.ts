// Which responses cover their operation.

import { expect, it } from 'vitest'
import { WidthStore } from '../../playground/src/results/panel/width-store.ts'

function createStore(kept = new Map<string, string>()) {
  return new WidthStore({
    getItem: (key) => kept.get(key) ?? null,
    setItem: (key, value) => void kept.set(key, value),
  })
}

it('only the tab that was opened wide is wide, not one that the user opens next', () => {
  const store = createStore()
  store.open('start', true)
  expect(['start', 'new'].map((tab) => store.isWide(tab))).toEqual([true, false])
  store.open('other', false)
  expect(['start', 'other'].map((tab) => store.isWide(tab))).toEqual([true, false])
  store.open('start', false)
  expect(store.isWide('start')).toBe(false)
})

it('the choice of the user is that of all tabs, and outlasts a reload', () => {
  const kept = new Map<string, string>()
  const store = createStore(kept)
  store.choose(true)
  store.open('typed', false)
  expect(store.isWide('typed')).toBe(true)
  expect(createStore(kept).isWide('any')).toBe(true)
  store.open('start', true)
  store.choose(false)
  expect(store.isWide('start')).toBe(false)
  expect(createStore(kept).isWide('start')).toBe(false)
})

it('views are notified of each change until they stop listening', () => {
  const store = createStore()
  const seen: boolean[] = []
  const stop = store.subscribe(() => seen.push(store.isWide('start')))
  store.open('start', true)
  store.choose(false)
  stop()
  store.choose(true)
  expect(seen).toEqual([true, false])
})
