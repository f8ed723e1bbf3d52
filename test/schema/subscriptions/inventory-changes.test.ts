// Tests Subscription.inventoryChanges of virtual machines over real connections: nothing is lost or reported twice, and its objects on
// the vCenter are destroyed with the last subscriber. inventory-changes-types.test.ts tests all types.

import { createClient } from 'graphql-sse'
import { describe, expect, it, onTestFinished } from 'vitest'
import { refusedFields } from '../../../src/schema/live/followable-selection.ts'
import type { Simulator } from '../../../src/simulator/index.ts'
import { subscribe } from '../../subscribe.ts'
import {
  begin,
  type Change,
  inventoryChanges,
  left,
  machinesOf,
  next,
  nextBatch,
  retrievalsOf,
  started,
  summary,
} from './inventory-changes-fixture.ts'

const fields = 'moid name ... on VirtualMachine { powerState snapshots { name } host { name } }'
const query = inventoryChanges(fields)
const machines = (filter: object) => ({ filter: { virtualMachine: filter } })
const allMachines = machines({})

describe('all virtual machines', () => {
  it('are reported at the start in batches, and then each change of a selected field', async () => {
    const { simulator, url, power, annotate, create, destroy, rename, snapshot } = await started({
      pageSizeDefault: 5,
    })
    const events = await subscribe(url, query, allMachines)
    const count = machinesOf(simulator).length
    expect((await begin(events, count)).get('web-01')).toMatchObject({ powerState: 'POWERED_ON' })
    expect(simulator.live).toMatchObject({ collectors: 1, filters: 1, waits: 1 })

    power('web-01', 'poweredOff')
    expect(await next(events)).toMatchObject({
      initial: false,
      changes: [{ kind: 'MODIFY', entity: { name: 'web-01', powerState: 'POWERED_OFF' } }],
    })
    // The annotation is not selected.
    annotate('web-01', 'a note')
    snapshot('web-01', 'point')
    const { changes } = await next(events)
    expect(changes).toMatchObject([{ kind: 'MODIFY', entity: { name: 'web-01' } }])
    expect(changes[0]?.entity).toMatchObject({
      snapshots: expect.arrayContaining([{ name: 'point' }]),
      host: { name: expect.any(String) },
    })
    create('new-01')
    expect(summary(await next(events))).toEqual([['ENTER', 'new-01']])
    rename('new-01', 'new-02')
    expect(summary(await next(events))).toEqual([['MODIFY', 'new-02']])
    const { ref } = simulator.inventory.machine('web-01')
    destroy('web-01')
    expect(await next(events)).toMatchObject({ changes: [{ kind: 'LEAVE', entity: null }] })
    expect(simulator.objects.find(ref)).toBeUndefined()
  })

  it('that change together are read together, nested or not', async () => {
    const { simulator, url, power } = await started()
    const events = await subscribe(url, query, allMachines)
    await begin(events, machinesOf(simulator).length)
    simulator.calls.length = 0
    for (const name of ['web-01', 'web-02', 'mail-01']) power(name, 'suspended')
    expect(summary(await next(events)).map(([kind]) => kind)).toEqual(['MODIFY', 'MODIFY', 'MODIFY'])
    const retrievals = retrievalsOf(simulator)
    expect(retrievals).toHaveLength(1)
  })

  it('are reported in one empty batch when there are none', async () => {
    const { url, create } = await started()
    const events = await subscribe(url, query, machines({ name: { glob: 'absent-*' } }))
    expect(await nextBatch(events)).toEqual({ initial: false, changes: [] })
    create('absent-01')
    expect(await next(events)).toMatchObject({ initial: false, changes: [{ kind: 'ENTER' }] })
  })
})

describe('a filter', () => {
  it('reports ENTER when a machine starts to match, and LEAVE when it no longer does', async () => {
    const { url, power, rename } = await started()
    const filter = { powerState: { in: ['POWERED_OFF'] }, name: { glob: 'web-*' } }
    const events = await subscribe(url, query, machines(filter))
    expect(await nextBatch(events)).toEqual({ initial: false, changes: [] })
    power('web-01', 'poweredOff')
    expect(summary(await next(events))).toEqual([['ENTER', 'web-01']])
    power('web-01', 'poweredOn')
    expect(summary(await next(events))).toEqual([['LEAVE', null]])
    power('web-02', 'poweredOff')
    expect(summary(await next(events))).toEqual([['ENTER', 'web-02']])
    rename('web-02', 'db-99')
    expect(summary(await next(events))).toEqual([['LEAVE', null]])
  })

  it('does not report changes of properties that only the filter reads', async () => {
    const { url, power } = await started()
    const events = await subscribe(
      url,
      inventoryChanges('name'),
      machines({ powerState: { in: ['POWERED_ON', 'SUSPENDED'] }, name: { eq: 'web-01' } }),
    )
    expect(summary(await next(events))).toEqual([['ENTER', 'web-01']])
    power('web-01', 'suspended')
    power('web-01', 'poweredOff')
    expect(summary(await next(events))).toEqual([['LEAVE', null]])
  })
})

describe('a hundred subscribers', () => {
  it('with the same selection share one filter, which is destroyed with the last one', async () => {
    const { gateway, simulator, url, power } = await started()
    const filter = { name: { glob: 'web-*' } }
    const all = await Promise.all(Array.from({ length: 100 }, () => subscribe(url, query, machines(filter))))
    for (const events of all) await next(events)
    expect(simulator.live).toMatchObject({ collectors: 1, filters: 1, waits: 1 })
    simulator.calls.length = 0
    power('web-01', 'poweredOff')
    for (const events of all) expect(summary(await next(events))).toEqual([['MODIFY', 'web-01']])
    const retrievals = retrievalsOf(simulator)
    expect(retrievals.length).toBeLessThan(10)

    const last = all.pop()
    for (const events of all) events.abortClient()
    power('web-01', 'poweredOn')
    expect(summary(await next(last!))).toEqual([['MODIFY', 'web-01']])
    expect(simulator.live).toMatchObject({ collectors: 1, filters: 1, waits: 1 })
    last?.abortClient()
    // The remaining view is the one that queries share while the session is active.
    await expect
      .poll(() => simulator.live, { interval: 5 })
      .toMatchObject({ views: 1, filters: 0, collectors: 0, waits: 0 })
    expect(gateway.lines).toEqual([])
  })
})

describe('a lost stream', () => {
  const losses: [string, (simulator: Simulator) => void][] = [
    ['the session ended', ({ faults }) => faults.expireSessions()],
    ['the vCenter was restarted', ({ faults }) => faults.restart()],
    [
      'the connection was lost',
      ({ faults }) => {
        faults.dropConnection('midBody', { method: 'WaitForUpdatesEx' })
      },
    ],
  ]
  it.each(losses)('is resumed when %s, and reports exactly what changed meanwhile', async (_why, lose) => {
    const { simulator, url, power, create, destroy } = await started()
    const events = await subscribe(url, query, allMachines)
    const reported = await begin(events, machinesOf(simulator).length)
    // The response with the first change may be the one that is lost.
    lose(simulator)
    power('web-01', 'suspended')
    create('new-01')
    destroy('web-02')
    const changes: Change[] = []
    while (changes.length < 3) changes.push(...(await next(events)).changes)
    const byId = new Map(changes.map((change) => [change.entityId, change]))
    expect(byId.size).toBe(3)
    expect(byId.get(reported.get('web-01')!.id)).toMatchObject({
      kind: 'MODIFY',
      entity: { powerState: 'SUSPENDED' },
    })
    expect(byId.get(reported.get('web-02')!.id)).toMatchObject({ kind: 'LEAVE' })
    expect(changes.filter(({ kind }) => kind === 'ENTER')).toMatchObject([{ entity: { name: 'new-01' } }])
    // Later changes are reported as before.
    power('web-01', 'poweredOff')
    expect(summary(await next(events))).toEqual([['MODIFY', 'web-01']])
  })
})

it.each([
  ['at the start', true],
  ['later', false],
])(
  'retries when the vCenter cannot be reached to read %s, and reports everything',
  async (_when, atStart) => {
    const { simulator, url, power, destroy } = await started({ pageSizeDefault: 5 })
    const count = machinesOf(simulator).length
    const events = await subscribe(url, query, allMachines)
    const outage = () => simulator.faults.unavailable({ method: 'RetrievePropertiesEx' })
    if (atStart) {
      // The outage starts in the middle of the initial state, as far as a client can see.
      await next(events)
      outage()
      await begin(events, count - 5)
    } else {
      await begin(events, count)
      outage()
      power('web-01', 'suspended')
      destroy('web-02')
      const kinds = (await next(events)).changes.map(({ kind }) => kind)
      while (kinds.length < 2) kinds.push(...(await next(events)).changes.map(({ kind }) => kind))
      expect(kinds.sort()).toEqual(['LEAVE', 'MODIFY'])
    }
    power('web-01', 'poweredOff')
    expect(summary(await next(events))).toEqual([['MODIFY', 'web-01']])
  },
)

it('ends new subscriptions with an error and continues existing ones when the vCenter is unreachable', async () => {
  const { simulator, url } = await started()
  await begin(await subscribe(url, query, allMachines), machinesOf(simulator).length)
  const undo = simulator.faults.unavailable()
  const events = await subscribe(url, query, allMachines)
  expect(await events.remaining()).toMatchObject([
    { errors: [{ extensions: { code: 'VCENTER_UNAVAILABLE', retryable: true } }] },
  ])
  undo()
  await expect
    .poll(async () => (await (await subscribe(url, query, allMachines)).next())?.errors)
    .toBeUndefined()
})

describe('a client', () => {
  it('that does not read costs one entry per machine, and gets only the latest state', async () => {
    const { simulator, url, power } = await started()
    const events = await subscribe(url, query, machines({ name: { eq: 'web-01' } }))
    await begin(events, 1)
    const hold = simulator.faults.pause({ method: 'RetrievePropertiesEx' })
    power('web-01', 'suspended')
    await hold.waitFor()
    for (let time = 0; time < 50; time += 1) {
      power('web-01', time % 2 === 0 ? 'poweredOff' : 'suspended')
      await new Promise(setImmediate)
    }
    power('web-01', 'poweredOff')
    hold.release()
    const first = await next(events)
    const state = first.changes[0]?.entity
    // The read that was blocked gets the last state already, or the next one does.
    expect(state).toMatchObject({ powerState: 'POWERED_OFF' })
    power('web-01', 'poweredOn')
    expect((await next(events)).changes).toMatchObject([{ entity: { powerState: 'POWERED_ON' } }])
  })

  it('that disconnects while the initial state is read leaves nothing behind', async () => {
    const { gateway, simulator, url } = await started()
    const hold = simulator.faults.pause({ method: 'RetrievePropertiesEx' })
    const events = await subscribe(url, query, allMachines)
    await hold.waitFor()
    events.abortClient()
    await expect.poll(() => hold.waiting, { interval: 5 }).toBe(0)
    hold.release()
    await expect
      .poll(() => simulator.live, { interval: 5 })
      .toMatchObject({ filters: 0, collectors: 0, waits: 0 })
    expect(gateway.lines).toEqual([])
  })

  it('may be graphql-sse', async () => {
    const { url, power } = await started()
    const client = createClient({ url, retryAttempts: 0 })
    onTestFinished(() => client.dispose())
    const events = client.iterate<{ inventoryChanges: Parameters<typeof summary>[0] & { initial: boolean } }>(
      {
        query,
        variables: machines({ name: { eq: 'web-01' } }),
      },
    )
    expect((await events.next()).value.data.inventoryChanges.initial).toBe(true)
    expect((await events.next()).value.data.inventoryChanges.initial).toBe(false)
    power('web-01', 'suspended')
    expect(summary((await events.next()).value.data.inventoryChanges)).toEqual([['MODIFY', 'web-01']])
    await events.return?.()
  })
})

describe('an invalid subscription is rejected', () => {
  it.each(['allocatedAreas { totalCount }', 'changedAreas(since: { changeId: "*" }) { totalCount }'])(
    'with the selection %s',
    async (areas) => {
      const { simulator, url } = await started()
      for (const disks of [`disks { ${areas} }`, `snapshots { disks { ${areas} } }`]) {
        const events = await subscribe(
          url,
          inventoryChanges(`...on VirtualMachine { ${disks} }`),
          allMachines,
        )
        expect(await events.remaining()).toMatchObject([
          { errors: [{ extensions: { code: 'BAD_USER_INPUT', remedy: expect.any(String) } }] },
        ])
      }
      expect(left(simulator)).toBe(0)
    },
  )

  it('with an invalid filter', async () => {
    const { url } = await started()
    const events = await subscribe(url, query, machines({ host: { id: { eq: 'nonsense' } } }))
    expect(await events.remaining()).toMatchObject([{ errors: [{ extensions: { code: 'BAD_USER_INPUT' } }] }])
  })

  it.each(refusedFields)('with a selection that nothing reports changes of: %s', async (field) => {
    const { url, simulator } = await started()
    const selections: Readonly<Record<string, string>> = {
      can: '...on ManagedEntity { can(actions: [RESET]) { allowed } }',
      createdBy: '...on VirtualMachine { snapshots { createdBy } }',
      eligibility: '...on VirtualMachine { changeTracking { eligibility { isEligible } } }',
      events: '...on VirtualMachine { host { events(first: 1) { nodes { type } } } }',
    }
    const events = await subscribe(url, inventoryChanges(selections[field] ?? ''), allMachines)
    expect(await events.remaining()).toMatchObject([
      {
        errors: [
          {
            message: expect.stringContaining(`inventoryChanges cannot follow ${field}: `),
            extensions: { code: 'BAD_USER_INPUT', remedy: expect.any(String) },
          },
        ],
      },
    ])
    expect(left(simulator)).toBe(0)
  })

  it('but for a skipped field, which is not read', async () => {
    const { url } = await started()
    const events = await subscribe(
      url,
      inventoryChanges('name ...on ManagedEntity @include(if: false) { can { allowed } }'),
      allMachines,
    )
    expect(await events.next()).toMatchObject({ data: { inventoryChanges: { initial: true } } })
    events.abortClient()
  })

  it('with a selection that could have too many objects', async () => {
    const { url } = await started({ limits: { objects: 1000 } })
    const events = await subscribe(
      url,
      inventoryChanges(
        '...on VirtualMachine { datacenter { virtualMachines(first: 50) { nodes { name } } } }',
      ),
      allMachines,
    )
    expect(await events.remaining()).toMatchObject([
      { errors: [{ extensions: { code: 'QUERY_TOO_COMPLEX', limit: 1000 } }] },
    ])
  })
})

describe('different selections', () => {
  const paths = ['name', 'uuid', 'powerState', 'template', 'cpuCount', 'memory', 'annotation']
  /** Each number selects different fields. */
  const follow = (url: string, number: number) => {
    const selected = paths.filter((_, bit) => (number >> bit) % 2 === 1)
    return subscribe(
      url,
      inventoryChanges(`...on VirtualMachine { moid ${selected.join(' ')} }`),
      allMachines,
    )
  }
  const followAll = (url: string, count: number) =>
    Promise.all(Array.from({ length: count }, (_, number) => follow(url, number + 1)))

  it('use one filter each, equal ones share one, and all share one long poll', async () => {
    const { gateway, simulator, url, power, annotate } = await started()
    const all = [...(await followAll(url, 40)), ...(await followAll(url, 40))]
    for (const events of all) expect((await events.next())?.errors).toBeUndefined()
    expect(simulator.live).toMatchObject({ views: 1, collectors: 1, filters: 40, waits: 1 })
    power('web-01', 'suspended')
    annotate('web-02', 'not reported')
    for (const [number, events] of all.entries())
      if ((((number % 40) + 1) >> 2) % 2 === 1) expect(summary(await next(events))).toHaveLength(1)
    expect(simulator.live).toMatchObject({ collectors: 1, filters: 40, waits: 1 })

    for (const events of all.slice(1)) events.abortClient()
    await expect
      .poll(() => simulator.live, { interval: 5 })
      .toMatchObject({ collectors: 1, filters: 1, waits: 1 })
    all[0]?.abortClient()
    await expect
      .poll(() => simulator.live, { interval: 5 })
      .toMatchObject({ collectors: 0, filters: 0, waits: 0 })
    expect(gateway.lines).toEqual([])
  })

  it('are rejected when there are too many, and accepted again when others have ended', async () => {
    const { simulator, url } = await started()
    const all = await followAll(url, 100)
    for (const events of all) expect((await events.next())?.errors).toBeUndefined()
    expect(await (await follow(url, 101)).remaining()).toMatchObject([
      { errors: [{ extensions: { code: 'QUERY_TOO_COMPLEX', limit: 100, retryable: true } }] },
    ])
    all[0]?.abortClient()
    await expect.poll(() => simulator.live.filters, { interval: 5 }).toBe(99)
    const another = await follow(url, 101)
    expect((await another.next())?.errors).toBeUndefined()
    for (const events of [...all, another]) events.abortClient()
  })
})

it('omits a property that the server does not know, and returns it as null', async () => {
  const { gateway, simulator, url, power } = await started()
  simulator.faults.fault({ _typeName: 'InvalidProperty', name: 'guest.toolsVersion' } as never, {
    method: 'CreateFilter',
  })
  const events = await subscribe(
    url,
    inventoryChanges('name ...on VirtualMachine { powerState guest { toolsVersion } }'),
    machines({ name: { eq: 'web-01' } }),
  )
  expect(await next(events)).toMatchObject({
    changes: [{ entity: { name: 'web-01', guest: { toolsVersion: null } } }],
  })
  power('web-01', 'suspended')
  expect(summary(await next(events))).toEqual([['MODIFY', 'web-01']])
  expect(gateway.lines).toEqual([expect.stringContaining('VirtualMachine.guest.toolsVersion')])
})
