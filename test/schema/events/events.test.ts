// Query.events and ManagedEntity.events: filters, pages, entities, the end of the history, and the collectors on the server.

import assert from 'node:assert/strict'
import { afterEach, describe, expect, it, onTestFinished } from 'vitest'
import { recordEvent } from '../../../src/simulator/history/event-log.ts'
import { createManualClock } from '../../../src/simulator/index.ts'
import { encodeOpaque } from '../../../src/text/opaque-string.ts'
import { startGateway, type TestGateway } from '../../test-gateway.ts'
import { waitUntil } from '../../vim25/connect.ts'

let started: TestGateway[] = []

function start(options: Parameters<typeof startGateway>[0] = {}) {
  const clock = createManualClock()
  const gateway = startGateway({ clock, ...options })
  started.push(gateway)
  onTestFinished(() => gateway.close())
  return { ...gateway, clock }
}

// No test may leave a collector behind.
afterEach(async () => {
  for (const { simulator } of started) await waitUntil(() => simulator.live.historyCollectors === 0)
  started = []
})

async function eventsOf(
  { execute }: Pick<TestGateway, 'execute'>,
  args: string,
  selection = 'nodes { type userName message entityName severity } pageInfo { hasNextPage endCursor } coverage { isComplete }',
) {
  const { data, errors } = await execute(`{ events${args} { ${selection} } }`)
  expect(errors).toBeUndefined()
  return data.events
}

const callsOf = ({ simulator }: Pick<TestGateway, 'simulator'>) => simulator.calls.map(({ method }) => method)

function managerOf({ simulator }: Pick<TestGateway, 'simulator'>) {
  const [manager] = simulator.objects.ofType('EventManager')
  assert(manager)
  return manager
}

describe('Query.events', () => {
  it('returns the newest events first, with what happened and to what', async () => {
    const gateway = start()
    const { nodes } = await eventsOf(
      gateway,
      '(filter: { types: ["VmPoweredOffEvent", "VmFailedToPowerOnEvent"] })',
    )
    expect(nodes).toMatchObject([
      {
        type: 'VmFailedToPowerOnEvent',
        userName: 'CORP\\svc-backup',
        entityName: 'erp-01',
        severity: 'ERROR',
      },
      { type: 'VmPoweredOffEvent', userName: 'CORP\\ann', entityName: 'mail-01', severity: 'INFO' },
      { type: 'VmPoweredOffEvent', userName: 'CORP\\bob', entityName: 'web-02', severity: 'INFO' },
    ])
    expect(nodes[1].message).toMatch(/^mail-01 on .* is powered off$/)
  })

  it('names the id of an EventEx as its type, and its own severity', async () => {
    const gateway = start()
    const { nodes } = await eventsOf(gateway, '(filter: { severities: [WARNING] })')
    expect(nodes).toMatchObject([
      { type: 'com.vmware.vc.VmDiskConsolidationNeeded', severity: 'WARNING', userName: '' },
      { type: 'com.vmware.vc.ha.VmRestartedByHAEvent', severity: 'WARNING', entityName: 'web-01' },
    ])
  })

  it('reads the pages of a history one after another, each event once', async () => {
    const gateway = start()
    const all = await eventsOf(gateway, '(first: 1000)', 'nodes { key } coverage { isComplete }')
    const keys: number[] = []
    let after = ''
    for (let pages = 0; pages < 100; pages += 1) {
      const page = await eventsOf(
        gateway,
        `(first: 7${after})`,
        'nodes { key } pageInfo { hasNextPage endCursor }',
      )
      keys.push(...page.nodes.map(({ key }: { key: number }) => key))
      if (!page.pageInfo.hasNextPage) break
      after = `, after: "${page.pageInfo.endCursor}"`
    }
    expect(keys).toEqual(all.nodes.map(({ key }: { key: number }) => key))
    expect(all.coverage).toEqual([{ isComplete: true }])
    expect(keys.length).toBeGreaterThan(20)
  })

  it('reads a full page with one collector', async () => {
    const gateway = start()
    await gateway.execute('{ vcenters { id } }')
    gateway.simulator.calls.length = 0
    await eventsOf(gateway, '(first: 3)', 'nodes { type message }')
    await waitUntil(() => gateway.simulator.live.historyCollectors === 0)
    expect(callsOf(gateway)).toEqual(['CreateCollectorForEvents', 'RetrievePropertiesEx', 'DestroyCollector'])
  })

  it('confirms the end of the history with a further collector and the oldest events', async () => {
    const gateway = start()
    await gateway.execute('{ vcenters { id } }')
    gateway.simulator.calls.length = 0
    await eventsOf(gateway, '(filter: { types: ["VmPoweredOffEvent"] })', 'nodes { type }')
    await waitUntil(() => gateway.simulator.live.historyCollectors === 0)
    expect(callsOf(gateway).filter((method) => method !== 'DestroyCollector')).toEqual([
      'CreateCollectorForEvents',
      'RetrievePropertiesEx',
      'CreateCollectorForEvents',
      'RetrievePropertiesEx',
      'ReadNextEvents',
    ])
    expect(callsOf(gateway).filter((method) => method === 'DestroyCollector')).toHaveLength(2)
  })

  it('reads the objects of all events of a page in one retrieval', async () => {
    const gateway = start()
    await gateway.execute('{ vcenters { id } }')
    gateway.simulator.calls.length = 0
    const { nodes } = await eventsOf(
      gateway,
      '(first: 12)',
      'nodes { entityName entity { __typename name ... on VirtualMachine { powerState host { name } } } }',
    )
    expect(nodes).toContainEqual(
      expect.objectContaining({ entity: expect.objectContaining({ __typename: 'HostSystem' }) }),
    )
    for (const { entity, entityName } of nodes) expect(entity?.name ?? null).toBe(entityName)
    expect(callsOf(gateway).filter((method) => method === 'RetrievePropertiesEx')).toHaveLength(2)
  })

  it('selects by object with what is below it, user, chain and time', async () => {
    const gateway = start()
    const { data } = await gateway.execute(
      '{ cluster: computeResource(by: { path: "/Frankfurt/host/cluster-fra" }) { id } vm: virtualMachine(by: { name: "erp-01" }) { id } }',
    )
    const ofVm = await eventsOf(
      gateway,
      `(filter: { entity: "${data.vm.id}", types: ["VmStartingEvent", "VmFailedToPowerOnEvent"] })`,
      'nodes { key chainId type }',
    )
    expect(ofVm.nodes.map(({ type }: { type: string }) => type)).toEqual([
      'VmFailedToPowerOnEvent',
      'VmStartingEvent',
    ])
    const chain = await eventsOf(
      gateway,
      `(filter: { chainId: ${ofVm.nodes[1].chainId} })`,
      'nodes { key type }',
    )
    expect(chain.nodes).toMatchObject(ofVm.nodes.map(({ key }: { key: number }) => ({ key })))
    const lastHour = await eventsOf(
      gateway,
      '(filter: { lastSeconds: 3600, users: ["CORP\\\\ann"], types: ["GeneralUserEvent", "VmReconfiguredEvent", "UserLoginSessionEvent"] })',
      'nodes { type }',
    )
    expect(lastHour.nodes.map(({ type }: { type: string }) => type)).toEqual([
      'GeneralUserEvent',
      'VmReconfiguredEvent',
      'UserLoginSessionEvent',
    ])
    expect(callsOf(gateway)).toContain('CurrentTime')
  })

  it('evaluates conditions on messages over at most 10,000 events, and continues from where it stopped', async () => {
    const gateway = start()
    const { simulator } = gateway
    const vm = simulator.inventory.vm('web-01').ref
    for (let index = 0; index < 12_000; index += 1)
      recordEvent(simulator.objects, { _typeName: 'VmPoweredOnEvent', vm })
    const filter = '{ lastSeconds: 110000, message: { contains: "POWERED OFF" } }'
    const selection = 'nodes { entityName } pageInfo { hasNextPage endCursor }'
    const first = await eventsOf(gateway, `(first: 5, filter: ${filter})`, selection)
    expect(first).toMatchObject({ nodes: [], pageInfo: { hasNextPage: true } })
    const second = await eventsOf(
      gateway,
      `(first: 5, after: "${first.pageInfo.endCursor}", filter: ${filter})`,
      selection,
    )
    expect(second.nodes).toEqual([{ entityName: 'mail-01' }])
    expect(second.pageInfo.hasNextPage).toBe(false)
  })

  it.each([0, 3])(
    'finds older events behind more hidden ones than a page has, after %d visible ones',
    async (visible) => {
      const gateway = start()
      const { simulator, clock } = gateway
      const record = (name: string) => {
        clock.advance(1_000)
        return recordEvent(simulator.objects, {
          _typeName: 'VmPoweredOnEvent',
          vm: simulator.inventory.vm(name).ref,
        }).key
      }
      simulator.authorization.grant('user', { role: 'NoAccess', on: simulator.inventory.vm('web-01').ref })
      const older = record('web-02')
      for (let index = 0; index < 1_500; index += 1) record('web-01')
      const newer = Array.from({ length: visible }, () => record('web-02'))
      const { nodes, coverage, pageInfo } = await eventsOf(
        gateway,
        '(first: 50, filter: { lastSeconds: 7200, types: ["VmPoweredOnEvent"] })',
        'nodes { key } pageInfo { hasNextPage } coverage { isComplete }',
      )
      expect(nodes).toEqual([older, ...newer].reverse().map((key) => ({ key })))
      expect(pageInfo.hasNextPage).toBe(false)
      expect(coverage).toEqual([{ isComplete: true }])
    },
  )

  it('loses none on the pages that follow, when more hidden events than a page has are on both sides', async () => {
    const gateway = start()
    const { simulator, clock } = gateway
    const record = (name: string) => {
      clock.advance(1_000)
      const vm = simulator.inventory.vm(name).ref
      return recordEvent(simulator.objects, { _typeName: 'VmPoweredOnEvent', vm }).key
    }
    simulator.authorization.grant('user', { role: 'NoAccess', on: simulator.inventory.vm('web-01').ref })
    const hide = (count: number) => {
      for (let index = 0; index < count; index += 1) record('web-01')
    }
    hide(1_500)
    const keys = [record('web-02')]
    hide(1_500)
    keys.push(record('web-02'))
    const found: number[] = []
    let after = ''
    for (let page = 1; page <= 2; page += 1) {
      const { nodes, pageInfo } = await eventsOf(
        gateway,
        `(first: 1, ${after} filter: { lastSeconds: 7200, types: ["VmPoweredOnEvent"] })`,
        'nodes { key } pageInfo { hasNextPage endCursor }',
      )
      found.push(...nodes.map(({ key }: { key: number }) => key))
      after = `after: "${pageInfo.endCursor}",`
    }
    expect(found).toEqual(keys.reverse())
  })

  it('is complete without matches for an account that reads the root folder, and otherwise not', async () => {
    const users = [
      { username: 'half', password: 'pass', grants: [{ role: 'ReadOnly', on: '/Oregon' }] },
    ] as const
    const filter = '(filter: { types: ["VmGuestRebootEvent"] })'
    const all = start()
    expect(await eventsOf(all, filter)).toMatchObject({ nodes: [], coverage: [{ isComplete: true }] })
    const half = start({ users, gatewayUser: 'half' })
    const { objects, inventory } = half.simulator
    // Pages of hidden events at both ends are as empty as a history without matches.
    for (const [vm, count] of [
      ['web-01', 1_000],
      ['wiki-01', 10],
      ['web-01', 200],
    ] as const)
      for (let event = 0; event < count; event += 1)
        recordEvent(objects, { _typeName: 'VmGuestRebootEvent', vm: inventory.vm(vm).ref })
    expect(await eventsOf(half, filter)).toMatchObject({ coverage: [{ isComplete: false }] })
  })

  it('says that it is not complete when too many hidden events are in between', async () => {
    const gateway = start()
    const { simulator, clock } = gateway
    const { objects } = simulator
    const hidden = simulator.inventory.vm('web-01').ref
    simulator.authorization.grant('user', { role: 'NoAccess', on: hidden })
    recordEvent(objects, { _typeName: 'VmPoweredOnEvent', vm: simulator.inventory.vm('web-02').ref })
    clock.advance(1_000)
    for (let index = 0; index < 22_000; index += 1)
      recordEvent(objects, { _typeName: 'VmPoweredOnEvent', vm: hidden })
    const { nodes, coverage } = await eventsOf(
      gateway,
      '(filter: { lastSeconds: 3600, types: ["VmPoweredOnEvent"] })',
      'nodes { key } coverage { vcenter isComplete error { code remedy } }',
    )
    expect(nodes).toEqual([])
    expect(coverage).toMatchObject([{ vcenter: 'test', isComplete: false, error: { code: 'FORBIDDEN' } }])
  })

  it.each([
    ['{ since: "2026-01-01T00:00:00Z", lastSeconds: 5 }', 'since and lastSeconds cannot be combined'],
    ['{ message: { contains: "x" } }', 'message needs since or lastSeconds'],
    ['{ scope: SELF }', 'scope needs entity'],
    ['{ types: [] }', 'types is empty'],
    ['{ users: [""] }', 'users contains an empty name'],
    ['{ users: ["a\\u0000"] }', 'users contains a name with characters that XML cannot represent'],
    ['{ types: ["a\\u0001"] }', 'types contains a name with characters that XML cannot represent'],
    ['{ types: ["VmPoweredOffEvent", ""] }', 'types contains an empty name'],
    ['{ chainId: -1 }', 'chainId is -1'],
    ['{ lastSeconds: 0 }', 'lastSeconds is 0'],
    ['{ since: "2026-01-02T00:00:00Z", until: "2026-01-01T00:00:00Z" }', 'until is before since'],
  ])('rejects the filter %s before any call', async (filter, message) => {
    const gateway = start()
    const { errors } = await gateway.execute(`{ events(filter: ${filter}) { nodes { key } } }`)
    expect(errors?.[0]?.extensions?.code).toBe('BAD_USER_INPUT')
    expect(errors?.[0]?.message).toContain(message)
    expect(errors?.[0]?.extensions?.remedy).toMatch(/\.$/)
    expect(callsOf(gateway)).toEqual([])
  })

  it('rejects a class that the vCenter does not have, and suggests one that it has', async () => {
    const gateway = start()
    const query = '{ events(filter: { types: ["VmEvent", "VmPowerdOffEvent"] }) { nodes { key } } }'
    for (let nth = 0; nth < 2; nth += 1) {
      const { errors } = await gateway.execute(query)
      expect(errors).toMatchObject([
        {
          message: expect.stringContaining('types contains "VmPowerdOffEvent"'),
          extensions: { code: 'BAD_USER_INPUT', remedy: expect.stringContaining('VmPoweredOffEvent?') },
        },
      ])
    }
    // The classes are read once for each login.
    expect(callsOf(gateway).filter((method) => method === 'RetrievePropertiesEx')).toHaveLength(1)
    expect(callsOf(gateway)).not.toContain('CreateCollectorForEvents')
  })

  it('suggests each of the classes that are equally close, such as opposites', async () => {
    const { errors } = await start().execute(
      '{ events(filter: { types: ["VmPoweredOfEvent"] }) { nodes { key } } }',
    )
    expect(errors?.[0]?.extensions.remedy).toMatch(/^Did you mean VmPoweredOffEvent or VmPoweredOnEvent\?/)
  })

  it('accepts base classes, ids, and classes that only the vCenter knows', async () => {
    const gateway = start()
    const description = { key: 'NewVmEvent', category: 'info' }
    const manager = managerOf(gateway)
    const { eventInfo } = manager.get('description') as { eventInfo: object[] }
    manager.set('description', { eventInfo: [...eventInfo, description] })
    await eventsOf(gateway, '(filter: { types: ["VmEvent", "DvsEvent", "com.example.NoSuchEvent"] })')
    await eventsOf(gateway, '(filter: { types: ["NewVmEvent"] })')
  })

  it('accepts every class when the classes cannot be read', async () => {
    const gateway = start()
    managerOf(gateway).set('description', { eventInfo: [] })
    expect((await eventsOf(gateway, '(filter: { types: ["NoSuchEvent"] })')).nodes).toEqual([])
  })

  it('rejects a cursor of events with another filter', async () => {
    const gateway = start()
    const { pageInfo } = await eventsOf(gateway, '(first: 1)', 'pageInfo { endCursor }')
    const { errors } = await gateway.execute(
      `{ events(first: 1, after: "${pageInfo.endCursor}", filter: { severities: [ERROR] }) { nodes { key } } }`,
    )
    expect(errors?.[0]?.extensions?.code).toBe('BAD_USER_INPUT')
  })

  it('continues with the same filter whose lists are in another order', async () => {
    const gateway = start()
    const { pageInfo } = await eventsOf(
      gateway,
      '(first: 1, filter: { severities: [INFO, ERROR], types: ["VmPoweredOnEvent", "VmPoweredOffEvent"] })',
      'pageInfo { endCursor }',
    )
    const { errors } = await gateway.execute(
      `{ events(first: 1, after: "${pageInfo.endCursor}", filter: { types: ["VmPoweredOffEvent", "VmPoweredOnEvent"], severities: [ERROR, INFO] }) { nodes { key } } }`,
    )
    expect(errors).toBeUndefined()
  })

  it.each([-1, 0.5, 8.64e15])('rejects a cursor with the time %s before any call', async (time) => {
    const gateway = start()
    const { errors } = await gateway.execute(
      'query ($after: String) { events(after: $after) { nodes { key } } }',
      {
        after: encodeOpaque(['events', 'x', time, 'vcenter', 1]),
      },
    )
    expect(errors?.[0]?.message).toContain('after is not a cursor of events')
    expect(callsOf(gateway)).toEqual([])
  })

  it.each(['events', 'tasks'])('rejects %s up to a time before the last seconds', async (field) => {
    const gateway = start()
    const { errors } = await gateway.execute(
      `{ ${field}(filter: { lastSeconds: 60, until: "2020-01-01T00:00:00Z" }) { nodes { __typename } } }`,
    )
    expect(errors).toMatchObject([
      {
        message: expect.stringContaining('until is before since: the last 60 seconds began at'),
        extensions: { code: 'BAD_USER_INPUT', remedy: expect.any(String) },
      },
    ])
    expect(callsOf(gateway)).not.toContain('CreateCollectorForEvents')
    expect(callsOf(gateway)).not.toContain('CreateCollectorForTasks')
  })

  it('returns an empty page without a collector when the window has moved past the cursor', async () => {
    const gateway = start()
    const filter = 'filter: { lastSeconds: 110000 }'
    const { pageInfo } = await eventsOf(gateway, `(first: 1, ${filter})`)
    expect(pageInfo.hasNextPage).toBe(true)
    gateway.clock.advance(200_000_000)
    gateway.simulator.calls.length = 0
    const page = await eventsOf(gateway, `(first: 1, after: "${pageInfo.endCursor}", ${filter})`)
    expect(page).toMatchObject({
      nodes: [],
      pageInfo: { hasNextPage: false },
      coverage: [{ isComplete: true }],
    })
    expect(callsOf(gateway)).not.toContain('CreateCollectorForEvents')
  })

  it('returns null for the object of an event that no longer exists, and its name at the time', async () => {
    const gateway = start()
    gateway.simulator.inventory.destroy('mail-01')
    const { nodes } = await eventsOf(
      gateway,
      '(first: 1, filter: { types: ["VmRemovedEvent"] })',
      'nodes { entityName entity { id } }',
    )
    expect(nodes).toEqual([{ entityName: 'mail-01', entity: null }])
  })
})

describe('ManagedEntity.events', () => {
  it('returns the events of the object itself, with one collector for each object', async () => {
    const gateway = start()
    await gateway.execute('{ vcenters { id } }')
    gateway.simulator.calls.length = 0
    const { data, errors } = await gateway.execute(
      '{ virtualMachine(by: { name: "web-02" }) { events(first: 1, filter: { types: ["VmPoweredOffEvent"] }) { nodes { userName createdAt } } } }',
    )
    expect(errors).toBeUndefined()
    expect(data.virtualMachine.events.nodes).toEqual([
      { userName: 'CORP\\bob', createdAt: '2026-01-03T04:00:01.000Z' },
    ])
  })

  it('rejects entity and scope', async () => {
    const gateway = start()
    const { errors } = await gateway.execute(
      '{ virtualMachine(by: { name: "web-02" }) { events(filter: { scope: SELF }) { nodes { key } } } }',
    )
    expect(errors?.[0]?.message).toContain('scope is not accepted')
  })

  it('rejects more than 100 collectors in one operation', async () => {
    const gateway = start({ vms: 120 })
    const { data, errors } = await gateway.execute(
      '{ virtualMachines(first: 101) { nodes { events(first: 1) { nodes { key } } } } }',
    )
    expect(data).toBeNull()
    expect(errors?.[0]?.extensions).toMatchObject({ code: 'QUERY_TOO_COMPLEX', limit: 100 })
  })
})

it('shows the power-off of a machine in the past within the time of its task', async () => {
  const { execute } = start()
  const { data } = await execute(`{
    tasks(filter: { operations: ["VirtualMachine.powerOff"], lastSeconds: 200000 }) {
      nodes { entityName startedAt completedAt }
    }
    events(filter: { types: ["VmPoweredOffEvent"], users: ["CORP\\\\ann"] }) { nodes { entityName createdAt } }
  }`)
  const [event] = data.events.nodes
  const task = data.tasks.nodes.find(({ entityName }: { entityName: string }) => entityName === 'mail-01')
  expect(event.entityName).toBe('mail-01')
  expect(event.createdAt >= task.startedAt && event.createdAt <= task.completedAt).toBe(true)
})
