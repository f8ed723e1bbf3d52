// Tests the subscriptions of one update stream: a filter each and one long poll for all, while
// subscriptions start and end. Nothing is lost when a server splits, repeats or omits updates, and nothing
// is left behind.

import { describe, expect, it, onTestFinished, vi } from 'vitest'
import type { SimulatedObject, Simulator } from '../../../src/simulator/index.ts'
import { machineOf } from '../../../src/simulator/virtual-machine/machine.ts'
import { setPower } from '../../../src/simulator/virtual-machine/power/power-state.ts'
import { reconfigure } from '../../../src/simulator/virtual-machine/reconfigure/reconfigure.ts'
import type { MethodName } from '../../../src/soap/envelope.ts'
import type { ManagedObjectType } from '../../../src/soap/vim-types.ts'
import type { Transport, TransportRequest } from '../../../src/transport/transport.ts'
import { getContainerView } from '../../../src/vim25/property-collector/container-views.ts'
import { createUpdateStream } from '../../../src/vim25/updates/update-stream.ts'
import { bodyOf, connect, rewriting, vmRef, waitUntil, withUpdatesOf } from '../connect.ts'

function start({
  retryMs: minReopenIntervalMs = 1,
  ...options
}: Parameters<typeof connect>[0] & { retryMs?: number } = {}) {
  const connected = connect({ vms: 5, ...options })
  const { simulator, session } = connected
  const updates = createUpdateStream(session, { minReopenIntervalMs })
  const machine = machineOf(simulator.objects.find(vmRef(simulator, 'web-01')) as SimulatedObject)
  return {
    ...connected,
    moid: machine.ref.value,
    count: [...simulator.objects.ofType('VirtualMachine')].length,
    power: (state: 'poweredOn' | 'suspended') => setPower(machine, state, new Date()),
    rename: (name: string) => reconfigure(machine, { name } as never, new Date()),
    follow(paths: readonly string[], type: ManagedObjectType = 'VirtualMachine', started = () => {}) {
      const reported = {
        atStart: [] as string[],
        later: [] as string[],
        starts: 0,
        ends: 0,
        error: undefined as unknown,
      }
      const leave = updates.subscribe({
        open: async (login) => ({
          views: [await getContainerView(login, type, {})],
          propSet: [{ type, pathSet: paths }],
          onUpdates: (updates, isStart) => {
            const moids = updates.map(({ obj }) => obj.value)
            if (isStart) reported.atStart.push(...moids)
            else reported.later.push(...moids)
          },
          onStarted: () => {
            reported.starts += 1
            started()
          },
          onEnd: () => {
            reported.ends += 1
          },
        }),
        onError: (error) => {
          reported.error = error
        },
      })
      onTestFinished(leave)
      return { reported, leave }
    },
    waiting: (filters: number) =>
      waitUntil(() => simulator.live.waits === 1 && simulator.live.filters === filters),
    /** Waits until the stream has destroyed its server-side objects; the views belong to the session. */
    idle: () => waitUntil(() => left(simulator) === 0),
  }
}

const left = ({ live }: Simulator) => live.waits + live.collectors + live.filters

/** Responds to some requests itself, after the server has responded. */
const respondingWith =
  (respond: (request: TransportRequest) => string | undefined) =>
  (transport: Transport): Transport => ({
    ...transport,
    async send(request) {
      const response = await transport.send(request)
      const text = respond(request)
      return text === undefined ? response : { ...response, body: bodyOf(text) }
    },
  })

describe('subscriptions that start and end while the stream waits', () => {
  it('have a filter each and share one call, and get only their own updates', async () => {
    const { simulator, count, moid, power, rename, follow, waiting, idle, counts } = start()
    const states = follow(['runtime.powerState'])
    await waiting(1)
    const names = follow(['name'])
    await waiting(2)
    expect(simulator.live).toMatchObject({ views: 1, collectors: 1, filters: 2, waits: 1 })
    for (const { reported } of [states, names])
      expect(reported).toMatchObject({ starts: 1, later: [], atStart: { length: count } })

    power('suspended')
    await waitUntil(() => states.reported.later.length > 0)
    rename('web-99')
    await waitUntil(() => names.reported.later.length > 0)
    await waiting(2)
    states.leave()
    await waiting(1)
    rename('web-01')
    await waitUntil(() => names.reported.later.length > 1)
    expect(states.reported).toMatchObject({ later: [moid], starts: 1, ends: 1 })
    expect(names.reported).toMatchObject({ later: [moid, moid], starts: 1, ends: 0 })
    names.leave()
    await idle()
    expect(names.reported.ends).toBe(1)
    expect(counts()).toMatchObject({ CreatePropertyCollector: 1, CancelWaitForUpdates: 2 })
  })

  it('are added together when they start at once', async () => {
    const { follow, waiting, idle, counts } = start()
    const first = follow(['name'])
    await waiting(1)
    const others = Array.from({ length: 20 }, () => follow(['runtime.powerState']))
    await waiting(21)
    for (const { leave } of others) leave()
    await waiting(1)
    expect(counts()).toMatchObject({ CancelWaitForUpdates: 2, DestroyPropertyFilter: 20 })
    expect(first.reported.starts).toBe(1)
    first.leave()
    await idle()
  })

  it('are added before the next call, however shortly before it they start', async () => {
    const { follow } = start()
    let second: ReturnType<typeof follow> | undefined
    follow(['name'], 'VirtualMachine', () => {
      // After everything that the stream does at once, and before what it does next.
      queueMicrotask(() => {
        second ??= follow(['runtime.powerState'])
      })
    })
    await waitUntil(() => second?.reported.starts === 1)
  })

  it('do not delay updates for the existing ones, however fast they follow one another', async () => {
    const maxUpdates = 100
    let arrived = 0
    let come = () => {}
    // Another subscription replaces each one that is added.
    const wrap = (transport: Transport): Transport => ({
      ...transport,
      send(request) {
        if (request.body?.includes('<CreateFilter ')) come()
        return transport.send(request)
      },
    })
    const { follow, waiting, power, moid } = start({ wrap })
    const first = follow(['runtime.powerState'])
    await waiting(1)
    come = () => {
      last.leave()
      arrived += 1
      if (arrived < maxUpdates) last = follow(['name'])
    }
    let last = follow(['name'])
    // The call that waited before them has ended.
    await waitUntil(() => arrived > 2)
    power('suspended')
    await waitUntil(() => first.reported.later.length > 0)
    expect(first.reported.later).toEqual([moid])
    expect(arrived).toBeLessThan(maxUpdates)
    arrived = maxUpdates
  })

  it.each(['alone', 'beside another'])('get no failure once they have ended, %s', async (how) => {
    const { simulator, follow, waiting, idle } = start()
    const other = how === 'alone' ? undefined : follow(['name'])
    if (other) await waiting(1)
    const hold = simulator.faults.pause({ method: 'CreateFilter' })
    const wrong = follow(['no.such'])
    await hold.waitFor()
    wrong.leave()
    hold.release()
    if (other) {
      // The next event shows that it is over.
      const next = follow(['runtime.powerState'])
      await waitUntil(() => next.reported.starts === 1)
      next.leave()
      other.leave()
    }
    await idle()
    expect(wrong.reported).toMatchObject({ ends: 1, error: undefined })
  })

  it('are not delayed by a call that completed before its cancellation', async () => {
    let isHeld = false
    let completedFirst = () => {}
    const wrap = (transport: Transport): Transport => ({
      ...transport,
      async send(request) {
        if (isHeld && request.body?.includes('<WaitForUpdatesEx ')) {
          isHeld = false
          await new Promise<void>((resolve) => {
            completedFirst = resolve
          })
        }
        const response = await transport.send(request)
        if (request.body?.includes('<CancelWaitForUpdates ')) completedFirst()
        return response
      },
    })
    const { follow, waiting, power, counts } = start({ wrap })
    const first = follow(['runtime.powerState'])
    await waiting(1)
    isHeld = true
    power('suspended')
    await waitUntil(() => first.reported.later.length === 1 && !isHeld)
    const second = follow(['name'])
    await waitUntil(() => second.reported.starts === 1)
    expect(counts().CancelWaitForUpdates).toBe(2)
  })

  it('get all updates when a server omits a filter that was added later, as vcsim does', async () => {
    let omitsUpdates = false
    const wrap = respondingWith(({ body }) => {
      if (!body?.includes('<maxWaitSeconds>0<')) return undefined
      // Until everything is requested again.
      omitsUpdates &&= !body.includes('<version></version>')
      if (!omitsUpdates) return undefined
      return '<Envelope xmlns="http://schemas.xmlsoap.org/soap/envelope/"><Body><WaitForUpdatesExResponse xmlns="urn:vim25"></WaitForUpdatesExResponse></Body></Envelope>'
    })
    const { follow, waiting, power, moid } = start({ wrap })
    const first = follow(['runtime.powerState'])
    await waiting(1)
    omitsUpdates = true
    const second = follow(['runtime.powerState'])
    await waiting(2)
    expect(first.reported).toMatchObject({ starts: 2, ends: 0, later: [] })
    expect(second.reported.starts).toBe(1)
    power('suspended')
    await waitUntil(() => second.reported.later.length > 0)
    expect([first.reported.later, second.reported.later]).toEqual([[moid], [moid]])
  })

  it('are notified of their start when there is nothing to report', async () => {
    const { follow, waiting } = start()
    const first = follow(['name'], 'OpaqueNetwork')
    await waiting(1)
    expect(first.reported).toMatchObject({ starts: 1, atStart: [] })
    const names = follow(['name'])
    await waiting(2)
    const second = follow(['summary'], 'OpaqueNetwork')
    await waiting(3)
    expect(names.reported).toMatchObject({ later: [] })
    expect(second.reported).toMatchObject({ starts: 1, atStart: [] })
  })
})

it('accept pages, empty sets and sets of unknown filters as they arrive', async () => {
  const unknownFilterSet = '<filterSet><filter type="PropertyFilter">unknown</filter></filterSet>'
  const withUnknownFilterSet = rewriting((text) =>
    text.replace(/<\/version>/, `</version>${unknownFilterSet}`),
  )
  const { count, follow, waiting, power, moid, counts } = start({
    wrap: (each) => withUnknownFilterSet(withUpdatesOf(3)(each)),
  })
  const first = follow(['runtime.powerState'])
  await waiting(1)
  const second = follow(['runtime.powerState'])
  await waiting(2)
  for (const { reported } of [first, second]) {
    expect(reported.starts).toBe(1)
    expect(new Set(reported.atStart).size).toBe(count)
    expect(reported.later).toEqual([])
  }
  expect(counts().WaitForUpdatesEx).toBeGreaterThanOrEqual((2 * count) / 3)
  power('suspended')
  await waitUntil(() => second.reported.later.length > 0)
  expect([first.reported.later, second.reported.later]).toEqual([[moid], [moid]])
})

describe('a failure', () => {
  it('of one filter affects only its subscription', async () => {
    const { simulator, follow, waiting, power, idle } = start()
    const first = follow(['runtime.powerState'])
    await waiting(1)
    simulator.faults.fault('InvalidProperty', { method: 'CreateFilter' })
    const rejected = follow(['nonsense'])
    await waitUntil(() => rejected.reported.error !== undefined)
    expect(rejected.reported).toMatchObject({ error: { faultName: 'InvalidProperty' }, starts: 0, ends: 1 })
    power('suspended')
    await waitUntil(() => first.reported.later.length > 0)
    expect(first.reported).toMatchObject({ starts: 1, ends: 0, error: undefined })
    first.leave()
    await idle()
  })

  it('that is permanent is reported to all, and later subscriptions are served', async () => {
    const { simulator, follow, waiting, idle } = start()
    simulator.faults.fault('NotSupported', { method: 'WaitForUpdatesEx' })
    const all = [follow(['name']), follow(['runtime.powerState'])]
    await waitUntil(() => all.every(({ reported }) => reported.error !== undefined))
    for (const { reported } of all)
      expect(reported).toMatchObject({ error: { faultName: 'NotSupported' }, ends: 1 })
    await idle()
    const later = follow(['name'])
    await waiting(1)
    expect(later.reported.starts).toBe(1)
  })

  const interruptions: [string, (simulator: Simulator) => void][] = [
    ['the end of the session', ({ faults }) => faults.expireSessions()],
    ['a restart', ({ faults }) => faults.restart()],
    // As many times as it is retried.
    [
      'connections that break',
      ({ faults }) => faults.dropConnection('midBody', { method: 'WaitForUpdatesEx', times: 3 }),
    ],
    ['an outage', ({ faults }) => faults.unavailable({ method: 'WaitForUpdatesEx', times: 3 })],
    [
      'a version that is no longer known',
      ({ faults }) => faults.fault('InvalidCollectorVersion', { method: 'WaitForUpdatesEx' }),
    ],
  ]
  it.each(interruptions)('as %s restarts all subscriptions', async (_what, lose) => {
    const { simulator, count, follow, power, idle } = start()
    const all = [follow(['runtime.powerState']), follow(['name', 'runtime.powerState'])]
    await waitUntil(() => simulator.live.waits === 1 && all.every(({ reported }) => reported.starts === 1))
    lose(simulator)
    power('suspended')
    // The response that is lost may be the one after it.
    await waitUntil(() => all.every(({ reported }) => reported.starts + reported.later.length >= 2))
    power('poweredOn')
    await waitUntil(() => all.every(({ reported }) => reported.starts === 2))
    for (const { reported } of all)
      expect(reported).toMatchObject({ ends: 1, atStart: { length: 2 * count } })
    for (const { leave } of all) leave()
    await idle()
    await waitUntil(() => simulator.live.sessions === 1)
  })

  it.each(['unread', 'unanswered', 'midBody'] as const)(
    'of one call is retried, and nothing is reported twice: cut %s',
    async (how) => {
      const { simulator, count, moid, follow, waiting, power, counts } = start()
      const { reported } = follow(['runtime.powerState'])
      await waiting(1)
      simulator.faults.dropConnection(how, { method: 'WaitForUpdatesEx' })
      // The response that is lost may be the one after it.
      for (const [index, state] of (['suspended', 'poweredOn', 'suspended'] as const).entries()) {
        power(state)
        await waitUntil(() => reported.later.length > index)
      }
      expect(reported).toMatchObject({
        starts: 1,
        ends: 0,
        later: [moid, moid, moid],
        atStart: { length: count },
      })
      expect(counts()).toMatchObject({ CreatePropertyCollector: 1, CreateFilter: 1 })
    },
  )

  it('of one call restarts the subscription where versions stay the same, as on vcsim, since updates may have been lost', async () => {
    const wrap = rewriting((text) => text.replace(/(?<=<version>)\d+/, '-'))
    const rewritingVersion = (transport: Transport): Transport => ({
      ...wrap(transport),
      send: ({ body = '', ...request }) =>
        wrap(transport).send({ ...request, body: body.replace('<version>-<', `<version>${version}<`) }),
    })
    let version = 1
    const { simulator, follow, waiting, power } = start({ wrap: rewritingVersion })
    const { reported } = follow(['runtime.powerState'])
    await waiting(1)
    simulator.faults.dropConnection('unread', { method: 'WaitForUpdatesEx' })
    power('suspended')
    version += 1
    await waitUntil(() => reported.starts === 2)
  })

  it('after the stream has been idle for a while does not delay its subscriptions', async () => {
    const retryMs = 60_000
    const now = vi.spyOn(performance, 'now')
    onTestFinished(() => now.mockRestore())
    const { simulator, follow, waiting, power } = start({ retryMs })
    const { reported } = follow(['runtime.powerState'])
    await waiting(1)
    const later = performance.now() + retryMs
    now.mockReturnValue(later)
    simulator.faults.dropConnection('unread', { method: 'WaitForUpdatesEx', times: 3 })
    power('suspended')
    await waitUntil(() => reported.starts === 2)
  })
})

it.each<MethodName>([
  'Login',
  'CreateContainerView',
  'CreatePropertyCollector',
  'CreateFilter',
  'WaitForUpdatesEx',
  'CancelWaitForUpdates',
  'DestroyPropertyFilter',
])('a stream that all subscriptions leave at %s leaves nothing behind', async (method) => {
  const { simulator, follow, waiting, idle } = start()
  const hold = simulator.faults.pause({ method })
  const all = [follow(['name']), follow(['runtime.powerState'])]
  if (method === 'CancelWaitForUpdates' || method === 'DestroyPropertyFilter') {
    await waiting(2)
    all.shift()?.leave()
  }
  await hold.waitFor()
  for (const { leave } of all) leave()
  hold.release()
  await idle()
  expect(simulator.live.views).toBeLessThanOrEqual(1)
})
