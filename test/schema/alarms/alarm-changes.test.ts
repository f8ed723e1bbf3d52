// Tests Subscription.alarmChanges over real connections: the present alarms first, then one batch for what has changed since the last
// read, which an event about an alarm or an injected clock starts.

import { describe, expect, it, onTestFinished } from 'vitest'
import { subscribe } from '../../subscribe.ts'
import { defaultLimits, startGateway } from '../../test-gateway.ts'
import { createTestClock } from '../../vapi/test-clock.ts'
import { waitUntil } from '../../vim25/connect.ts'

const query = `subscription ($filter: TriggeredAlarmFilter) {
  alarmChanges(filter: $filter) {
    initial
    changes { kind alarmId alarm { id name status acknowledgedBy entity { name } } }
    coverage { vcenter isComplete undecidedCount error { code message } }
  }
}`

async function start(options: Parameters<typeof startGateway>[0] = {}) {
  const alarmClock = createTestClock()
  const gateway = startGateway({ alarmClock, ...options })
  onTestFinished(() => gateway.close())
  const url = await gateway.listen()
  const { simulator } = gateway
  const vm = (name: string) => simulator.inventory.machine(name).ref
  const reads = () =>
    simulator.calls.filter(({ args }) => JSON.stringify(args).includes('triggeredAlarmState')).length
  return {
    gateway,
    simulator,
    vm,
    reads,
    alarms: simulator.alarms,
    subscribe: (filter?: object) => subscribe(url, query, { filter }),
    followEvents: () => subscribe(url, 'subscription { events { cursor } }'),
    /** Lets a minute pass, and waits for the read. */
    async nextMinute() {
      const before = reads()
      alarmClock.advance(60_000)
      await waitUntil(() => reads() > before)
    },
  }
}

const batch = async (events: Awaited<ReturnType<typeof subscribe>>) => {
  const result = await events.next()
  expect(result?.errors).toBeUndefined()
  return result?.data.alarmChanges
}

/** Returns all alarms of the initial batches, and the coverage, up to the empty batch that ends them. */
const initialState = async (events: Awaited<ReturnType<typeof subscribe>>) => {
  const batches = [await batch(events)]
  while (batches.at(-1).initial) batches.push(await batch(events))
  const end = batches.pop()
  expect(end).toMatchObject({ initial: false, changes: [] })
  expect(batches.length).toBeGreaterThan(0)
  return { changes: batches.flatMap(({ changes }) => changes), coverage: end.coverage }
}

describe('alarmChanges', () => {
  it('sends the present alarms in batches, with their names and objects', async () => {
    const { subscribe } = await start({ pageSizeDefault: 3 })
    const events = await subscribe()
    const first = await batch(events)
    const second = await batch(events)
    const third = await batch(events)
    expect([first, second]).toMatchObject([{ initial: true }, { initial: true }])
    // Nothing changes, and the client still learns that it has all alarms.
    expect(third).toMatchObject({ initial: false, changes: [], coverage: first.coverage })
    const changes = [...first.changes, ...second.changes]
    expect(changes).toHaveLength(4)
    for (const { kind, alarmId, alarm } of changes) expect([kind, alarm.id]).toEqual(['ENTER', alarmId])
    expect(changes).toContainEqual(
      expect.objectContaining({
        alarm: expect.objectContaining({ name: 'Virtual machine CPU usage', entity: { name: 'db-01' } }),
      }),
    )
    expect(first.coverage).toEqual([{ vcenter: 'test', isComplete: true, undecidedCount: 0, error: null }])
    events.abortClient()
  })

  it('sends what was triggered, acknowledged, changed and cleared since the last read, once', async () => {
    const { subscribe, alarms, vm, nextMinute } = await start()
    const events = await subscribe({ entity: { type: { eq: 'VIRTUAL_MACHINE' } } })
    const initial = await initialState(events)
    expect(initial.changes).toHaveLength(2)
    const triggered = alarms.trigger('Virtual machine memory usage', vm('web-01'), { status: 'yellow' })
    await nextMinute()
    const entered = await batch(events)
    expect(entered).toMatchObject({
      initial: false,
      changes: [{ kind: 'ENTER', alarm: { status: 'YELLOW', entity: { name: 'web-01' } } }],
    })
    // Nothing has changed: no batch.
    await nextMinute()
    alarms.acknowledge(triggered.alarm, triggered.entity, 'CORP\\ann')
    await nextMinute()
    const { alarmId } = entered.changes[0]
    expect((await batch(events)).changes).toMatchObject([
      { kind: 'MODIFY', alarmId, alarm: { acknowledgedBy: 'CORP\\ann' } },
    ])
    alarms.recover(triggered)
    alarms.trigger('Virtual machine memory usage', vm('web-02'))
    await nextMinute()
    expect((await batch(events)).changes).toMatchObject([
      { kind: 'ENTER', alarm: { status: 'RED', entity: { name: 'web-02' } } },
      { kind: 'LEAVE', alarmId, alarm: null },
    ])
    events.abortClient()
  })

  it('reads the alarms again after each event about one, without waiting for a minute', async () => {
    const { subscribe, alarms, vm, simulator, reads } = await start()
    const events = await subscribe({ entity: { name: { eq: 'web-01' } } })
    expect((await initialState(events)).changes).toEqual([])
    await waitUntil(() => simulator.live.historyCollectors === 1 && simulator.live.waits === 1)
    const triggered = alarms.trigger('Virtual machine memory usage', vm('web-01'))
    expect((await batch(events)).changes).toMatchObject([{ kind: 'ENTER' }])
    alarms.acknowledge(triggered.alarm, triggered.entity, 'CORP\\ann')
    expect((await batch(events)).changes).toMatchObject([{ kind: 'MODIFY' }])
    alarms.clear([triggered], 'user')
    expect((await batch(events)).changes).toMatchObject([{ kind: 'LEAVE' }])
    expect(reads()).toBeGreaterThanOrEqual(4)
    events.abortClient()
    await waitUntil(() => simulator.live.historyCollectors === 0)
  })

  it('continues with the periodic reads when the events may not be read, and says so', async () => {
    const { subscribe, alarms, vm, simulator, nextMinute } = await start()
    simulator.faults.fault('NoPermission', { method: 'CreateCollectorForEvents', times: 2 })
    const events = await subscribe({ entity: { name: { eq: 'web-01' } } })
    let first = await initialState(events)
    if (first.coverage[0].isComplete) first = await batch(events)
    const error = { code: 'FORBIDDEN', message: expect.stringContaining('only every 60 seconds') }
    expect(first).toMatchObject({ changes: [], coverage: [{ isComplete: false, error }] })
    alarms.trigger('Virtual machine memory usage', vm('web-01'))
    await nextMinute()
    expect(await batch(events)).toMatchObject({
      changes: [{ kind: 'ENTER' }],
      coverage: [{ isComplete: false }],
    })
    await nextMinute()
    expect(await batch(events)).toMatchObject({ changes: [], coverage: [{ isComplete: true, error: null }] })
    events.abortClient()
  })

  it('follows the events about alarms also when as many subscriptions of events exist as are allowed', async () => {
    const { subscribe, followEvents, alarms, vm } = await start()
    const others = await Promise.all(Array.from({ length: 11 }, () => followEvents()))
    for (const each of others) expect((await each.next())?.errors).toBeUndefined()
    expect((await (await followEvents()).next())?.errors).toBeDefined()
    const events = await subscribe({ entity: { name: { eq: 'web-01' } } })
    expect(await initialState(events)).toMatchObject({ changes: [], coverage: [{ isComplete: true }] })
    alarms.trigger('Virtual machine memory usage', vm('web-01'))
    expect(await batch(events)).toMatchObject({
      changes: [{ kind: 'ENTER' }],
      coverage: [{ isComplete: true }],
    })
    for (const each of [events, ...others]) each.abortClient()
  })

  it('does not add up the objects of reads that find no change', async () => {
    const { subscribe, alarms, vm, nextMinute } = await start({
      pageSizeDefault: 2,
      limits: { ...defaultLimits, objects: 15 },
    })
    const events = await subscribe({ entity: { name: { eq: 'web-01' } } })
    await initialState(events)
    for (let minute = 0; minute < 10; minute += 1) await nextMinute()
    alarms.trigger('Virtual machine memory usage', vm('web-01'))
    expect((await batch(events)).changes).toMatchObject([{ kind: 'ENTER' }])
    events.abortClient()
  })

  it('sends an alarm that no longer matches the filter as LEAVE', async () => {
    const { subscribe, alarms, nextMinute } = await start()
    const events = await subscribe({ acknowledged: { eq: false }, name: { contains: 'cpu' } })
    const { changes } = await initialState(events)
    expect(changes).toMatchObject([{ kind: 'ENTER', alarm: { name: 'Virtual machine CPU usage' } }])
    const { alarm, entity } = alarms.all.find(
      (each) => each.overallStatus === 'red',
    ) as (typeof alarms.all)[0]
    alarms.acknowledge(alarm, entity, 'CORP\\ann')
    await nextMinute()
    expect((await batch(events)).changes).toEqual([
      { kind: 'LEAVE', alarmId: changes[0].alarmId, alarm: null },
    ])
    events.abortClient()
  })

  it('sends two empty batches when no alarm matches at the start', async () => {
    const { subscribe } = await start()
    const events = await subscribe({ name: { eq: 'x' } })
    expect(await batch(events)).toMatchObject({ initial: true, changes: [] })
    expect(await batch(events)).toMatchObject({ initial: false, changes: [] })
    events.abortClient()
  })

  it('accepts any filter, also one on tags', async () => {
    const { subscribe } = await start()
    const events = await subscribe({ entity: { tags: { none: { name: { eq: 'x' } } } } })
    expect((await batch(events)).changes).toHaveLength(4)
    events.abortClient()
  })

  it('reads once for all subscribers, and no longer when the last one has left', async () => {
    const { subscribe, nextMinute, reads, simulator } = await start()
    const both = [await subscribe(), await subscribe()]
    for (const each of both) await initialState(each)
    const before = reads()
    await nextMinute()
    expect(reads()).toBe(before + 1)
    for (const each of both) each.abortClient()
    const open = () => simulator.live.sessions
    expect(open()).toBe(1)
  })

  it('fails at the start when the alarms may not be read', async () => {
    const { subscribe, simulator } = await start()
    simulator.faults.deny({ type: 'Folder', value: 'group-d1' }, 'triggeredAlarmState', 'System.View')
    const events = await subscribe()
    const [result] = await events.remaining()
    expect(result?.errors).toMatchObject([{ extensions: { code: 'FORBIDDEN', privilege: 'System.View' } }])
  })

  it('rejects an invalid filter', async () => {
    const { subscribe } = await start()
    const events = await subscribe({ name: { eq: null } })
    const [result] = await events.remaining()
    expect(result?.errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }])
  })
})
