// Tests waiting for tasks: one stream for all of them, no polling, and nothing left behind.

import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { VimFault } from '../../../src/simulator/index.ts'
import { startTask } from '../../../src/simulator/tasks.ts'
import type { ManagedObjectReference } from '../../../src/soap/vim-types.ts'
import type { Transport } from '../../../src/transport/transport.ts'
import { createTaskWatcher, hasEnded, type TaskInfo } from '../../../src/vim25/tasks/task-watcher.ts'
import { createUpdateStream } from '../../../src/vim25/updates/update-stream.ts'
import { bodyOf, connect, errorOf, noLiveObjects, vmRef, waitUntil } from '../connect.ts'

const longMs = 1_000_000

function start(options: Parameters<typeof connect>[0] = {}) {
  const connected = connect(options)
  const { simulator, session } = connected
  const watcher = createTaskWatcher(createUpdateStream(session, { minReopenIntervalMs: 1 }))
  onTestFinished(() => watcher.close())
  const entity = vmRef(simulator, 'web-01')
  return {
    ...connected,
    watcher,
    task: (work: () => unknown = () => undefined): ManagedObjectReference =>
      startTask(
        simulator.objects,
        {
          name: 'CreateSnapshot_Task',
          descriptionId: 'VirtualMachine.createSnapshot',
          entity,
          userName: 'user',
        },
        work,
      ),
    /** Waits until vSphere holds the call of the stream. */
    streaming: () => waitUntil(() => simulator.live.waits === 1),
    /** Waits until the stream has ended and destroyed its server-side objects. */
    idle: () =>
      waitUntil(() => {
        const { waits, collectors, filters, views } = simulator.live
        return waits + collectors + filters + views === 0
      }),
  }
}

afterEach(() => {
  vi.useRealTimers()
})

describe('three hundred concurrent tasks', () => {
  it('are watched with one collector, one filter and one stream, and each reports its end', async () => {
    const { simulator, clock, watcher, task, streaming, idle, counts } = start()
    const tasks = Array.from({ length: 300 }, (_, index) => task(() => `result ${index}`))
    const waiting = tasks.map((ref) => watcher.wait(ref, longMs))
    await streaming()
    expect(simulator.live).toMatchObject({ collectors: 1, filters: 1, views: 1, waits: 1 })
    clock.advance(1000)
    const infos = await Promise.all(waiting)
    expect(infos.map((info) => [info?.key, info?.state, info?.result])).toEqual(
      tasks.map(({ value }, index) => [value, 'success', `result ${index}`]),
    )
    await idle()
    expect(counts()).toMatchObject({
      Login: 1,
      CreatePropertyCollector: 1,
      CreateListView: 1,
      CreateFilter: 1,
      ModifyListView: 1,
      DestroyPropertyCollector: 1,
      DestroyView: 1,
    })
    // The initial states and the ends of all tasks, a hundred per response, and nothing between, whatever
    // their number and steps.
    expect(counts().WaitForUpdatesEx).toBeLessThanOrEqual(3 + 3 + 2)
    expect(counts().RetrievePropertiesEx).toBeUndefined()
  })

  it('that start while the stream is open are added to its view together', async () => {
    const { clock, watcher, task, streaming, counts } = start()
    const first = watcher.wait(task(), longMs)
    await streaming()
    const others = Array.from({ length: 300 }, () => watcher.wait(task(), longMs))
    await waitUntil(() => counts().ModifyListView === 3)
    await streaming()
    clock.advance(1000)
    for (const info of await Promise.all([first, ...others])) expect(info?.state).toBe('success')
    expect(counts()).toMatchObject({ CreatePropertyCollector: 1, CreateFilter: 1, ModifyListView: 3 })
  })
})

describe('a task', () => {
  it('is reported from queued through running to success, with its result', async () => {
    const { clock, watcher, task, streaming } = start({ tasks: { queuedMs: 20, durationMs: 200 } })
    const ref = task(() => ({ type: 'VirtualMachineSnapshot', value: 'snapshot-1' }))
    const waiting = watcher.wait(ref, longMs)
    await streaming()
    for (let step = 0; step < 6; step += 1) {
      clock.advance(50)
      await new Promise(setImmediate)
    }
    expect(await waiting).toMatchObject({
      state: 'success',
      result: { type: 'VirtualMachineSnapshot', value: 'snapshot-1' },
    })
  })

  it('is reported with its error', async () => {
    const { clock, watcher, task, streaming } = start()
    const waiting = watcher.wait(
      task(() => {
        throw new VimFault(
          { _typeName: 'NoDiskSpace', file: 'a.vmdk', datastore: 'ds' },
          'The datastore is full.',
        )
      }),
      longMs,
    )
    await streaming()
    clock.advance(1000)
    expect(await waiting).toMatchObject({
      state: 'error',
      error: {
        fault: { _typeName: 'NoDiskSpace', datastore: 'ds' },
        localizedMessage: 'The datastore is full.',
      },
    })
  })

  it('that has already ended is reported at once', async () => {
    const { clock, watcher, task, idle } = start()
    const ref = task(() => 'done')
    clock.advance(1000)
    expect(await watcher.wait(ref, longMs)).toMatchObject({ state: 'success', result: 'done' })
    await idle()
  })

  it('that ended while the stream continues for others is reported again to a later caller', async () => {
    const { clock, watcher, task, streaming, simulator } = start()
    const ref = task(() => 'done')
    const first = watcher.wait(ref, longMs)
    await streaming()
    clock.advance(1000)
    const other = errorOf(watcher.wait(task(), longMs, AbortSignal.timeout(60_000))).catch(() => {})
    expect(await first).toMatchObject({ result: 'done' })
    await waitUntil(() => simulator.live.waits === 1)
    expect(await watcher.wait(ref, longMs)).toMatchObject({ state: 'success', result: 'done' })
    watcher.close()
    await other
  })

  it('that ended without a waiting caller is reported to a later caller, on the same stream', async () => {
    const { clock, watcher, task, streaming, counts } = start()
    const leaving = new AbortController()
    const left = errorOf(watcher.wait(task(), longMs, leaving.signal))
    const ref = task(() => 'done')
    const removed = new AbortController()
    const abandoned = errorOf(watcher.wait(ref, longMs, removed.signal))
    await streaming()
    removed.abort()
    await abandoned
    const again = watcher.wait(ref, longMs)
    clock.advance(1000)
    expect(await again).toMatchObject({ state: 'success', result: 'done' })
    await left.catch(() => {})
    leaving.abort()
    expect(counts().CreateFilter).toBe(1)
  })

  it('is reported to all its callers', async () => {
    const { clock, watcher, task, streaming, counts } = start()
    const ref = task()
    const waiting = Array.from({ length: 20 }, () => watcher.wait(ref, longMs))
    await streaming()
    clock.advance(1000)
    expect(new Set((await Promise.all(waiting)).map((info) => info?.state))).toEqual(new Set(['success']))
    expect(counts().ModifyListView).toBe(1)
  })

  it('that vSphere never knew is reported as not found, beside others that exist', async () => {
    const { clock, watcher, task, streaming } = start()
    const removed = errorOf(watcher.wait({ type: 'Task', value: 'task-999999' }, longMs))
    const living = watcher.wait(task(), longMs)
    expect(await removed).toMatchObject({
      faultName: 'ManagedObjectNotFound',
      fault: { obj: { type: 'Task', value: 'task-999999' } },
    })
    await streaming()
    clock.advance(1000)
    expect(await living).toMatchObject({ state: 'success' })
  })

  it('that is deleted while it is awaited is reported as not found', async () => {
    const { simulator, watcher, task, streaming, idle } = start()
    const ref = task()
    const removed = errorOf(watcher.wait(ref, longMs))
    await streaming()
    simulator.faults.remove(ref)
    expect(await removed).toMatchObject({ faultName: 'ManagedObjectNotFound' })
    await idle()
  })

  it('that vSphere forgets after its end does not affect callers that wait for others', async () => {
    const { simulator, clock, watcher, task, streaming, counts } = start({
      tasks: { queuedMs: 0, durationMs: 0 },
    })
    const ended = watcher.wait(task(), longMs)
    simulator.tasks.durationMs = 20 * 60_000
    let over = false
    const long = watcher.wait(task(), longMs).finally(() => {
      over = true
    })
    await streaming()
    clock.advance(1)
    await ended
    while (!over) {
      // Each update of a step is received and the next one requested before the next step: the call has a
      // timeout on the same clock.
      for (let turn = 0; turn < 20; turn += 1) await new Promise(setImmediate)
      clock.advance(20_000)
    }
    expect(await long).toMatchObject({ state: 'success' })
    expect(counts()).toMatchObject({ CreateFilter: 1, ModifyListView: 1 })
  })
})

describe('a wait', () => {
  it('ends on time with the last known state, and closes the stream', async () => {
    const { watcher, task, clock, streaming, idle } = start({ tasks: { queuedMs: 20, durationMs: 200 } })
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const waiting = watcher.wait(task(), 30_000)
    await streaming()
    clock.advance(30)
    await new Promise(setImmediate)
    await streaming()
    vi.advanceTimersByTime(30_000)
    expect(await waiting).toMatchObject({ state: 'running' })
    vi.useRealTimers()
    await idle()
  })

  it('ends on time without a state when vSphere has not responded', async () => {
    const { simulator, watcher, task } = start()
    const hold = simulator.faults.pause({ method: 'Login' })
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const waiting = watcher.wait(task(), 10)
    await hold.waitFor()
    vi.advanceTimersByTime(10)
    expect(await waiting).toBeUndefined()
  })

  it('is stopped by its own signal only, and others continue', async () => {
    const { simulator, clock, watcher, task, streaming } = start()
    const ref = task()
    const abort = new AbortController()
    const one = errorOf(watcher.wait(ref, longMs, abort.signal))
    const other = watcher.wait(ref, longMs)
    await streaming()
    abort.abort()
    expect((await one).name).toBe('AbortError')
    expect(simulator.live.waits).toBe(1)
    clock.advance(1000)
    expect(await other).toMatchObject({ state: 'success' })
  })

  it('whose signal is already aborted sends nothing', async () => {
    const { watcher, task, counts } = start()
    expect((await errorOf(watcher.wait(task(), longMs, AbortSignal.abort()))).name).toBe('AbortError')
    expect(counts()).toEqual({})
  })

  it('that starts in the event loop turn in which the last one ends is not lost', async () => {
    const { clock, watcher, task, streaming, idle } = start()
    for (let turn = 0; turn < 20; turn += 1) {
      const first = watcher.wait(task(), longMs)
      await streaming()
      clock.advance(1000)
      await first
      for (let later = 0; later < turn; later += 1) await undefined
      const next = watcher.wait(task(), longMs)
      await streaming()
      clock.advance(1000)
      expect(await next).toMatchObject({ state: 'success' })
    }
    await idle()
  })

  it('that starts while all others end is not lost', async () => {
    const { clock, watcher, task, streaming, idle } = start()
    const abort = new AbortController()
    const left = Array.from({ length: 10 }, () => errorOf(watcher.wait(task(), longMs, abort.signal)))
    await streaming()
    abort.abort()
    const next = watcher.wait(task(), longMs)
    await Promise.all(left)
    await streaming()
    clock.advance(1000)
    expect(await next).toMatchObject({ state: 'success' })
    await idle()
  })
})

it('is not affected by a view that an abandoned stream creates late', async () => {
  let views = 0
  let arrive = () => {}
  const late = new Promise<void>((resolve) => {
    arrive = resolve
  })
  const wrap = (transport: Transport): Transport => ({
    ...transport,
    async send(request) {
      const response = await transport.send(request)
      if (request.body?.includes('<CreateListView ')) {
        views += 1
        if (views === 1) await late
      }
      return response
    },
  })
  const { simulator, clock, watcher, task, streaming, idle } = start({ wrap })
  const abort = new AbortController()
  const left = errorOf(watcher.wait(task(), longMs, abort.signal))
  await waitUntil(() => views === 1)
  abort.abort()
  await left
  const first = watcher.wait(task(), longMs)
  await streaming()
  arrive()
  await waitUntil(() => simulator.live.views === 1 && simulator.live.collectors === 1)
  const second = watcher.wait(task(), longMs)
  await streaming()
  clock.advance(1000)
  for (const info of await Promise.all([first, second])) expect(info?.state).toBe('success')
  await idle()
})

describe('an interruption', () => {
  it.each(['fault', 'missingSet'] as const)('by the end of the session is recovered: %s', async (shape) => {
    const { simulator, clock, watcher, task, streaming, idle, counts } = start()
    const waiting = Array.from({ length: 3 }, () => watcher.wait(task(), longMs))
    await streaming()
    simulator.faults.expireSessions(shape)
    await waitUntil(() => counts().Login === 2)
    await streaming()
    clock.advance(1000)
    for (const info of await Promise.all(waiting)) expect(info?.state).toBe('success')
    expect(counts()).toMatchObject({ Login: 2, CreateFilter: 2 })
    await idle()
  })

  it('by repeated ends of the session is recovered each time', async () => {
    const { simulator, clock, watcher, task, streaming, counts } = start()
    const waiting = watcher.wait(task(), longMs)
    for (let logins = 2; logins < 6; logins += 1) {
      await streaming()
      simulator.faults.restart()
      await waitUntil(() => counts().Login === logins)
    }
    await streaming()
    clock.advance(1000)
    expect(await waiting).toMatchObject({ state: 'success' })
  })

  it.each(['unread', 'unanswered', 'midBody'] as const)('of the connection is recovered: %s', async (how) => {
    const { simulator, clock, watcher, task, idle } = start()
    simulator.faults.dropConnection(how, { method: 'WaitForUpdatesEx', times: 2 })
    const waiting = watcher.wait(task(), longMs)
    clock.advance(1000)
    expect(await waiting).toMatchObject({ state: 'success' })
    await idle()
  })

  it.each([
    'CreatePropertyCollector',
    'CreateListView',
    'ModifyListView',
    'CreateFilter',
    'WaitForUpdatesEx',
  ] as const)('at %s is recovered, and leaves nothing of the stream behind', async (method) => {
    const { simulator, clock, watcher, task, idle } = start()
    simulator.faults.unavailable({ method, times: 3 })
    const waiting = watcher.wait(task(), longMs)
    clock.advance(1000)
    expect(await waiting).toMatchObject({ state: 'success' })
    await idle()
  })

  it.each(['InvalidCollectorVersion', 'RequestCanceled', 'HostCommunication'] as const)(
    'by %s is recovered',
    async (fault) => {
      const { simulator, clock, watcher, task, idle } = start()
      simulator.faults.fault(fault, { method: 'WaitForUpdatesEx', times: 2 })
      const waiting = watcher.wait(task(), longMs)
      clock.advance(1000)
      expect(await waiting).toMatchObject({ state: 'success' })
      await idle()
    },
  )

  it('by a deleted collector is recovered, repeatedly', async () => {
    const { simulator, clock, watcher, task, streaming, idle, session } = start()
    const waiting = watcher.wait(task(), longMs)
    for (let turn = 0; turn < 3; turn += 1) {
      await streaming()
      const collector = simulator.calls.filter(({ method }) => method === 'WaitForUpdatesEx').at(-1)?.self
      await session.withLogin((login) =>
        login.call('DestroyPropertyCollector', collector as ManagedObjectReference, {}, {}),
      )
    }
    await streaming()
    clock.advance(1000)
    expect(await waiting).toMatchObject({ state: 'success' })
    await idle()
    await waitUntil(() => simulator.live.sessions === 1)
  })

  it('that cannot be recovered is reported to all waiting callers, and later ones try again', async () => {
    const { simulator, clock, watcher, task, idle } = start()
    simulator.faults.fault('NotSupported', { method: 'CreateFilter' })
    const errors = await Promise.all([1, 2].map(() => errorOf(watcher.wait(task(), longMs))))
    for (const error of errors) expect(error).toMatchObject({ faultName: 'NotSupported' })
    await idle()
    const waiting = watcher.wait(task(), longMs)
    clock.advance(1000)
    expect(await waiting).toMatchObject({ state: 'success' })
  })

  it('by rejected credentials is reported at once', async () => {
    const { watcher, task } = start({ loginPassword: 'wrong' })
    expect(await errorOf(watcher.wait(task(), longMs))).toMatchObject({ faultName: 'InvalidLogin' })
  })
})

describe('replayed updates', () => {
  /** After each response that reports the end of the task, delivers an older state once more. */
  const replaying = (transport: Transport): Transport => ({
    async send(request) {
      const response = await transport.send(request)
      const chunks: Uint8Array[] = []
      for await (const chunk of response.body) chunks.push(chunk)
      const text = Buffer.concat(chunks).toString()
      const [update] = text.match(/<objectSet>.*?<\/objectSet>/s) ?? []
      if (!update?.includes('<state>success</state>')) return { ...response, body: bodyOf(text) }
      const older = update
        .replace('<state>success</state>', '<state>running</state>')
        .replace(/<result.*?<\/result>/s, '')
        .replace('<kind>enter</kind>', '<kind>modify</kind>')
      return { ...response, body: bodyOf(text.replace(update, update + older)) }
    },
    close: () => transport.close(),
  })

  it('never revert a task from its end state', async () => {
    const { clock, watcher, task, streaming, simulator } = start({ wrap: replaying })
    const ref = task(() => 'done')
    const other = watcher.wait(task(), longMs)
    const waiting = watcher.wait(ref, longMs)
    await streaming()
    simulator.tasks.durationMs = 10_000
    const later = watcher.wait(task(), longMs)
    clock.advance(1000)
    expect(await waiting).toMatchObject({ state: 'success', result: 'done' })
    await other
    const again: TaskInfo | undefined = await watcher.wait(ref, longMs)
    expect(hasEnded(again)).toBe(true)
    watcher.close()
    await later
  })
})

describe('close', () => {
  it('resolves waiting callers with the known state, ends the stream, and leaves nothing behind', async () => {
    const { simulator, session, watcher, task, streaming } = start()
    const waiting = Array.from({ length: 5 }, () => watcher.wait(task(), longMs))
    await streaming()
    watcher.close()
    for (const info of await Promise.all(waiting)) expect(info?.state).toBe('queued')
    await session.close()
    await waitUntil(() => simulator.live.waits === 0)
    expect(simulator.live).toEqual({ ...noLiveObjects, tasks: 5 })
  })

  it('makes later callers return at once', async () => {
    const { watcher, task, counts } = start()
    watcher.close()
    expect(await watcher.wait(task(), longMs)).toBeUndefined()
    expect(counts()).toEqual({})
  })
})
