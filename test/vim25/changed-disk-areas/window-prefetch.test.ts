// Tests the window that is queried in advance: who gets it, who pays for it, and when it is dropped. The session is scripted,
// and time is a manual clock.

import { setImmediate as turn } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { FairQueue, NoCapacityError } from '../../../src/concurrency/fair-queue.ts'
import { createManualClock } from '../../../src/simulator/index.ts'
import { WindowPrefetch } from '../../../src/vim25/changed-disk-areas/window-prefetch.ts'
import { withFairQueue } from '../../../src/vim25/session/call-decorators.ts'
import type { CallOptions, CallRecord } from '../../../src/vim25/session/call-options.ts'
import type { Login } from '../../../src/vim25/session/login.ts'
import type { SoapCall } from '../../../src/vim25/session/soap-call.ts'

const vm = { type: 'VirtualMachine', value: 'vm-1' }
const snapshot = { type: 'VirtualMachineSnapshot', value: 'snapshot-1' }
const at = (startOffset: number) => ({ snapshot, deviceKey: 2000, startOffset, changeId: '*' })

interface PendingCall {
  readonly offset: number
  readonly callOptions: CallOptions
  respond(): void
  fail(error: Error): void
}

/** A prefetch whose calls stay pending until the test ends them. */
function scripted(queue = new FairQueue({ capacity: 8 })) {
  const clock = createManualClock()
  const calls: PendingCall[] = []
  const send = ((_method, _self, args, callOptions, streaming) =>
    new Promise((resolve, reject) => {
      const { startOffset } = args as unknown as { startOffset: number }
      callOptions.signal?.addEventListener('abort', () => reject(callOptions.signal?.reason))
      calls.push({
        offset: startOffset,
        callOptions,
        respond() {
          callOptions.onBytes?.(100)
          streaming?.handlers.get('startOffset')?.(startOffset)
          streaming?.handlers.get('length')?.(10)
          streaming?.handlers.get('changedArea')?.({ start: startOffset, length: 1 })
          callOptions.onCall?.({ method: 'QueryChangedDiskAreas', bytes: 100 } as CallRecord)
          resolve(undefined as never)
        },
        fail: reject,
      })
    })) as SoapCall
  const login = { call: withFairQueue(queue, send) } as Login
  const prefetch = new WindowPrefetch({ withLogin: (work) => work(login) }, clock)
  return { prefetch, clock, calls }
}

/** The options of an operation that records what counts for it. */
function operation(maxBytes = 1_000) {
  const controller = new AbortController()
  const counted = { bytes: 0, calls: 0 }
  const callOptions: CallOptions = {
    signal: controller.signal,
    onBytes(bytes) {
      counted.bytes += bytes
      if (counted.bytes <= maxBytes) return
      controller.abort(new Error('too many bytes'))
      throw controller.signal.reason
    },
    onCall: () => {
      counted.calls += 1
    },
  }
  return { callOptions, counted, controller }
}

const windowAt = (offset: number) => ({
  startOffset: offset,
  length: 10,
  changedArea: [{ start: offset, length: 1 }],
})

describe('a window that is queried in advance', () => {
  it.each(['before', 'after'] as const)(
    'is taken once, and counts for the operation that takes it, when it arrives %s that',
    async (order) => {
      const { prefetch, calls } = scripted()
      prefetch.start(vm, at(10))
      if (order === 'before') calls[0]?.respond()
      const { callOptions, counted } = operation()
      const taken = prefetch.take(vm, at(10), callOptions)
      if (order === 'after') calls[0]?.respond()
      expect(await taken).toEqual(windowAt(10))
      expect(counted).toEqual({ bytes: 100, calls: 1 })
      expect(await prefetch.take(vm, at(10), callOptions)).toBeUndefined()
      expect(calls).toHaveLength(1)
    },
  )

  it('is not taken for another offset, disk, snapshot, starting point or virtual machine', async () => {
    const { prefetch, calls } = scripted()
    prefetch.start(vm, at(10))
    calls[0]?.respond()
    const { callOptions, counted } = operation()
    for (const other of [
      at(11),
      { ...at(10), deviceKey: 2001 },
      { ...at(10), changeId: '52 1/1' },
      { ...at(10), snapshot: { ...snapshot, value: 'snapshot-2' } },
    ])
      expect(await prefetch.take(vm, other, callOptions)).toBeUndefined()
    expect(await prefetch.take({ ...vm, value: 'vm-2' }, at(10), callOptions)).toBeUndefined()
    expect(counted).toEqual({ bytes: 0, calls: 0 })
    expect(await prefetch.take(vm, at(10), callOptions)).toEqual(windowAt(10))
  })

  it('is the only one, also while it is still pending', async () => {
    const { prefetch, calls } = scripted()
    prefetch.start(vm, at(10))
    prefetch.start(vm, at(20))
    prefetch.start({ ...vm, value: 'vm-2' }, at(10))
    expect(calls.map(({ offset }) => offset)).toEqual([10])
    const taken = prefetch.take(vm, at(10), {})
    prefetch.start(vm, at(20))
    expect(calls.map(({ offset }) => offset)).toEqual([10, 20])
    for (const call of calls) call.respond()
    expect(await taken).toEqual(windowAt(10))
    expect(await prefetch.take(vm, at(20), {})).toEqual(windowAt(20))
  })

  it.each([
    ['it has waited for five seconds', ({ clock }: Scripted) => clock.advance(5_000)],
    ['the client disconnects', (_: Scripted, client: AbortController) => client.abort()],
    ['the session closes', ({ prefetch }: Scripted) => prefetch.close()],
  ])('is dropped with its call when %s, and none follows for the same list', async (_, end) => {
    const started = scripted()
    const { prefetch, clock, calls } = started
    const client = new AbortController()
    prefetch.start(vm, at(10), client.signal)
    clock.advance(4_999)
    expect(calls[0]?.callOptions.signal?.aborted).toBe(false)
    end(started, client)
    expect(calls[0]?.callOptions.signal?.aborted).toBe(true)
    expect(await prefetch.take(vm, at(10), {})).toBeUndefined()
    prefetch.start(vm, at(20))
    expect(calls).toHaveLength(1)
  })

  it('is queried for other lists after one was dropped, but not after the session has closed', () => {
    const { prefetch, clock, calls } = scripted()
    prefetch.start(vm, at(10))
    clock.advance(5_000)
    prefetch.start({ ...vm, value: 'vm-2' }, at(10))
    expect(calls).toHaveLength(2)
    prefetch.close()
    prefetch.start({ ...vm, value: 'vm-3' }, at(10))
    expect(calls).toHaveLength(2)
  })

  it('outlives neither its timer nor its client once it is taken', async () => {
    const { prefetch, clock, calls } = scripted()
    const client = new AbortController()
    prefetch.start(vm, at(10), client.signal)
    const taken = prefetch.take(vm, at(10), {})
    client.abort()
    clock.advance(5_000)
    calls[0]?.respond()
    expect(await taken).toEqual(windowAt(10))
  })

  it.each(['before', 'after'] as const)('reports no error when it fails %s it is taken', async (order) => {
    const { prefetch, calls } = scripted()
    prefetch.start(vm, at(10))
    const fail = () => calls[0]?.fail(new Error('connection lost'))
    if (order === 'before') fail()
    await turn()
    const taken = prefetch.take(vm, at(10), {})
    if (order === 'after') fail()
    expect(await taken).toBeUndefined()
  })

  it.each(['before', 'after'] as const)(
    'fails the operation whose limit it exceeds when it arrives %s it is taken',
    async (order) => {
      const { prefetch, calls } = scripted()
      prefetch.start(vm, at(10))
      if (order === 'before') calls[0]?.respond()
      const { callOptions } = operation(50)
      const taken = prefetch.take(vm, at(10), callOptions)
      taken.catch(() => {})
      try {
        if (order === 'after') calls[0]?.respond()
      } catch (error) {
        calls[0]?.fail(error as Error)
      }
      await expect(taken).rejects.toThrow('too many bytes')
    },
  )

  it('is aborted when the operation that takes it is', async () => {
    const { prefetch, calls } = scripted()
    prefetch.start(vm, at(10))
    const { callOptions, controller } = operation()
    const taken = prefetch.take(vm, at(10), callOptions)
    controller.abort(new Error('disconnected'))
    await expect(taken).rejects.toThrow('disconnected')
    expect(calls[0]?.callOptions.signal?.aborted).toBe(true)
  })

  it('is not queried while other reads wait or use half of the read queue, and is when they have ended', async () => {
    const queue = new FairQueue({ capacity: 4 })
    const { prefetch, calls } = scripted(queue)
    const releases = await Promise.all([queue.acquire({}), queue.acquire({})])
    prefetch.start(vm, at(10))
    await turn()
    expect(calls).toHaveLength(0)
    expect(queue.queued).toBe(0)
    releases[0]?.()
    prefetch.start(vm, at(10))
    expect(calls).toHaveLength(1)
    await expect(queue.run({ onlyIfIdle: true }, async () => {})).rejects.toThrow(NoCapacityError)
  })

  it('is never queried when the vCenter serves one read at a time', async () => {
    const { prefetch, calls } = scripted(new FairQueue({ capacity: 1 }))
    prefetch.start(vm, at(10))
    await turn()
    expect(calls).toHaveLength(0)
  })
})

type Scripted = ReturnType<typeof scripted>
