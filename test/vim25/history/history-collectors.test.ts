// Leases of history collectors: each collector is destroyed in any case, and a session has only a few at a time.

import { describe, expect, it } from 'vitest'
import { recordEvent } from '../../../src/simulator/history/event-log.ts'
import { createEventCollector, type VimEvent } from '../../../src/vim25/history/event-collector.ts'
import { HistoryCollectors, maxLeases } from '../../../src/vim25/history/history-collectors.ts'
import { connect, errorOf, waitUntil } from '../connect.ts'

const ofMachines = createEventCollector({ eventTypeId: ['VmPoweredOnEvent'], maxCount: 2 })

function start(options?: Parameters<typeof connect>[0]) {
  const connected = connect(options)
  const { simulator, session } = connected
  const vm = simulator.inventory.vm('web-01').ref
  const [first] = [1, 2, 3].map(
    () => recordEvent(simulator.objects, { _typeName: 'VmPoweredOnEvent', vm }).key,
  )
  const noCollectors = () => waitUntil(() => simulator.live.historyCollectors === 0)
  return { ...connected, history: new HistoryCollectors(session), first: first as number, noCollectors }
}

const keysOf = (events: readonly unknown[]) => (events as readonly VimEvent[]).map(({ key }) => key)

describe('a lease of a history collector', () => {
  it('reads the latest page and the pages before it, and destroys the collector', async () => {
    const { history, first, counts, noCollectors } = start()
    const pages = await history.lease(ofMachines, {}, async (collector) => {
      const latest = await collector.latestPage()
      await collector.reset()
      return [latest, await collector.read('ReadPreviousEvents', 10)].map(keysOf)
    })
    expect(pages[0]).toEqual([first + 2, first + 1])
    expect(pages[1]?.[0]).toBe(first)
    await noCollectors()
    expect(counts()).toMatchObject({ CreateCollectorForEvents: 1, DestroyCollector: 1 })
  })

  it('reports its calls to the caller', async () => {
    const { history } = start()
    const calls: string[] = []
    const onCall = ({ method }: { readonly method: string }) => calls.push(method)
    await history.lease(ofMachines, { onCall }, (collector) => collector.setPageSize(5))
    expect(calls).toEqual(['CreateCollectorForEvents', 'SetCollectorPageSize'])
  })

  it('destroys the collector when the work fails', async () => {
    const { history, noCollectors } = start()
    const error = new Error('no')
    expect(await errorOf(history.lease(ofMachines, {}, () => Promise.reject(error)))).toBe(error)
    await noCollectors()
  })

  it('destroys the collector when the caller aborts while it is created', async () => {
    const { history, simulator, counts, noCollectors } = start()
    const abort = new AbortController()
    const paused = simulator.faults.pause({ method: 'CreateCollectorForEvents' })
    const lease = errorOf(history.lease(ofMachines, { signal: abort.signal }, async () => {}))
    await waitUntil(() => counts().CreateCollectorForEvents === 1)
    abort.abort(new Error('enough'))
    expect((await lease).message).toBe('enough')
    paused.release()
    await waitUntil(() => counts().DestroyCollector === 1)
    await noCollectors()
  })

  it('replaces the login when the response to the creation is lost', async () => {
    const { history, simulator, session, counts, noCollectors } = start()
    simulator.faults.dropConnection('unanswered', { method: 'CreateCollectorForEvents' })
    const logins: unknown[] = []
    await history.lease(ofMachines, {}, async ({ login }) => logins.push(login))
    expect(logins).toEqual([session.lastLogin])
    expect(counts()).toMatchObject({ Login: 2, CreateCollectorForEvents: 2 })
    await noCollectors()
  })

  it('keeps the login when the creation cannot be encoded: nothing was sent', async () => {
    const { history, session, counts } = start()
    await session.ensureLogin()
    for (const filter of [
      { eventTypeId: ['a\u0001'] },
      { userName: { systemUser: false, userList: ['\uD800'] } },
      { time: { endTime: new Date(Number.NaN) } },
    ])
      await errorOf(history.lease(createEventCollector(filter), {}, async () => {}))
    await history.lease(ofMachines, {}, async () => {})
    expect(counts()).toMatchObject({ Login: 1, CreateCollectorForEvents: 1 })
    expect(counts().Logout).toBeUndefined()
  })

  it.each([
    ['the response is lost', 'unanswered'],
    ['the request is lost', 'unread'],
    ['a proxy responds with 503', 'unavailable'],
  ] as const)('reads once more, with a new collector, when %s', async (_when, how) => {
    const { history, simulator, first, counts, noCollectors } = start()
    const scope = { method: 'ReadPreviousEvents' } as const
    if (how === 'unavailable') simulator.faults.unavailable(scope)
    else simulator.faults.dropConnection(how, scope)
    const older = await history.lease(ofMachines, {}, async (collector) => {
      await collector.latestPage()
      await collector.reset()
      return collector.read('ReadPreviousEvents', 10)
    })
    expect(keysOf(older)[0]).toBe(first)
    await noCollectors()
    expect(counts()).toMatchObject({ CreateCollectorForEvents: 2, DestroyCollector: 2 })
    // The simulator counts the calls that arrive.
    expect(counts().ReadPreviousEvents).toBe(how === 'unanswered' ? 2 : 1)
  })

  it('destroys both collectors when the second reading gets no response either, and does not read again', async () => {
    const { history, simulator, counts, noCollectors } = start()
    simulator.faults.dropConnection('unanswered', { method: 'ReadPreviousEvents', times: 2 })
    await errorOf(history.lease(ofMachines, {}, (collector) => collector.read('ReadPreviousEvents', 10)))
    await noCollectors()
    expect(counts().ReadPreviousEvents).toBe(2)
  })

  it('creates a new collector once when the login has ended', async () => {
    const { history, simulator, session, noCollectors } = start()
    await session.ensureLogin()
    simulator.faults.expireSessions()
    expect(await history.lease(ofMachines, {}, (collector) => collector.latestPage())).toHaveLength(2)
    await noCollectors()
  })

  it('retries the end of a collector until the server responds', async () => {
    const { history, simulator, counts, noCollectors } = start()
    simulator.faults.dropConnection('unread', { method: 'DestroyCollector' })
    await history.lease(ofMachines, {}, (collector) => collector.latestPage())
    await waitUntil(() => (counts().DestroyCollector ?? 0) >= 1)
    await noCollectors()
  })

  it('waits while the session has the most collectors', async () => {
    const { history, simulator, noCollectors } = start()
    let end = () => {}
    const ended = new Promise<void>((resolve) => {
      end = resolve
    })
    const leases = Array.from({ length: 3 * maxLeases }, () => history.lease(ofMachines, {}, () => ended))
    await waitUntil(() => simulator.live.historyCollectors === maxLeases)
    expect(history.inUse).toBe(maxLeases)
    end()
    await Promise.all(leases)
    await noCollectors()
  })

  it('is rejected before anything is sent when the operation has too many', async () => {
    const { history, counts } = start()
    const onCollector = () => {
      throw new Error('too many')
    }
    await errorOf(history.lease(ofMachines, { onCollector }, async () => {}))
    expect(counts()).toEqual({})
  })

  it('reports the fault of the creation', async () => {
    const { history, simulator, noCollectors } = start()
    simulator.faults.fault('InvalidState', { method: 'CreateCollectorForEvents' })
    const error = await errorOf(history.lease(ofMachines, {}, async () => {}))
    expect(error).toMatchObject({ fault: { _typeName: 'InvalidState' } })
    await noCollectors()
  })
})
