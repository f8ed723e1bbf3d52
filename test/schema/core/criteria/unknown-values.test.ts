// Tests conditions on values that are not known: those that may not be read or decoded, and those below a configuration that is unset.
// Neither such a condition nor its negation holds, and the objects that it leaves undecided are counted.

import { type GraphQLInputObjectType, isInputObjectType } from 'graphql'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { buildSchema } from '../../../../src/schema/schema.ts'
import type { SimulatedObject } from '../../../../src/simulator/index.ts'
import type { DataObject } from '../../../../src/soap/vim-types.ts'
import { startGateway, type TestGateway } from '../../../test-gateway.ts'
import { rewriting } from '../../../vim25/connect.ts'
import { execute, pathsRequested } from '../../call-budget.ts'
import { select } from './select.ts'

let gateway: TestGateway
let undo: (() => void)[] = []

beforeAll(() => {
  gateway = startGateway()
})
afterEach(() => {
  for (const each of undo) each()
  undo = []
})
afterAll(() => gateway.close())

const objectOf = (name: string): SimulatedObject => {
  const { inventory, objects } = gateway.simulator
  return objects.find(inventory.machine(name).ref) as SimulatedObject
}

function deny(name: string, property: string): void {
  undo.push(gateway.simulator.faults.deny(objectOf(name).ref, property))
}

function set(name: string, property: string, value: unknown): void {
  const object = objectOf(name)
  const before = object.get(property)
  object.set(property, value)
  undo.push(() => object.set(property, before))
}

/** What a filter does with one of the machines, and how many machines it leaves undecided. */
async function outcome(filter: unknown, name: string): Promise<string> {
  const { names, undecidedCount } = await select(gateway, filter)
  return `${names.includes(name) ? 'selected' : 'left out'}, ${undecidedCount} undecided`
}

const undecided = 'left out, 1 undecided'

describe('a value below a configuration that is unset', () => {
  // The simulator's machine whose files cannot be accessed.
  const name = 'legacy-01'

  it('meets no condition and no negation', async () => {
    const conditions = [
      { annotation: { contains: 'x' } },
      { annotation: { isNull: true } },
      { annotation: { isNull: false } },
      { annotation: { ne: 'x' } },
      { annotation: { notIn: [] } },
      { cpuCount: { lt: 0 } },
      { memory: { gte: 0 } },
      { disks: { some: {} } },
      { disks: { none: {} } },
      { disks: { every: { capacity: { gt: 0 } } } },
      { networkAdapters: { some: { macAddress: { eq: 'x' } } } },
      { changeTracking: { enabled: { eq: true } } },
    ]
    for (const condition of conditions) {
      expect([condition, await outcome(condition, name)]).toEqual([condition, undecided])
      expect([condition, await outcome({ not: condition }, name)]).toEqual([condition, undecided])
    }
  })

  it('is unknown for every field that reads the configuration, and unset for the others', async () => {
    const filter = buildSchema().getType('VirtualMachineFilter') as GraphQLInputObjectType
    const fields = Object.values(filter.getFields()).filter(
      ({ type }) => isInputObjectType(type) && type.getFields().isNull,
    )
    expect(fields.length).toBeGreaterThan(30)
    for (const { name: field } of fields) {
      const { data, calls } = await execute(
        gateway,
        `{ virtualMachines(filter: { and: [{ name: { eq: "${name}" } }, { ${field}: { isNull: true } }] }) { totalCount coverage { undecidedCount } } }`,
      )
      const { totalCount, coverage } = data.virtualMachines
      const value = await gateway.execute(`{ virtualMachine(by: { name: "${name}" }) { ${field} } }`)
      const isNull = value.data.virtualMachine[field] === null
      const readsConfig = pathsRequested(calls, 'VirtualMachine').some((path) => path.startsWith('config.'))
      expect([field, totalCount, coverage[0].undecidedCount]).toEqual([
        field,
        isNull && !readsConfig ? 1 : 0,
        isNull && readsConfig ? 1 : 0,
      ])
    }
  })

  it('is known while summary.config has it', async () => {
    const summary = objectOf(name).get('summary') as DataObject<'VirtualMachineSummary'>
    set(name, 'summary', { ...summary, config: { ...summary.config, numCpu: 4 } })
    expect(await outcome({ cpuCount: { eq: 4 } }, name)).toBe('selected, 0 undecided')
    expect(await outcome({ cpuCount: { ne: 4 } }, name)).toBe('left out, 0 undecided')
  })

  it('does not decide where another condition does', async () => {
    const unknown = { annotation: { eq: 'x' } }
    expect(await outcome({ or: [unknown, { name: { eq: name } }] }, name)).toBe('selected, 0 undecided')
    expect(await outcome({ and: [unknown, { name: { ne: name } }] }, name)).toBe('left out, 0 undecided')
    expect(await outcome({ not: { and: [unknown, { name: { ne: name } }] } }, name)).toBe(
      'selected, 0 undecided',
    )
    expect(await outcome({ not: { or: [unknown, { name: { eq: name } }] } }, name)).toBe(
      'left out, 0 undecided',
    )
  })

  it('is unset, not unknown, where the configuration is set', async () => {
    const config = objectOf('web-01').get('config') as DataObject<'VirtualMachineConfigInfo'>
    const summary = objectOf('web-01').get('summary') as DataObject<'VirtualMachineSummary'>
    const { annotation: _, ...others } = config
    const { annotation: __, ...summaryConfig } = summary.config
    set('web-01', 'config', others)
    set('web-01', 'summary', { ...summary, config: summaryConfig })
    expect(await outcome({ annotation: { isNull: true } }, 'web-01')).toBe('selected, 1 undecided')
    expect(await outcome({ annotation: { ne: 'x' } }, 'web-01')).toBe('selected, 1 undecided')
    expect(await outcome({ not: { annotation: { eq: 'x' } } }, 'web-01')).toBe('selected, 1 undecided')
  })

  it('leaves lists of properties outside the configuration known', async () => {
    expect(await outcome({ snapshots: { none: {} } }, name)).toBe('selected, 0 undecided')
    expect(await outcome({ datastores: { some: {} } }, name)).toBe('selected, 0 undecided')
  })
})

describe('a value that may not be read', () => {
  const name = 'web-01'

  const cases: [property: string, conditions: object[]][] = [
    [
      'runtime',
      [
        { powerState: { eq: 'POWERED_ON' } },
        { powerState: { isNull: true } },
        { bootTime: { isNull: false } },
      ],
    ],
    ['runtime', [{ host: {} }, { host: { name: { eq: 'a' } } }, { host: { not: { name: { eq: 'a' } } } }]],
    ['guest', [{ guest: { state: { ne: 'x' } } }, { guest: { networkInterfaces: { none: {} } } }]],
    [
      'snapshot',
      [{ snapshots: { some: { name: { eq: 'x' } } } }, { snapshots: { every: { depth: { gt: 9 } } } }],
    ],
    ['rootSnapshot', [{ snapshots: { some: {} } }, { snapshots: { none: {} } }]],
    ['datastore', [{ datastores: { some: {} } }, { datastores: { none: { name: { eq: 'x' } } } }]],
    ['overallStatus', [{ overallStatus: { notIn: ['RED'] } }]],
  ]
  for (const [property, conditions] of cases)
    it(`meets no condition and no negation: ${property}, ${conditions.map((each) => Object.keys(each)).join(' ')}`, async () => {
      deny(name, property)
      for (const condition of conditions) {
        expect([condition, await outcome(condition, name)]).toEqual([condition, undecided])
        expect([condition, await outcome({ not: condition }, name)]).toEqual([condition, undecided])
      }
    })

  it('is the moid where it is the name of the object', async () => {
    deny(name, 'name')
    const { moid } = objectOf(name)
    const { names, undecidedCount } = await select(gateway, { name: { eq: moid } })
    expect([names, undecidedCount]).toEqual([[moid], 0])
  })

  it('of another object makes the conditions that lead there undecided', async () => {
    const host = gateway.simulator.inventory.machine(name).host
    undo.push(gateway.simulator.faults.deny(host, 'overallStatus'))
    const { names } = await select(gateway, { host: { moid: { eq: host.value } } })
    expect(names).toContain(name)
    const condition = { host: { overallStatus: { eq: 'GREEN' } } }
    const { undecidedCount, names: known } = await select(gateway, condition)
    expect([known.includes(name), undecidedCount]).toEqual([false, names.length])
    expect((await select(gateway, { not: condition })).undecidedCount).toBe(names.length)
  })

  it('counts in undecidedCount on later pages too', async () => {
    deny(name, 'overallStatus')
    const query = `query ($after: String) { virtualMachines(first: 4, after: $after, filter: { overallStatus: { ne: RED } }) {
      totalCount coverage { isComplete undecidedCount } pageInfo { endCursor } } }`
    const page = async (after?: string) => (await gateway.execute(query, { after })).data.virtualMachines
    const first = await page()
    const second = await page(first.pageInfo.endCursor)
    for (const { totalCount, coverage } of [first, second])
      expect([totalCount, coverage]).toEqual([18, [{ isComplete: true, undecidedCount: 1 }]])
  })

  it('counts per connection of each parent, and the snapshots of a machine one by one', async () => {
    deny('db-01', 'layoutEx')
    const { data, errors } = await gateway.execute(`{
      snapshots(filter: { size: { gte: 0 } }) { totalCount coverage { isComplete undecidedCount } }
      hosts(filter: { virtualMachines: { some: { name: { eq: "db-01" } } } }) { nodes {
        virtualMachines(filter: { not: { snapshots: { some: { size: { lt: 0 } } } } }) { totalCount coverage { undecidedCount } nodes { name } } } }
    }`)
    expect(errors).toBeUndefined()
    expect(data.snapshots).toEqual({ totalCount: 5, coverage: [{ isComplete: true, undecidedCount: 2 }] })
    const [{ virtualMachines }] = data.hosts.nodes
    expect(virtualMachines.coverage).toEqual([{ undecidedCount: 1 }])
    expect(virtualMachines.nodes).toHaveLength(virtualMachines.totalCount)
    expect(virtualMachines.nodes).not.toContainEqual({ name: 'db-01' })
  })

  it('leaves the object out of aggregates and groups', async () => {
    deny(name, 'overallStatus')
    const { data, errors } =
      await gateway.execute(`{ virtualMachines(filter: { overallStatus: { ne: RED } }) {
      totalCount aggregate { cpuCount { max } } groups(by: [POWER_STATE]) { count } } }`)
    expect(errors).toBeUndefined()
    const { totalCount, groups } = data.virtualMachines
    expect((groups as { count: number }[]).reduce((sum, { count }) => sum + count, 0)).toBe(totalCount)
  })
})

describe('a value that cannot be decoded', () => {
  it('is unknown when it exceeds the type of the field', async () => {
    const summary = objectOf('web-02').get('summary') as DataObject<'VirtualMachineSummary'>
    set('web-02', 'summary', { ...summary, quickStats: { ...summary.quickStats, uptimeSeconds: 2 ** 40 } })
    for (const condition of [{ uptime: { isNull: true } }, { uptime: { ne: 1 } }, { uptime: { gt: 1 } }]) {
      expect(await outcome(condition, 'web-02')).toBe(undecided)
      expect(await outcome({ not: condition }, 'web-02')).toBe(undecided)
    }
  })

  it('is unknown when vCenter sends another type', async () => {
    const own = startGateway({
      wrap: rewriting((text) =>
        text.replaceAll(/(<name>runtime\.bootTime<\/name><val[^>]*>)[^<]*/g, '$1yesterday'),
      ),
    })
    const condition = { bootTime: { gt: '2000-01-01T00:00:00Z' } }
    for (const filter of [condition, { not: condition }])
      expect((await select(own, { name: { eq: 'web-01' }, ...filter })).undecidedCount).toBe(1)
    await own.close()
  })
})
