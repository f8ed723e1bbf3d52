// Tests the fair queue: its limits, first come first served within a caller, and round robin between callers.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FairQueue, type SlotRequest } from '../../src/concurrency/fair-queue.ts'
import { createManualClock } from '../../src/simulator/index.ts'
import { errorOf } from '../vim25/connect.ts'

const settled = () => new Promise(setImmediate)
const callers = (count: number): object[] => Array.from({ length: count }, () => ({}))

/** A queue whose calls run until the test ends them, and the order in which they started. */
function start(most: number) {
  const queue = new FairQueue({ capacity: most })
  const started: string[] = []
  const ends = new Map<string, () => void>()
  async function end(name = ends.keys().next().value as string): Promise<void> {
    ends.get(name)?.()
    await settled()
  }
  return {
    queue,
    started,
    execute: (name: string, request: SlotRequest = {}) =>
      queue.run(request, () => {
        started.push(name)
        return new Promise<string>((resolve) => {
          ends.set(name, () => {
            ends.delete(name)
            resolve(name)
          })
        })
      }),
    end,
    async endAll() {
      while (ends.size > 0) await end()
    },
  }
}

describe('a fair queue', () => {
  it('starts calls up to the limit, and one more as each ends', async () => {
    const { execute, started, end, endAll } = start(2)
    const all = Promise.all(['a', 'b', 'c', 'd'].map((name) => execute(name)))
    expect(started).toEqual(['a', 'b'])
    await end('b')
    expect(started).toEqual(['a', 'b', 'c'])
    await endAll()
    expect(await all).toEqual(['a', 'b', 'c', 'd'])
  })

  it('does not delay a caller with one call behind a caller with five hundred', async () => {
    const { execute, started, end, endAll } = start(1)
    const [many, one, other] = callers(3)
    const all = Array.from({ length: 500 }, (_, index) => execute(`many ${index}`, { caller: many }))
    all.push(execute('one', { caller: one }), execute('other', { caller: other }), execute('no caller'))
    for (let turn = 0; turn < 5; turn += 1) await end()
    expect(started).toEqual(['many 0', 'many 1', 'one', 'other', 'no caller', 'many 2'])
    await endAll()
    await Promise.all(all)
    expect(started.filter((name) => name.startsWith('many'))).toEqual(
      Array.from({ length: 500 }, (_, index) => `many ${index}`),
    )
  })

  it('runs requests of high priority first', async () => {
    const { execute, started, endAll } = start(1)
    const [one, other] = callers(2)
    const changing = { caller: {}, isHighPriority: true }
    const all = [
      execute('one', { caller: one }),
      execute('one again', { caller: one }),
      execute('other', { caller: other }),
      execute('change', changing),
      execute('its payload', changing),
    ]
    await endAll()
    await Promise.all(all)
    expect(started).toEqual(['one', 'change', 'its payload', 'one again', 'other'])
  })

  it('drops a call at once when it is aborted while queued, and never queues one that is already aborted', async () => {
    const { execute, started, end } = start(1)
    const abort = new AbortController()
    const reason = new Error('disconnected')
    const first = execute('a')
    const left = errorOf(execute('b', { signal: abort.signal }))
    const last = execute('c')
    abort.abort(reason)
    expect(await left).toBe(reason)
    expect(await errorOf(execute('d', { signal: abort.signal }))).toBe(reason)
    await end()
    await end()
    expect(started).toEqual(['a', 'c'])
    expect([await first, await last]).toEqual(['a', 'c'])
  })

  it('continues after a call that failed, also when it threw synchronously', async () => {
    const { queue, execute, end } = start(1)
    const failed = errorOf(queue.run({}, () => Promise.reject(new Error('no'))))
    const thrown = errorOf(
      queue.run({}, () => {
        throw new Error('never')
      }),
    )
    const next = execute('next')
    expect([(await failed).message, (await thrown).message]).toEqual(['no', 'never'])
    await end()
    expect(await next).toBe('next')
  })

  it('keeps its limit and its order under any sequence of starts, ends and aborts', async () => {
    const action = fc.oneof(
      { weight: 4, arbitrary: fc.record({ kind: fc.constant('come'), which: fc.nat(4) }) },
      { weight: 3, arbitrary: fc.record({ kind: fc.constant('end'), which: fc.nat(20) }) },
      { weight: 1, arbitrary: fc.record({ kind: fc.constant('leave'), which: fc.nat(20) }) },
    )
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 4 }), fc.array(action, { maxLength: 60 }), expectFairOrder),
      { numRuns: 200 },
    )
  })
})

interface QueuedCall {
  readonly caller: object
  readonly abort: AbortController
  /** The callers that were served while this call was at the head of its caller's queue. */
  readonly overtaken: Set<object>
  outcome?: 'done' | 'left'
}

/** Runs the actions, and checks each call that starts against the rules of a fair queue. */
async function expectFairOrder(most: number, actions: { kind: string; which: number }[]): Promise<void> {
  const queue = new FairQueue({ capacity: most })
  const allCallers = callers(5)
  const priorityCaller = allCallers[4] as object
  const waiting: QueuedCall[] = []
  const running = new Map<QueuedCall, () => void>()
  const all: { queuedCall: QueuedCall; promise: Promise<void> }[] = []
  const headOf = (caller: object) => waiting.find((each) => each.caller === caller)

  function startCall(queuedCall: QueuedCall): Promise<void> {
    const { caller } = queuedCall
    expect(headOf(caller)).toBe(queuedCall)
    waiting.splice(waiting.indexOf(queuedCall), 1)
    expect(running.size).toBeLessThan(most)
    if (caller !== priorityCaller) {
      expect(headOf(priorityCaller)).toBeUndefined()
      for (const other of allCallers) {
        const head = other === caller ? undefined : headOf(other)
        if (!head) continue
        expect(head.overtaken.has(caller)).toBe(false)
        head.overtaken.add(caller)
      }
    }
    return new Promise((resolve) => {
      running.set(queuedCall, () => {
        running.delete(queuedCall)
        resolve()
      })
    })
  }

  for (const { kind, which } of actions) {
    if (kind === 'come') {
      const abort = new AbortController()
      const caller = allCallers[which] as object
      const queuedCall: QueuedCall = { caller, abort, overtaken: new Set() }
      waiting.push(queuedCall)
      const promise = queue
        .run({ caller, signal: abort.signal, isHighPriority: caller === priorityCaller }, () =>
          startCall(queuedCall),
        )
        .then(
          () => {
            queuedCall.outcome = 'done'
          },
          () => {
            queuedCall.outcome = 'left'
          },
        )
      all.push({ queuedCall, promise })
    } else if (kind === 'end') [...running.values()][which % running.size]?.()
    else {
      const [leaving] = waiting.splice(which % waiting.length, 1)
      leaving?.abort.abort()
    }
    await settled()
    // No call waits while there is a free slot.
    if (waiting.length > 0) expect(running.size).toBe(most)
  }
  while (running.size > 0) {
    for (const end of [...running.values()]) end()
    await settled()
  }
  await Promise.all(all.map(({ promise }) => promise))
  expect(waiting).toEqual([])
  for (const { queuedCall } of all)
    expect(queuedCall.outcome).toBe(queuedCall.abort.signal.aborted ? 'left' : 'done')
}

describe('a slot of a fair queue', () => {
  const full = expect.objectContaining({ name: 'NoCapacityError' })

  it('is free again once after it was released, however often', async () => {
    const queue = new FairQueue({ capacity: 2, maxQueued: 0 })
    const release = await queue.acquire({})
    await queue.acquire({})
    expect(queue.used).toBe(2)
    expect(await errorOf(queue.acquire({}))).toEqual(full)
    release()
    release()
    expect(queue.used).toBe(1)
    expect(await queue.acquire({})).toBeTypeOf('function')
    expect(await errorOf(queue.acquire({}))).toEqual(full)
  })

  it('is granted in the order of the queue, and refused when the queue is full', async () => {
    const queue = new FairQueue({ capacity: 1, maxQueued: 2 })
    const release = await queue.acquire({})
    const order: string[] = []
    const acquire = async (name: string) => {
      const release = await queue.acquire({})
      order.push(name)
      return release
    }
    const second = acquire('second')
    const third = acquire('third')
    expect(queue.queued).toBe(2)
    expect(await errorOf(queue.acquire({}))).toEqual(full)
    release()
    ;(await second)()
    ;(await third)()
    expect(order).toEqual(['second', 'third'])
    expect([queue.used, queue.queued]).toEqual([0, 0])
  })

  it('is refused to a caller whose own queue is full, but not to other callers', async () => {
    const queue = new FairQueue({ capacity: 1, maxQueuedPerCaller: 1 })
    const release = await queue.acquire({})
    const queued = queue.acquire({ caller: 'a' })
    expect(await errorOf(queue.acquire({ caller: 'a' }))).toEqual(full)
    const other = queue.acquire({ caller: 'b' })
    release()
    ;(await queued)()
    ;(await other)()
    expect([queue.used, queue.queued]).toEqual([0, 0])
  })

  it('is refused after the time in the queue, and to a client that disconnects', async () => {
    const clock = createManualClock()
    const queue = new FairQueue({ capacity: 1, maxQueued: 2, queueTimeoutMs: 10_000, clock })
    const release = await queue.acquire({})
    const client = new AbortController()
    const reason = new Error('disconnected')
    const disconnected = errorOf(queue.acquire({ signal: client.signal }))
    const patient = errorOf(queue.acquire({}))
    client.abort(reason)
    expect(await disconnected).toBe(reason)
    clock.advance(9_999)
    expect(queue.queued).toBe(1)
    clock.advance(1)
    expect(await patient).toEqual(full)
    expect([queue.used, queue.queued]).toEqual([1, 0])
    const admitted = queue.acquire({})
    release()
    await admitted
    clock.advance(10_000)
    expect([queue.used, queue.queued]).toEqual([1, 0])
  })

  it('is refused to a known caller that has its maximum, without blocking other callers', async () => {
    const queue = new FairQueue({ capacity: 4, maxPerCaller: 2, maxQueued: 4 })
    const release = await queue.acquire({ caller: 'a' })
    await queue.acquire({ caller: 'a' })
    const third = queue.acquire({ caller: 'a' })
    expect(queue.queued).toBe(1)
    expect(await queue.acquire({ caller: 'b' })).toBeTypeOf('function')
    release()
    expect(await third).toBeTypeOf('function')
    expect(queue.used).toBe(3)
  })

  it('has a weight: a request waits until its weight is free, and smaller ones may overtake it', async () => {
    const queue = new FairQueue({ capacity: 10, maxQueued: 2 })
    const large = () => queue.acquire({ weight: 5 })
    const first = await large()
    expect([queue.used, queue.inFlight]).toEqual([5, 1])
    const small = await queue.acquire({})
    const second = large()
    expect(queue.queued).toBe(1)
    expect(await queue.acquire({ weight: 2 })).toBeTypeOf('function')
    expect([queue.used, queue.inFlight]).toEqual([8, 3])
    small()
    expect(queue.queued).toBe(1)
    first()
    ;(await second)()
    expect([queue.used, queue.inFlight, queue.queued]).toEqual([2, 1, 0])
  })

  it('is granted to a large request after as many smaller ones as the capacity have overtaken it', async () => {
    const queue = new FairQueue({ capacity: 4, maxPerCaller: 2, maxQueued: 100 })
    const order: string[] = []
    const acquire = async (name: string, caller: string, weight = 1) => {
      const release = await queue.acquire({ caller, weight })
      order.push(name)
      return release
    }
    const held = [await acquire('first', 'b'), await acquire('second', 'b'), await acquire('third', 'c')]
    held.push(await acquire('fourth', 'c'))
    const large = acquire('large', 'a', 2)
    const small = Array.from({ length: 20 }, (_, index) => acquire(`small ${index}`, index % 2 ? 'b' : 'c'))
    for (let index = 0; !order.includes('large'); index++) {
      expect(index).toBeLessThan(8)
      ;(await [...held, ...small][index])?.()
      await settled()
    }
    // Four were admitted at the start, and four overtook it.
    expect(order.indexOf('large')).toBe(8)
    ;(await large)()
    for (const each of small) (await each)()
    expect([queue.used, queue.queued]).toEqual([0, 0])
  })

  it('rejects a request that would wait forever', async () => {
    const queue = new FairQueue({ capacity: 4, maxPerCaller: 2 })
    expect(await errorOf(queue.acquire({ caller: 'a', weight: 3 }))).toEqual(
      new RangeError('a request of weight 3 would wait forever'),
    )
  })

  it('is never granted over a limit, and never withheld while there is capacity, under any sequence of requests', async () => {
    const action = fc.record({
      kind: fc.constantFrom('acquire', 'acquire', 'acquire', 'release', 'release', 'abort', 'wait'),
      which: fc.nat(20),
      caller: fc.constantFrom('a', 'b', undefined),
      weight: fc.integer({ min: 1, max: 3 }),
    })
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 3, max: 6 }),
        fc.array(action, { minLength: 20, maxLength: 80 }),
        expectLimits,
      ),
      { numRuns: 200 },
    )
  })
})

interface RandomRequest {
  readonly caller: string | undefined
  readonly weight: number
}

/** Runs the actions, and compares the queue with the held and the waiting requests after each. */
async function expectLimits(
  capacity: number,
  actions: (RandomRequest & { kind: string; which: number })[],
): Promise<void> {
  const clock = createManualClock()
  const limits = { maxPerCaller: 3, maxQueued: 4, queueTimeoutMs: 10 }
  const queue = new FairQueue({ capacity, clock, ...limits })
  const held = new Map<RandomRequest, () => void>()
  const waiting = new Map<RandomRequest, AbortController>()
  const total = (requests: Iterable<RandomRequest>) =>
    [...requests].reduce((sum, { weight }) => sum + weight, 0)
  const usedBy = (name: string) => total([...held.keys()].filter(({ caller }) => caller === name))
  const isPossible = ({ caller, weight }: RandomRequest) =>
    queue.used + weight <= capacity &&
    (caller === undefined || usedBy(caller) + weight <= limits.maxPerCaller)

  for (const { kind, which, caller, weight } of actions) {
    if (kind === 'acquire') {
      const request = { caller, weight }
      const client = new AbortController()
      const isRefused = !isPossible(request) && waiting.size === limits.maxQueued
      waiting.set(request, client)
      queue.acquire({ ...request, signal: client.signal }).then(
        (release) => {
          waiting.delete(request)
          held.set(request, release)
        },
        () => waiting.delete(request),
      )
      await settled()
      if (isRefused) expect(held.has(request) || waiting.has(request)).toBe(false)
    } else if (kind === 'release') {
      const [request, release] = [...held][which % held.size] ?? []
      if (request) held.delete(request)
      release?.()
    } else if (kind === 'abort') [...waiting.values()][which % waiting.size]?.abort()
    else clock.advance(which % 5)
    await settled()
    expect([queue.used, queue.inFlight, queue.queued]).toEqual([total(held.keys()), held.size, waiting.size])
    expect(queue.used).toBeLessThanOrEqual(capacity)
    for (const name of ['a', 'b']) expect(usedBy(name)).toBeLessThanOrEqual(limits.maxPerCaller)
    // A request waits in spite of capacity only while a larger one is next.
    const isNext = ({ caller, weight }: RandomRequest) =>
      queue.used + weight > capacity &&
      (caller === undefined || usedBy(caller) + weight <= limits.maxPerCaller)
    if (![...waiting.keys()].some(isNext)) expect([...waiting.keys()].filter(isPossible)).toEqual([])
  }
}
