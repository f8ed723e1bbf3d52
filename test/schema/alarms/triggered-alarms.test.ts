// Tests triggered alarms: their values, pages, filters, orders and groups, of the whole vCenter and of one object, and what they cost.

import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { AlarmState } from '../../../src/simulator/alarms/alarm-store.ts'
import type { SimulatedObject } from '../../../src/simulator/index.ts'
import type { ManagedObjectReference } from '../../../src/soap/vim-types.ts'
import { startGateway, type TestGateway } from '../../test-gateway.ts'
import { rewriting } from '../../vim25/connect.ts'

let gateway: TestGateway
beforeEach(async () => {
  gateway = startGateway({ pageSizeDefault: 20 })
  await gateway.execute('{ virtualMachine(by: { name: "web-01" }) { id } }')
  gateway.simulator.calls.length = 0
})
afterEach(() => gateway.close())

const rootFolder = { type: 'Folder', value: 'group-d1' }

const objectNamed = (name: string): SimulatedObject => {
  for (const object of gateway.simulator.objects.all()) if (object.get('name') === name) return object
  throw new Error(`there is no object ${name}`)
}

const trigger = (alarm: string, name: string, more = {}): AlarmState =>
  gateway.simulator.alarms.trigger(alarm, objectNamed(name).ref, more)

const methods = () => gateway.simulator.calls.map(({ method }) => method)

/** The paths that each retrieval requested, by type. */
const requested = () =>
  gateway.simulator.calls
    .filter(({ method }) => method === 'RetrievePropertiesEx')
    .map(({ args }) =>
      (args.specSet as { propSet: { type: string; pathSet: string[] }[] }[]).flatMap(({ propSet }) =>
        propSet.map(({ type, pathSet }) => `${type}: ${[...(pathSet ?? [])].sort().join()}`),
      ),
    )

const list = async (selection: string, args = '') => {
  const { data, errors } = await gateway.execute(
    `{ triggeredAlarms${args} { totalCount coverage { isComplete undecidedCount } nodes { ${selection} } } }`,
  )
  expect(errors).toBeUndefined()
  return data.triggeredAlarms
}

describe('Query.triggeredAlarms', () => {
  it('returns the alarms of all objects once each, the latest first, in one retrieval and one for names and objects', async () => {
    const { totalCount, coverage, nodes } = await list(
      'name description status triggeredAt acknowledged acknowledgedAt acknowledgedBy entity { __typename name } vcenter { name }',
    )
    expect([totalCount, coverage]).toEqual([4, [{ isComplete: true, undecidedCount: 0 }]])
    expect(nodes).toMatchObject([
      {
        name: 'Virtual machine CPU usage',
        description: 'Default alarm to monitor virtual machine CPU usage',
        status: 'RED',
        acknowledged: false,
        acknowledgedAt: null,
        acknowledgedBy: null,
        entity: { __typename: 'VirtualMachine', name: 'db-01' },
      },
      { name: 'Datastore usage on disk', status: 'YELLOW', entity: { __typename: 'Datastore' } },
      {
        name: 'Backup is overdue',
        acknowledged: true,
        acknowledgedBy: 'CORP\\ann',
        acknowledgedAt: expect.stringMatching(/^\d{4}-/),
        entity: { name: 'db-01' },
      },
      { name: 'Host memory usage', acknowledgedBy: 'VSPHERE.LOCAL\\Administrator' },
    ])
    const times = nodes.map(({ triggeredAt }: { triggeredAt: string }) => triggeredAt)
    expect(times).toEqual([...times].sort().reverse())
    expect(requested()).toEqual([
      ['Folder: triggeredAlarmState'],
      expect.arrayContaining(['Alarm: info.description,info.name', 'Datastore: name', 'HostSystem: name']),
    ])
    expect(methods()).toEqual(['RetrievePropertiesEx', 'RetrievePropertiesEx'])
  })

  it('reads no definitions and no objects when only states are selected', async () => {
    const { nodes } = await list('id status acknowledgedBy')
    expect(nodes).toHaveLength(4)
    expect(requested()).toEqual([['Folder: triggeredAlarmState']])
  })

  it('filters, sorts and groups by name, which costs one retrieval of the definitions', async () => {
    trigger('Virtual machine CPU usage', 'web-01')
    gateway.simulator.calls.length = 0
    const { data, errors } = await gateway.execute(`{
      triggeredAlarms(filter: { name: { glob: "virtual*" } }, orderBy: { field: NAME }) {
        totalCount
        groups(by: [NAME, STATUS, ACKNOWLEDGED]) { count key { name status acknowledged } }
      }
    }`)
    expect(errors).toBeUndefined()
    expect(data.triggeredAlarms).toEqual({
      totalCount: 2,
      groups: [{ count: 2, key: { name: 'Virtual machine CPU usage', status: 'RED', acknowledged: false } }],
    })
    expect(requested()).toEqual([['Folder: triggeredAlarmState'], ['Alarm: info.name']])
  })

  it('filters by the object: type, name, path, id, attributes and tags', async () => {
    const { data } = await gateway.execute('{ virtualMachine(by: { name: "db-01" }) { id path } }')
    const { id, path } = data.virtualMachine
    const cases: [string, number][] = [
      ['type: { eq: VIRTUAL_MACHINE }', 2],
      ['type: { notIn: [VIRTUAL_MACHINE, DATASTORE] }', 1],
      ['name: { eq: "db-01" }', 2],
      [`id: { eq: "${id}" }`, 2],
      [`path: { eq: "${path}" }`, 2],
      ['path: { startsWith: "/Frankfurt/" }', 4],
      ['overallStatus: { eq: RED }', 2],
      ['customAttributes: { some: { name: { eq: "Owner" }, value: { eq: "Data" } } }', 2],
      ['tags: { some: { name: { eq: "no such tag" } } }', 0],
      ['', 4],
    ]
    for (const [condition, count] of cases) {
      const { totalCount } = await list('id', `(filter: { entity: { ${condition} } })`)
      expect([condition, totalCount]).toEqual([condition, count])
    }
  })

  it('reads the objects that a filter needs together with the definitions', async () => {
    const filter = '(filter: { entity: { name: { glob: "db*" } }, name: { contains: "CPU" } })'
    const { nodes } = await list('name', filter)
    expect(nodes).toEqual([{ name: 'Virtual machine CPU usage' }])
    expect(requested()).toEqual([
      ['Folder: triggeredAlarmState'],
      ['Alarm: info.name', 'ManagedEntity: name'],
    ])
  })

  it('pages in the order, and finds a page again by its cursor', async () => {
    const page = async (args: string) => {
      const { data, errors } = await gateway.execute(
        `{ triggeredAlarms(first: 3${args}, orderBy: [{ field: STATUS }, { field: NAME, direction: DESC }]) {
          nodes { name } pageInfo { endCursor hasNextPage } } }`,
      )
      expect(errors).toBeUndefined()
      return data.triggeredAlarms
    }
    const first = await page('')
    expect(first.nodes.map(({ name }: { name: string }) => name)).toEqual([
      'Host memory usage',
      'Datastore usage on disk',
      'Backup is overdue',
    ])
    const second = await page(`, after: "${first.pageInfo.endCursor}"`)
    expect(second).toMatchObject({
      nodes: [{ name: 'Virtual machine CPU usage' }],
      pageInfo: { hasNextPage: false },
    })
    const third = await page(`, after: "${second.pageInfo.endCursor}"`)
    expect(third.nodes).toEqual([])
  })

  it('is empty when nothing is triggered, and an error when the alarms may not be read', async () => {
    gateway.simulator.alarms.clear(gateway.simulator.alarms.all, 'user')
    expect(await list('id')).toMatchObject({ totalCount: 0, nodes: [] })
    gateway.simulator.faults.deny(rootFolder, 'triggeredAlarmState', 'System.View')
    const { data, errors } = await gateway.execute('{ triggeredAlarms { totalCount } }')
    expect(data.triggeredAlarms).toBeNull()
    expect(errors).toMatchObject([
      { extensions: { code: 'FORBIDDEN', privilege: 'System.View' }, path: ['triggeredAlarms'] },
    ])
  })

  it('uses the moid of an alarm whose definition may not be read, and counts its description as unknown', async () => {
    const { alarm } = trigger('Virtual machine memory usage', 'web-01')
    gateway.simulator.faults.deny(alarm, 'info', 'System.View')
    const { data, errors } = await gateway.execute(
      '{ triggeredAlarms(first: 1) { nodes { name description } } }',
    )
    expect(data.triggeredAlarms.nodes).toEqual([{ name: alarm.value, description: null }])
    expect(errors).toMatchObject([
      { extensions: { code: 'FORBIDDEN' }, path: expect.arrayContaining(['description']) },
    ])
    const found = await list('name', `(filter: { name: { eq: "${alarm.value}" } })`)
    expect(found.totalCount).toBe(1)
    const described = await list('name', '(filter: { description: { contains: "memory" } })')
    expect(described).toMatchObject({ totalCount: 1, coverage: [{ isComplete: true, undecidedCount: 1 }] })
  })

  it('returns null for an object that is not visible any more', async () => {
    const { ref } = objectNamed('db-01')
    await gateway.close()
    // As if the machine was deleted after its alarms were read.
    const entity = (moid: string) => `<entity type="VirtualMachine">${moid}</entity>`
    gateway = startGateway({
      wrap: rewriting((text) => text.replaceAll(entity(ref.value), entity('vm-99999'))),
    })
    const { nodes } = await list('status entity { name }', '(filter: { status: { eq: RED } })')
    expect(nodes).toEqual([{ status: 'RED', entity: null }])
    expect((await list('id', '(filter: { entity: { name: { ne: "x" } } })')).totalCount).toBe(2)
  })

  it('rejects a state without its alarm as a fault of the vCenter', async () => {
    const [{ alarm: _, ...state }] = gateway.simulator.alarms.all as unknown as [AlarmState]
    objectNamed('Datacenters').set('triggeredAlarmState', [state])
    const { data, errors } = await gateway.execute('{ triggeredAlarms { nodes { id } } }')
    expect(data.triggeredAlarms).toBeNull()
    expect(errors).toMatchObject([{ extensions: { code: 'VSPHERE_FAULT' } }])
  })
})

describe('triggeredAlarms of an object', () => {
  const of = async (name: string, args = ''): Promise<string[]> => {
    const { data, errors } = await gateway.execute(
      `query ($name: String!) { search(text: $name, first: 1) { nodes { triggeredAlarms${args} { name } } } }`,
      { name },
    )
    expect(errors).toBeUndefined()
    return data.search.nodes[0].triggeredAlarms.map((each: { name: string }) => each.name)
  }

  it('includes the alarms of objects below it, unless they are excluded', async () => {
    trigger('Host connection and power state', 'esx-fra-01.example.com')
    expect((await of('fra-cluster-01')).sort()).toEqual([
      'Host connection and power state',
      'Host memory usage',
    ])
    expect(await of('fra-cluster-01', '(includeDescendants: false)')).toEqual([])
    expect(await of('esx-fra-01.example.com', '(includeDescendants: false)')).toEqual([
      'Host connection and power state',
    ])
  })

  it('costs one retrieval for the definitions of the alarms of all objects of a page', async () => {
    trigger('Virtual machine CPU usage', 'web-01')
    await gateway.execute('{ virtualMachines { totalCount } }')
    gateway.simulator.calls.length = 0
    const { data } = await gateway.execute(
      '{ virtualMachines(orderBy: { field: NAME }) { nodes { name triggeredAlarms { name status } } } }',
    )
    const withAlarms = data.virtualMachines.nodes.filter(
      ({ triggeredAlarms }: { triggeredAlarms: object[] }) => triggeredAlarms.length > 0,
    )
    expect(withAlarms).toMatchObject([{ name: 'db-01' }, { name: 'web-01' }])
    expect(requested().at(-1)).toEqual(['Alarm: info.name'])
    expect(requested().length).toBeLessThanOrEqual(3)
  })

  it('is a condition of objects, which is heavy', async () => {
    trigger('Virtual machine CPU usage', 'web-01', { acknowledgedBy: 'CORP\\bob' })
    const names = async (filter: string) => {
      const { data, errors } = await gateway.execute(
        `{ virtualMachines(first: 2, orderBy: { field: NAME }, filter: ${filter}) { nodes { name } } }`,
      )
      expect(errors).toBeUndefined()
      return data.virtualMachines.nodes.map(({ name }: { name: string }) => name)
    }
    expect(await names('{ triggeredAlarms: { some: {} } }')).toEqual(['db-01', 'web-01'])
    expect(await names('{ triggeredAlarms: { some: { acknowledged: { eq: false } } } }')).toEqual(['db-01'])
    gateway.simulator.calls.length = 0
    expect(
      await names(
        '{ powerState: { eq: POWERED_ON }, triggeredAlarms: { some: { name: { contains: "cpu" }, entity: { type: { eq: VIRTUAL_MACHINE } } } } }',
      ),
    ).toEqual(['db-01', 'web-01'])
    expect(requested()).toContainEqual(['Alarm: info.name'])
    expect(requested()[0]).toEqual([expect.not.stringContaining('triggeredAlarmState')])
  })

  it('is null with an error when it may not be read', async () => {
    const { ref } = objectNamed('web-01')
    gateway.simulator.faults.deny(ref, 'triggeredAlarmState', 'System.View')
    const { data, errors } = await gateway.execute(
      '{ virtualMachine(by: { name: "web-01" }) { name triggeredAlarms { status } } }',
    )
    expect(data.virtualMachine).toEqual({ name: 'web-01', triggeredAlarms: null })
    expect(errors).toMatchObject([{ extensions: { code: 'FORBIDDEN' } }])
  })
})

describe('node(id:) of a triggered alarm', () => {
  const load = async (id: string) =>
    gateway.execute(
      'query ($id: ID!) { node(id: $id) { __typename id ... on TriggeredAlarm { name status entity { name } } } }',
      { id },
    )

  it('finds the alarm by the id that it has everywhere, until it is no longer triggered', async () => {
    const { nodes } = await list('id name', '(filter: { entity: { name: { eq: "db-01" } } })')
    const { data } = await gateway.execute(
      '{ virtualMachine(by: { name: "db-01" }) { triggeredAlarms { id } folder { triggeredAlarms { id } } } }',
    )
    const ids = nodes.map(({ id }: { id: string }) => id).sort()
    for (const { triggeredAlarms } of [data.virtualMachine, data.virtualMachine.folder])
      expect(triggeredAlarms.map(({ id }: { id: string }) => id).sort()).toEqual(ids)
    const [{ id }] = nodes
    expect((await load(id)).data.node).toEqual({
      __typename: 'TriggeredAlarm',
      id,
      name: 'Virtual machine CPU usage',
      status: 'RED',
      entity: { name: 'db-01' },
    })
    expect((await list('id', `(filter: { id: { in: ["${id}"] } })`)).totalCount).toBe(1)
    gateway.simulator.alarms.clear(gateway.simulator.alarms.all, 'user')
    const cleared = await load(id)
    expect(cleared.data.node).toBeNull()
    expect(cleared.errors).toMatchObject([{ extensions: { code: 'NOT_FOUND' } }])
  })
})

it('is empty on a server that reports no alarms', async () => {
  const unset = (ref: ManagedObjectReference) =>
    gateway.simulator.objects.find(ref)?.set('triggeredAlarmState', undefined)
  unset(rootFolder)
  unset(objectNamed('web-01').ref)
  expect(await list('id')).toMatchObject({ totalCount: 0, nodes: [] })
  const { data } = await gateway.execute(
    '{ virtualMachine(by: { name: "web-01" }) { triggeredAlarms { id } } }',
  )
  expect(data.virtualMachine.triggeredAlarms).toEqual([])
})

it('reports the usage of a datastore in the demo that is that full', () => {
  const full = [...gateway.simulator.objects.ofType('Datastore')].filter((each) => {
    const { capacity, freeSpace } = each.get('summary') as { capacity: number; freeSpace: number }
    return freeSpace > 0 && 1 - freeSpace / capacity > 0.75
  })
  expect(full.map((each) => each.get('triggeredAlarmState'))).toEqual([
    [expect.objectContaining({ overallStatus: 'yellow' })],
  ])
})
