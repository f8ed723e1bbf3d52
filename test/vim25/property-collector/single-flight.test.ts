// Tests shared retrievals: one call serves all subscribers, ends with the last one, and is never joined
// across a write.

import { describe, expect, it } from 'vitest'
import type { MethodName } from '../../../src/soap/envelope.ts'
import type { ManagedObjectReference } from '../../../src/soap/vim-types.ts'
import { retrieveProperties } from '../../../src/vim25/property-collector/property-collector.ts'
import type {
  ObjectContent,
  PropertyFilterSpec,
} from '../../../src/vim25/property-collector/retrieval-types.ts'
import { shareRetrieval } from '../../../src/vim25/property-collector/single-flight.ts'
import { UnknownProperties } from '../../../src/vim25/property-collector/unknown-properties.ts'
import type { CallOptions, CallRecord } from '../../../src/vim25/session/call-options.ts'
import { createTaskWatcher } from '../../../src/vim25/tasks/task-watcher.ts'
import { createUpdateStream } from '../../../src/vim25/updates/update-stream.ts'
import { connect, errorOf, vmRef, waitUntil } from '../connect.ts'

const objectOf = (value: string): ObjectContent => ({ obj: { type: 'VirtualMachine', value } })
const names: PropertyFilterSpec[] = [{ propSet: [{ type: 'VirtualMachine', pathSet: ['name'] }] }]
const states: PropertyFilterSpec[] = [{ propSet: [{ type: 'VirtualMachine', pathSet: ['runtime'] }] }]

/** A login whose retrievals are controlled by the test. */
function start() {
  const login = { writeVersion: 0 }
  const retrievals: {
    readonly callOptions: CallOptions
    readonly give: (...values: string[]) => void
    readonly end: () => void
    readonly fail: (error: unknown) => void
  }[] = []
  const retrieve = (callOptions: CallOptions, take: (object: ObjectContent) => void) =>
    new Promise<void>((resolve, reject) => {
      callOptions.signal?.addEventListener('abort', () => reject(callOptions.signal?.reason))
      const give = (...values: string[]) => {
        for (const value of values) take(objectOf(value))
      }
      retrievals.push({ callOptions, give, end: resolve, fail: reject })
    })
  function join(specSet = names, callOptions: CallOptions = {}, take: (value: string) => void = () => {}) {
    const received: string[] = []
    const done = shareRetrieval(
      login,
      specSet,
      callOptions,
      ({ obj }) => {
        take(obj.value)
        received.push(obj.value)
      },
      retrieve,
    )
    done.catch(() => {})
    return { received, done }
  }
  return { login, retrievals, join }
}

describe('retrievals of the same spec', () => {
  it('share one call when they overlap, and a late subscriber gets the earlier items', async () => {
    const { retrievals, join } = start()
    const first = join()
    retrievals[0]?.give('a', 'b')
    const second = join(structuredClone(names))
    expect(second.received).toEqual(['a', 'b'])
    retrievals[0]?.give('c')
    const third = join()
    retrievals[0]?.end()
    await Promise.all([first.done, second.done, third.done])
    for (const { received } of [first, second, third]) expect(received).toEqual(['a', 'b', 'c'])
    expect(retrievals).toHaveLength(1)
  })

  it('use separate calls when they do not overlap or differ in their spec', async () => {
    const { retrievals, join } = start()
    const first = join()
    join(states)
    expect(retrievals).toHaveLength(2)
    retrievals[0]?.end()
    await first.done
    const later = join()
    expect(retrievals).toHaveLength(3)
    expect(later.received).toEqual([])
  })

  it('use separate calls for high-priority callers and others', () => {
    const { retrievals, join } = start()
    join(names, { caller: { isHighPriority: false } })
    join(names, { caller: { isHighPriority: true } })
    expect(retrievals.map(({ callOptions }) => callOptions.caller)).toEqual([
      { isHighPriority: false },
      { isHighPriority: true },
    ])
  })

  it('are not joined by a caller that must see later changes, and its own call is not joined either', async () => {
    const { retrievals, join } = start()
    join()
    const unshared = join(names, { noSharing: true })
    join(names, { noSharing: true })
    const later = join()
    expect(retrievals).toHaveLength(3)
    retrievals[1]?.give('fresh')
    retrievals[1]?.end()
    await unshared.done
    expect([unshared.received, later.received]).toEqual([['fresh'], []])
  })

  it('are not joined after a write since they started', () => {
    const { login, retrievals, join } = start()
    const before = join()
    login.writeVersion += 1
    const after = join()
    const alike = join()
    expect(retrievals).toHaveLength(2)
    retrievals[1]?.give('new')
    retrievals[0]?.give('old')
    expect([before.received, after.received, alike.received]).toEqual([['old'], ['new'], ['new']])
  })

  it('that have ended do not end the ones that were started after them', async () => {
    const { login, retrievals, join } = start()
    const before = join()
    login.writeVersion += 1
    join()
    retrievals[0]?.end()
    await before.done
    join()
    expect(retrievals).toHaveLength(2)
  })

  it('fail for all subscribers', async () => {
    const { retrievals, join } = start()
    const both = [join(), join()]
    const error = new Error('broken')
    retrievals[0]?.fail(error)
    for (const { done } of both) expect(await errorOf(done)).toBe(error)
    // Its next page may still be queued.
    expect(retrievals[0]?.callOptions.signal?.aborted).toBe(true)
    join()
    expect(retrievals).toHaveLength(2)
  })

  it('report their calls to all subscribers, including earlier calls', async () => {
    const { retrievals, join } = start()
    const records: Record<string, CallRecord[]> = { first: [], second: [] }
    join(names, { onCall: (record) => records.first?.push(record) })
    const [page, next] = ['RetrievePropertiesEx', 'ContinueRetrievePropertiesEx'].map((method) => ({
      method,
      ms: 1,
      bytes: 2,
    })) as [CallRecord, CallRecord]
    retrievals[0]?.callOptions.onCall?.(page)
    join(names, { onCall: (record) => records.second?.push(record) })
    retrievals[0]?.callOptions.onCall?.(next)
    expect(records).toEqual({ first: [page, next], second: [page, next] })
  })
})

describe('a subscriber that aborts', () => {
  it('leaves at once, and the others get everything', async () => {
    const { retrievals, join } = start()
    const abort = new AbortController()
    const first = join(names, { signal: abort.signal })
    const second = join()
    retrievals[0]?.give('a')
    const reason = new Error('disconnected')
    abort.abort(reason)
    expect(await errorOf(first.done)).toBe(reason)
    expect(retrievals[0]?.callOptions.signal?.aborted).toBe(false)
    retrievals[0]?.give('b')
    retrievals[0]?.end()
    await second.done
    expect([first.received, second.received]).toEqual([['a'], ['a', 'b']])
  })

  it('as the last one stops the call, and nothing joins a stopped call', async () => {
    const { retrievals, join } = start()
    const aborts = [new AbortController(), new AbortController()]
    const both = aborts.map(({ signal }) => join(names, { signal }))
    for (const abort of aborts) abort.abort()
    expect(retrievals[0]?.callOptions.signal?.aborted).toBe(true)
    const later = join()
    expect(retrievals).toHaveLength(2)
    for (const { done } of both) expect((await errorOf(done)).name).toBe('AbortError')
    retrievals[1]?.end()
    await later.done
  })

  it('before the start sends nothing', async () => {
    const { retrievals, join } = start()
    expect((await errorOf(join(names, { signal: AbortSignal.abort() }).done)).name).toBe('AbortError')
    expect(retrievals).toEqual([])
  })

  it('because its item handler throws does not affect the others', async () => {
    const { retrievals, join } = start()
    const rejectItem = (value: string) => {
      if (value === 'b') throw new Error('too much')
    }
    const first = join(names, {}, rejectItem)
    const second = join()
    retrievals[0]?.give('a', 'b', 'c')
    const third = join(names, {}, rejectItem)
    retrievals[0]?.end()
    await second.done
    expect((await errorOf(first.done)).message).toBe('too much')
    expect((await errorOf(third.done)).message).toBe('too much')
    expect([first.received, second.received, third.received]).toEqual([['a'], ['a', 'b', 'c'], ['a']])
  })
})

function onSimulator(options: Parameters<typeof connect>[0] = {}) {
  const connected = connect(options)
  const { session, simulator } = connected
  const reported: string[] = []
  const unknown = new UnknownProperties((type, path) => reported.push(`${type}.${path}`))
  const retrieve = (
    pathSet: readonly string[],
    refs: readonly ManagedObjectReference[] = [vmRef(simulator, 'web-01')],
    callOptions: CallOptions = {},
  ) =>
    session.withLogin(async (login) => {
      const objects: ObjectContent[] = []
      const spec = {
        propSet: [{ type: refs[0]?.type ?? '', pathSet }],
        objectSet: refs.map((obj) => ({ obj })),
      }
      await retrieveProperties(login, [spec], unknown, callOptions, (object) => objects.push(object))
      return objects
    }, callOptions)
  return {
    ...connected,
    reported,
    retrieve,
    hold: (method: MethodName) => simulator.faults.pause({ method }),
  }
}

const threeTimes = <T>(make: () => Promise<T>): Promise<T[]> => Promise.all([make(), make(), make()])

describe('with a vCenter', () => {
  it.each(['missingSet', 'fault'] as const)(
    'an ended session is renewed once for all, and the remaining pages are shared again: %s',
    async (shape) => {
      const { session, simulator, retrieve, counts } = onSimulator()
      await session.ensureLogin()
      simulator.faults.expireSessions(shape)
      const results = threeTimes(() => retrieve(['name']))
      await waitUntil(() => counts().Login === 2)
      simulator.faults.clear()
      for (const objects of await results) expect(objects).toMatchObject([{ propSet: [{ val: 'web-01' }] }])
      expect(counts()).toMatchObject({ Login: 2, RetrievePropertiesEx: 2 })
    },
  )

  it('unknown properties and missing objects are detected for all subscribers together', async () => {
    const { simulator, retrieve, counts, reported } = onSimulator()
    const refs = [{ type: 'VirtualMachine', value: 'vm-999999' }, vmRef(simulator, 'web-01')]
    for (const objects of await threeTimes(() => retrieve(['name', 'config.tomorrow'], refs)))
      expect(objects).toMatchObject([{ propSet: [{ name: 'name', val: 'web-01' }] }])
    expect(reported).toEqual(['VirtualMachine.config.tomorrow'])
    expect(counts().RetrievePropertiesEx).toBe(3)
  })

  it('paging continues for the subscribers that remain', async () => {
    const { simulator, retrieve, counts, hold } = onSimulator()
    const refs = ['web-01', '007'].map((name) => vmRef(simulator, name))
    simulator.faults.pageSize = 1
    const held = hold('ContinueRetrievePropertiesEx')
    const aborts = [new AbortController(), new AbortController()] as const
    const [first, second] = aborts.map(({ signal }) => retrieve(['name'], refs, { signal }))
    await held.waitFor()
    aborts[0].abort()
    expect((await errorOf(first as Promise<unknown>)).name).toBe('AbortError')
    const third = retrieve(['name'], refs)
    held.release()
    expect(await second).toHaveLength(2)
    expect(await third).toEqual(await second)
    expect(counts()).toMatchObject({ RetrievePropertiesEx: 1, ContinueRetrievePropertiesEx: 1 })
    expect(counts().CancelRetrievePropertiesEx).toBeUndefined()
  })
})

describe('the write version', () => {
  const rename = (session: ReturnType<typeof connect>['session'], snapshot: ManagedObjectReference) =>
    session.withLogin((login) => login.call('RenameSnapshot', snapshot, { name: 'renamed' }, {}))

  it('increases when a write is sent and when its response arrives, also when that is a fault', async () => {
    const { simulator, session, hold } = onSimulator()
    await session.ensureLogin()
    const before = session.writeVersion
    const held = hold('RenameSnapshot')
    simulator.faults.fault('NoPermission', { method: 'RenameSnapshot' })
    const renamed = errorOf(
      rename(session, simulator.inventory.machine('web-01').rootSnapshots[0]?.ref as ManagedObjectReference),
    )
    await held.waitFor()
    const between = session.writeVersion
    held.release()
    expect(await renamed).toMatchObject({ faultName: 'NoPermission' })
    expect([between, session.writeVersion]).toEqual([before + 1, before + 2])
  })

  it('does not change for reads, waits and the calls that maintain the session', async () => {
    const { session, retrieve } = onSimulator()
    await retrieve(['name'])
    await session.ping()
    expect(session.writeVersion).toBe(0)
  })

  it('prevents a read after a write from joining a read before it', async () => {
    const { simulator, session, retrieve, counts, hold } = onSimulator()
    const vm = simulator.inventory.machine('web-01')
    const snapshot = vm.rootSnapshots[0]?.ref as ManagedObjectReference
    const held = hold('RetrievePropertiesEx')
    const before = [retrieve(['snapshot']), retrieve(['snapshot'])]
    await held.waitFor()
    await rename(session, snapshot)
    const after = retrieve(['snapshot'])
    await held.waitFor(2)
    held.release()
    await Promise.all(before)
    expect(JSON.stringify(await after)).toContain('renamed')
    expect(counts().RetrievePropertiesEx).toBe(2)
  })

  it('increases once for each task that is observed to have ended, by a watch or a poll', async () => {
    const { simulator, session, clock, retrieve } = onSimulator()
    const watcher = createTaskWatcher(createUpdateStream(session))
    const vm = vmRef(simulator, 'web-01')
    const args = { name: 's', memory: false, quiesce: false }
    const begin = () => session.withLogin((login) => login.call('CreateSnapshot_Task', vm, args, {}))
    const task = await begin()
    expect(session.writeVersion).toBe(2)
    await retrieve(['info.state'], [task])
    const waiting = watcher.wait(task, 1_000_000)
    await waitUntil(() => simulator.live.waits === 1)
    expect(session.writeVersion).toBe(2)
    clock.advance(10_000)
    await waiting
    expect(session.writeVersion).toBe(3)
    await retrieve(['info.state'], [task])
    expect(session.writeVersion).toBe(3)

    const polled = await begin()
    clock.advance(10_000)
    expect(session.writeVersion).toBe(5)
    await retrieve(['info'], [polled])
    expect(session.writeVersion).toBe(6)
    await retrieve(['info.state'], [polled])
    expect(session.writeVersion).toBe(6)
    watcher.close()
  })
})
