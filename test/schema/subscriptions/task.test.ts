// Tests Subscription.task over real connections: each state once, the end last, and nothing left behind.

import { createClient } from 'graphql-sse'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createManualClock, type Simulator, VimFault } from '../../../src/simulator/index.ts'
import { startTask } from '../../../src/simulator/tasks.ts'
import { type Subscription, subscribe } from '../../subscribe.ts'
import { startGateway } from '../../test-gateway.ts'

const query = 'subscription ($id: ID!) { task(id: $id) { moid state progress error { code } } }'

async function start() {
  const clock = createManualClock()
  const gateway = startGateway({ clock, tasks: { queuedMs: 100, durationMs: 1000 } })
  onTestFinished(() => gateway.close())
  const { simulator } = gateway
  const url = await gateway.listen()
  const { data } = await gateway.execute('{ vcenters { instanceUuid } }')
  const identity = data.vcenters[0].instanceUuid
  const idOf = (moid: string) => Buffer.from(JSON.stringify([identity, 'Task', moid])).toString('base64url')
  const streaming = () => expect.poll(() => simulator.live.waits, { interval: 5 }).toBe(1)
  return {
    gateway,
    simulator,
    url,
    clock,
    idOf,
    streaming,
    begin(work: () => unknown = () => undefined) {
      const entity = simulator.inventory.vm('web-01').ref
      const kind = { name: 'CreateSnapshot_Task', descriptionId: 'VirtualMachine.createSnapshot' }
      const { value } = startTask(simulator.objects, { ...kind, entity, userName: 'user' }, work)
      return { moid: value, id: idOf(value) }
    },
    /** Advances the clock from the start of the task to its end, in the steps in which its state changes. Returns the event of each. */
    async eventsToEnd({ next }: Pick<Subscription, 'next'>) {
      const events = []
      for (const ms of [100, 250, 250, 250, 250]) {
        clock.advance(ms)
        events.push(await next())
      }
      return events.map((event) => event?.data.task as { state: string; progress: number | null })
    },
    nothingLeft: () =>
      expect
        .poll(
          () => {
            const { views, filters, collectors, waits } = simulator.live
            return views + filters + collectors + waits
          },
          { interval: 5 },
        )
        .toBe(0),
  }
}

const statesOf = (events: readonly { data?: { task: { state: string } } | null }[]) =>
  events.map(({ data }) => data?.task.state)

describe('the subscription of a task', () => {
  it('reports the initial state, each change, and the end, which completes the stream', async () => {
    const { begin, url, streaming, eventsToEnd, nothingLeft } = await start()
    const { id, moid } = begin()
    const events = await subscribe(url, query, { id })
    expect(events.headers.get('content-type')).toContain('text/event-stream')
    expect(await events.next()).toEqual({
      data: { task: { moid, state: 'QUEUED', progress: null, error: null } },
    })
    await streaming()
    expect(await eventsToEnd(events)).toMatchObject([
      { state: 'RUNNING', progress: null },
      { state: 'RUNNING', progress: 25 },
      { state: 'RUNNING', progress: 50 },
      { state: 'RUNNING', progress: 75 },
      { state: 'SUCCESS', progress: 100 },
    ])
    expect(await events.remaining()).toEqual([])
    await nothingLeft()
  })

  it('reports the error of the task', async () => {
    const { begin, url, streaming, clock } = await start()
    const { id } = begin(() => {
      throw new VimFault(
        { _typeName: 'NoDiskSpace', file: 'a.vmdk', datastore: 'ds' },
        'The datastore is full.',
      )
    })
    const events = await subscribe(url, query, { id })
    await streaming()
    clock.advance(1_500)
    expect((await events.remaining()).at(-1)?.data.task).toMatchObject({
      state: 'ERROR',
      error: { code: 'VSPHERE_FAULT' },
    })
  })

  it('reports a task that has ended once', async () => {
    const { begin, url, clock } = await start()
    const { id } = begin()
    clock.advance(5000)
    expect(statesOf(await (await subscribe(url, query, { id })).remaining())).toEqual(['SUCCESS'])
  })

  it.each([
    ['that never existed', 'NOT_FOUND', (idOf: (moid: string) => string) => idOf('task-99999')],
    ['with an invalid id', 'BAD_USER_INPUT', () => 'nonsense'],
  ])('is rejected for a task %s with %s', async (_what, code, id) => {
    const { url, idOf, nothingLeft } = await start()
    const events = await subscribe(url, query, { id: id(idOf) })
    expect(await events.remaining()).toMatchObject([
      { errors: [{ extensions: { code, requestId: expect.any(String) } }] },
    ])
    await nothingLeft()
  })

  it('reports OUTCOME_UNKNOWN with the task when it vanishes before its end', async () => {
    const { begin, url, simulator, streaming } = await start()
    const { id, moid } = begin()
    const events = await subscribe(url, query, { id })
    await events.next()
    await streaming()
    simulator.objects.remove({ type: 'Task', value: moid })
    expect(await events.remaining()).toMatchObject([
      { errors: [{ extensions: { code: 'OUTCOME_UNKNOWN', task: { id, moid } } }] },
    ])
  })

  it('uses one stream for a hundred subscribers', async () => {
    const { begin, url, simulator, streaming, clock, nothingLeft } = await start()
    const { id } = begin()
    const all = await Promise.all(Array.from({ length: 100 }, () => subscribe(url, query, { id })))
    for (const events of all) await events.next()
    await streaming()
    expect(simulator.live).toMatchObject({ views: 1, filters: 1, collectors: 1 })
    clock.advance(600)
    for (const events of all) expect((await events.next())?.data.task.state).toBe('RUNNING')
    clock.advance(900)
    for (const events of all) expect(statesOf(await events.remaining()).at(-1)).toBe('SUCCESS')
    await nothingLeft()
  })

  it.each([
    ['the session has ended', ({ faults }: Simulator) => faults.expireSessions()],
    ['the vCenter was restarted', ({ faults }: Simulator) => faults.restart()],
    [
      'the update stream was lost',
      ({ faults }: Simulator) => faults.dropConnection('midBody', { method: 'WaitForUpdatesEx' }),
    ],
  ])('continues when %s, without repeated states and with one end', async (_what, interrupt) => {
    const { begin, url, simulator, streaming, eventsToEnd } = await start()
    const { id } = begin()
    const events = await subscribe(url, query, { id })
    const first = await events.next()
    expect(first?.data.task.state).toBe('QUEUED')
    await streaming()
    interrupt(simulator)
    const states = (await eventsToEnd(events)).map(({ state, progress }) => [state, progress])
    expect(states).toEqual([
      ['RUNNING', null],
      ['RUNNING', 25],
      ['RUNNING', 50],
      ['RUNNING', 75],
      ['SUCCESS', 100],
    ])
    expect(await events.remaining()).toEqual([])
  })

  it('leaves nothing behind when its client disconnects', async () => {
    const { begin, url, streaming, nothingLeft, gateway } = await start()
    const { id } = begin()
    const events = await subscribe(url, query, { id })
    await events.next()
    await streaming()
    events.abortClient()
    await nothingLeft()
    expect(gateway.lines).toEqual([])
  })

  it('works with graphql-sse', async () => {
    const { begin, url, streaming, clock } = await start()
    const { id } = begin()
    const client = createClient({ url, retryAttempts: 0 })
    onTestFinished(() => client.dispose())
    const events = client.iterate({ query, variables: { id } })
    const states = statesOf([(await events.next()).value as never])
    await streaming()
    clock.advance(1_500)
    for await (const event of events) states.push(...statesOf([event as never]))
    expect(states.at(0)).toBe('QUEUED')
    expect(states.at(-1)).toBe('SUCCESS')
  })

  it('reports the calls since the last event with each event, when they are requested', async () => {
    const { begin, url } = await start()
    const { id } = begin()
    const events = await subscribe(
      url,
      'subscription ($id: ID!) { task(id: $id) { state entity { ... on VirtualMachine { name } } } }',
      { id },
      { 'x-vsphere-trace': '1' },
    )
    expect(await events.next()).toMatchObject({
      data: { task: { state: 'QUEUED', entity: { name: 'web-01' } } },
      extensions: { vsphere: { retrievals: 1, roundTrips: 1 } },
    })
    events.abortClient()
  })
})

describe('the gateway', () => {
  it('ends subscriptions with an error event when it stops', async () => {
    const { begin, url, gateway, streaming } = await start()
    const { id } = begin()
    const events = await subscribe(url, query, { id })
    await events.next()
    await streaming()
    const rest = events.remaining()
    gateway.stop()
    expect(await rest).toMatchObject([
      {
        errors: [
          {
            message: 'the gateway is shutting down',
            extensions: { code: 'SHUTTING_DOWN', retryable: true },
          },
        ],
      },
    ])
  })

  it('requires a client that accepts server-sent events', async () => {
    const { begin, gateway } = await start()
    const { id } = begin()
    const response = await gateway.fetch('/graphql', {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/json' },
      body: JSON.stringify({ query, variables: { id } }),
    })
    expect(response.status).toBe(406)
  })
})
