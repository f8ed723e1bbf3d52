// Who has a place, who waits for one, and who is turned away.

import { expect, it, vi } from 'vitest'
import { type Leave, Places } from '../../../src/server/execution/weighted-semaphore.ts'

const never = new AbortController().signal
const take = (places: Places, caller?: string) => places.take(caller, never) as Promise<Leave>

it('there are so many, and one that was given back is there again', async () => {
  const places = new Places({ places: 2 })
  const first = await take(places)
  await take(places)
  expect(places.taken).toBe(2)
  expect(await take(places)).toBeUndefined()
  first()
  first()
  expect(places.taken).toBe(1)
  expect(await take(places)).toBeTypeOf('function')
  expect(await take(places)).toBeUndefined()
})

it('who waits goes in when there is a place, in turn, and who finds the line full is turned away', async () => {
  const places = new Places({ places: 1, line: 2, waitMs: 60_000 })
  const leave = await take(places)
  const order: string[] = []
  const noting = async (name: string) => {
    const leave = await take(places)
    order.push(name)
    return leave
  }
  const second = noting('second')
  const third = noting('third')
  expect(places.waiting).toBe(2)
  expect(await take(places)).toBeUndefined()
  leave()
  ;(await second)()
  ;(await third)()
  expect(order).toEqual(['second', 'third'])
  expect([places.taken, places.waiting]).toEqual([0, 0])
})

it('nobody waits for longer than may be, nor after having hung up', async () => {
  vi.useFakeTimers()
  try {
    const places = new Places({ places: 1, line: 2, waitMs: 10_000 })
    await take(places)
    const client = new AbortController()
    const gone = places.take(undefined, client.signal)
    const patient = take(places)
    client.abort()
    expect(await gone).toBeUndefined()
    expect(places.waiting).toBe(1)
    vi.advanceTimersByTime(10_000)
    expect(await patient).toBeUndefined()
    expect([places.taken, places.waiting]).toEqual([1, 0])
    expect(vi.getTimerCount()).toBe(0)
  } finally {
    vi.useRealTimers()
  }
})

it('a caller who is known has half of them at most, and keeps nobody else waiting', async () => {
  const places = new Places({ places: 4, line: 4, waitMs: 60_000 })
  const own = [await take(places, 'a'), await take(places, 'a')] as const
  const third = take(places, 'a')
  expect(places.waiting).toBe(1)
  expect(await take(places, 'b')).toBeTypeOf('function')
  own[0]()
  expect(await third).toBeTypeOf('function')
  expect(places.taken).toBe(3)
})

it('what is large takes several, half of them at most, and waits until so many are free', async () => {
  const places = new Places({ places: 10, line: 2, waitMs: 60_000 })
  const large = () => places.take(undefined, never, 1) as Promise<Leave>
  const first = await large()
  expect([places.taken, places.inside]).toEqual([5, 1])
  const small = await take(places)
  const second = large()
  expect(places.waiting).toBe(1)
  expect(await places.take(undefined, never, 0.4)).toBeTypeOf('function')
  expect([places.taken, places.inside]).toEqual([8, 3])
  small()
  expect(places.waiting).toBe(1)
  first()
  ;(await second)()
  expect([places.taken, places.inside, places.waiting]).toEqual([2, 1, 0])
})
