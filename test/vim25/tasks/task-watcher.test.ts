// Tasks that are waited for: one stream for all of them, no polling, and nothing left behind.

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
    /** Until vSphere holds the stream's call. */
    streaming: () => waitUntil(() => simulator.live.waits === 1),
    /** Until the stream has ended and taken away what was its own. */
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

describe('three hundred tasks at once', () => {
  it('are watched by one collector, one filter and one stream, and each is told when it ends', async () => {
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
    // What is there at first and the ends of them all, a hundred an answer: nothing between, whatever their number and steps.
    expect(counts().WaitForUpdatesEx).toBeLessThanOrEqual(3 + 3 + 2)
    expect(counts().RetrievePropertiesEx).toBeUndefined()
  })

  it('that come while the stream is open go into its view together', async () => {
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
  it('is told from queued over running to success, with its result', async () => {
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

  it('is told with its error', async () => {
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

  it('that has ended already is told at once', async () => {
    const { clock, watcher, task, idle } = start()
    const ref = task(() => 'done')
    clock.advance(1000)
    expect(await watcher.wait(ref, longMs)).toMatchObject({ state: 'success', result: 'done' })
    await idle()
  })

  it('that ended while the stream goes on for others is told again to who comes later', async () => {
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

  it('that ended while nobody waited for it is told to who comes later, on the same stream', async () => {
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

  it('is told to all who wait for it', async () => {
    const { clock, watcher, task, streaming, counts } = start()
    const ref = task()
    const waiting = Array.from({ length: 20 }, () => watcher.wait(ref, longMs))
    await streaming()
    clock.advance(1000)
    expect(new Set((await Promise.all(waiting)).map((info) => info?.state))).toEqual(new Set(['success']))
    expect(counts().ModifyListView).toBe(1)
  })

  it('that vSphere never knew is told as not found, beside others that live', async () => {
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

  it('that vanishes while it is waited for is told as not found', async () => {
    const { simulator, watcher, task, streaming, idle } = start()
    const ref = task()
    const removed = errorOf(watcher.wait(ref, longMs))
    await streaming()
    simulator.faults.remove(ref)
    expect(await removed).toMatchObject({ faultName: 'ManagedObjectNotFound' })
    await idle()
  })

  it('that vSphere forgets after its end takes nothing from who waits for others', async () => {
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
      // What a step tells of is answered and asked for again before the next one: the call has a time limit on the same clock.
      for (let turn = 0; turn < 20; turn += 1) await new Promise(setImmediate)
      clock.advance(20_000)
    }
    expect(await long).toMatchObject({ state: 'success' })
    expect(counts()).toMatchObject({ CreateFilter: 1, ModifyListView: 1 })
  })
})

describe('a wait', () => {
  it('ends on time with the last known state, and takes the stream with it', async () => {
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

  it('ends on time with nothing where vSphere has not answered', async () => {
    const { simulator, watcher, task } = start()
    const hold = simulator.faults.pause({ method: 'Login' })
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const waiting = watcher.wait(task(), 10)
    await hold.waitFor()
    vi.advanceTimersByTime(10)
    expect(await waiting).toBeUndefined()
  })

  it('is stopped by its signal alone, and others go on', async () => {
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

  it('whose signal is aborted already asks nothing', async () => {
    const { watcher, task, counts } = start()
    expect((await errorOf(watcher.wait(task(), longMs, AbortSignal.abort()))).name).toBe('AbortError')
    expect(counts()).toEqual({})
  })

  it('that begins in the turn in which the last one ends is not lost', async () => {
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

  it('that all leave at once and others begin at once is not lost', async () => {
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

it('a view that is made only after its stream was left takes nothing from the next stream', async () => {
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
  it.each(['fault', 'missingSet'] as const)('by the end of the session is mended: %s', async (shape) => {
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

  it('by one end of the session after the other is mended each time', async () => {
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

  it.each(['unread', 'unanswered', 'midBody'] as const)('of the connection is mended: %s', async (how) => {
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
  ] as const)('at %s is mended, and leaves nothing of the stream behind', async (method) => {
    const { simulator, clock, watcher, task, idle } = start()
    simulator.faults.unavailable({ method, times: 3 })
    const waiting = watcher.wait(task(), longMs)
    clock.advance(1000)
    expect(await waiting).toMatchObject({ state: 'success' })
    await idle()
  })

  it.each(['InvalidCollectorVersion', 'RequestCanceled', 'HostCommunication'] as const)(
    'by %s is mended',
    async (fault) => {
      const { simulator, clock, watcher, task, idle } = start()
      simulator.faults.fault(fault, { method: 'WaitForUpdatesEx', times: 2 })
      const waiting = watcher.wait(task(), longMs)
      clock.advance(1000)
      expect(await waiting).toMatchObject({ state: 'success' })
      await idle()
    },
  )

  it('by a collector that is gone is mended, again and again', async () => {
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

  it('that will not mend is told to all who wait, and later ones try again', async () => {
    const { simulator, clock, watcher, task, idle } = start()
    simulator.faults.fault('NotSupported', { method: 'CreateFilter' })
    const errors = await Promise.all([1, 2].map(() => errorOf(watcher.wait(task(), longMs))))
    for (const error of errors) expect(error).toMatchObject({ faultName: 'NotSupported' })
    await idle()
    const waiting = watcher.wait(task(), longMs)
    clock.advance(1000)
    expect(await waiting).toMatchObject({ state: 'success' })
  })

  it('by refused credentials is told at once', async () => {
    const { watcher, task } = start({ loginPassword: 'wrong' })
    expect(await errorOf(watcher.wait(task(), longMs))).toMatchObject({ faultName: 'InvalidLogin' })
  })
})

describe('what comes twice', () => {
  /** Lets the stream hear, after each answer to it that tells of the task's end, an older state once more. */
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

  it('never takes a task back from its end', async () => {
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
  it('gives those who wait what is known, ends the stream, and leaves nothing behind', async () => {
    const { simulator, session, watcher, task, streaming } = start()
    const waiting = Array.from({ length: 5 }, () => watcher.wait(task(), longMs))
    await streaming()
    watcher.close()
    for (const info of await Promise.all(waiting)) expect(info?.state).toBe('queued')
    await session.close()
    await waitUntil(() => simulator.live.waits === 0)
    expect(simulator.live).toEqual({ ...noLiveObjects, tasks: 5 })
  })

  it('keeps later ones from waiting at all', async () => {
    const { watcher, task, counts } = start()
    watcher.close()
    expect(await watcher.wait(task(), longMs)).toBeUndefined()
    expect(counts()).toEqual({})
  })
})
