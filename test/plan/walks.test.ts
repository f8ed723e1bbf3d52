// How long the order of a walk is kept, and when it is forgotten.

import { expect, it } from 'vitest'
import type { Standing } from '../../src/plan/page.ts'
import { WalkRoom, walkMs } from '../../src/plan/walks.ts'

const standings: readonly Standing[] = [
  { ref: { type: 'VirtualMachine', value: 'vm-1' }, key: 'a', moid: 'vm-1' },
]

function createWalks() {
  let ms = 1
  const room = new WalkRoom({ now: () => ms })
  return {
    room,
    walks: room.part(),
    wait: (more: number) => {
      ms += more
    },
  }
}

it('a walk is kept until its time is over, however often it is gone on with', () => {
  const { walks, wait } = createWalks()
  walks.keep('a', standings, 0)
  wait(walkMs - 1)
  expect(walks.find('a', 0)).toBe(standings)
  wait(2)
  expect(walks.find('a', 0)).toBeUndefined()
})

it('a walk is not gone on with when something was changed since, nor by another', () => {
  const { walks } = createWalks()
  walks.keep('a', standings, 3)
  expect(walks.find('b', 3)).toBeUndefined()
  expect(walks.find('a', 3)).toBe(standings)
  expect(walks.find('a', 4)).toBeUndefined()
})

it('the walks of one session are not found by another, but share their room', () => {
  const { room, walks } = createWalks()
  const other = room.part()
  walks.keep('a', standings, 0)
  expect(other.find('a', 0)).toBeUndefined()
  expect(walks.find('a', 0)).toBe(standings)
  const large = Array.from({ length: 500_000 - 1 }, () => standings[0] as Standing)
  other.keep('a', large, 0)
  expect(other.find('a', 0)).toBe(large)
  expect(walks.find('a', 0)).toBeUndefined()
})

it('the walks that were gone on with least recently make room for new ones', () => {
  const { walks } = createWalks()
  const large = Array.from({ length: 200_000 }, () => standings[0] as Standing)
  walks.keep('a', large, 0)
  walks.keep('b', large, 0)
  walks.find('a', 0)
  walks.keep('c', large, 0)
  expect(walks.find('a', 0)).toBe(large)
  expect(walks.find('b', 0)).toBeUndefined()
})
