// A storm of events: the gateway reads events and alarms at most once a second, and loses none.

import { expect, it, onTestFinished } from 'vitest'
import { recordEvent } from '../../../src/simulator/history/event-log.ts'
import { subscribe } from '../../subscribe.ts'
import { startGateway } from '../../test-gateway.ts'
import { createTestClock } from '../../vapi/test-clock.ts'
import { waitUntil } from '../../vim25/connect.ts'
import { createPacingClock } from '../../vim25/updates/pacing-clock.ts'

it('reads events and alarms once a second during 1,000 events, and sends each event once', async () => {
  const time = createPacingClock()
  const gateway = startGateway({
    pageSizeDefault: 1000,
    alarmClock: createTestClock(),
    eventPacing: { clock: time.clock },
  })
  onTestFinished(() => gateway.close())
  const { simulator } = gateway
  const url = await gateway.listen()
  const events = await subscribe(
    url,
    'subscription { events(filter: { types: ["AlarmStatusChangedEvent"] }) { gap events { key } } }',
  )
  const alarms = await subscribe(url, 'subscription { alarmChanges { changes { kind } } }')
  onTestFinished(() => {
    events.abortClient()
    alarms.abortClient()
  })
  await events.next()
  await alarms.next()
  await waitUntil(() => simulator.live.historyCollectors === 2 && simulator.live.waits === 1)
  const alarm = simulator.alarms.all[0]
  const polls = () => simulator.calls.filter(({ method }) => method === 'WaitForUpdatesEx').length
  const reads = () =>
    simulator.calls.filter(
      ({ method, args }) =>
        method.startsWith('Retrieve') && JSON.stringify(args).includes('triggeredAlarmState'),
    ).length
  await waitUntil(() => reads() > 1)
  simulator.calls.length = 0
  const recorded: number[] = []
  const received: number[] = []
  for (let second = 1; second <= 10; second += 1) {
    for (let time = 0; time < 100; time += 1) {
      const { key } = recordEvent(simulator.objects, {
        _typeName: 'AlarmStatusChangedEvent',
        entity: alarm?.entity,
        from: 'green',
        to: 'red',
      })
      recorded.push(key)
      await new Promise(setImmediate)
    }
    await waitUntil(() => time.waiting.length === 1)
    expect(polls()).toBeLessThanOrEqual(second)
    expect(reads()).toBeLessThanOrEqual(second)
    time.advance(999)
    await new Promise(setImmediate)
    expect(polls()).toBeLessThanOrEqual(second)
    time.advance(1)
  }
  while (received.length < recorded.length) {
    const batch = (await events.next())?.data.events
    expect(batch?.gap).toBe(false)
    received.push(...batch.events.map(({ key }: { key: number }) => key))
    time.advance(1_000)
  }
  expect(received).toEqual(recorded)
  expect(reads()).toBeGreaterThan(5)
})
