// Tests custom attributes: their values on every type, their definitions, conditions on them, and what they cost.

import { describe, expect, it, onTestFinished } from 'vitest'
import { entityTypes } from '../../../src/schema/core/entity-type.ts'
import {
  customFieldsManager,
  setCustomValue,
  setDefinitions,
} from '../../../src/simulator/custom-fields/custom-fields.ts'
import type { SimulatedObject } from '../../../src/simulator/index.ts'
import { isManagedSubtype } from '../../../src/soap/type-registry.ts'
import { startGateway, type TestGateway } from '../../test-gateway.ts'

const definitions = [
  { key: 101, name: 'Last Backup', type: 'string', managedObjectType: 'VirtualMachine' },
  { key: 102, name: 'Owner', type: 'string' },
  { key: 103, name: 'Owner', type: 'string', managedObjectType: 'HostSystem' },
]

/** Starts a gateway whose objects have no values but these: the keys and strings, by the name of the object. */
function startWith(values: Readonly<Record<string, Readonly<Record<number, string>>>>): TestGateway {
  const gateway = startGateway()
  const { objects } = gateway.simulator
  setDefinitions(objects, definitions)
  for (const object of objects.all()) {
    if (object.get('customValue') === undefined) continue
    object.set('customValue', [])
    for (const [key, value] of Object.entries(values[String(object.get('name'))] ?? {}))
      setCustomValue(objects, object, Number(key), value)
  }
  onTestFinished(() => gateway.close())
  return gateway
}

const retrievals = ({ simulator }: TestGateway) =>
  simulator.calls.filter(({ method }) => method === 'RetrievePropertiesEx')

/** How often the definitions were requested. */
const definitionReads = (gateway: TestGateway): number =>
  retrievals(gateway).flatMap(({ args }) =>
    (args.specSet as { objectSet: { obj: { type: string } }[] }[]).flatMap(({ objectSet }) =>
      objectSet.filter(({ obj }) => obj.type === 'CustomFieldsManager'),
    ),
  ).length

const names = (nodes: readonly { readonly name: string }[]) => nodes.map(({ name }) => name)

describe('customAttributes', () => {
  it('has the key, name and value of each attribute that has a value', async () => {
    const gateway = startWith({ 'web-01': { 101: '2026-11-01', 102: 'Web' }, 'web-02': { 102: '' } })
    const { data, errors } = await gateway.execute(
      '{ virtualMachines(filter: { name: { glob: "web-*" } }) { nodes { name customAttributes { key name value } } } }',
    )
    expect(errors).toBeUndefined()
    expect(data.virtualMachines.nodes).toEqual([
      {
        name: 'web-01',
        customAttributes: [
          { key: 101, name: 'Last Backup', value: '2026-11-01' },
          { key: 102, name: 'Owner', value: 'Web' },
        ],
      },
      { name: 'web-02', customAttributes: [] },
    ])
  })

  it('exists on objects of every type, and they can be filtered by it', async () => {
    const gateway = startWith({})
    const { objects } = gateway.simulator
    for (const type of entityTypes) {
      const ofType = [...objects.all()].filter((each) => isManagedSubtype(each.type, type))
      // The last one, as the first folder is the root. A datastore cluster is a folder too, but not as a type of the schema.
      const object = ofType.findLast((each) => each.type === type) ?? ofType[0]
      setCustomValue(objects, object as SimulatedObject, type === 'HostSystem' ? 103 : 102, `of a ${type}`)
    }
    const roots = [
      ...['computeResources', 'datacenters', 'datastores', 'distributedSwitches', 'folders'],
      ...['hosts', 'networks', 'resourcePools', 'datastoreClusters', 'virtualMachines'],
    ]
    const filter = '{ customAttributes: { some: { name: { eq: "Owner" }, value: { startsWith: "of a" } } } }'
    const { data, errors } = await gateway.execute(
      `{ ${roots.map((root) => `${root}(filter: ${filter}) { nodes { customAttributes { value } } }`).join(' ')} }`,
    )
    expect(errors).toBeUndefined()
    const found = Object.values(
      data as Record<string, { nodes: { customAttributes: { value: string }[] }[] }>,
    )
    expect(
      found.flatMap(({ nodes }) => nodes.flatMap((node) => node.customAttributes.map(({ value }) => value))),
    ).toEqual(entityTypes.map((type) => `of a ${type}`))
    expect(definitionReads(gateway)).toBe(1)
  })

  it('reads the definitions in the same retrieval, and only for names', async () => {
    const gateway = startWith({ 'web-01': { 101: 'x' } })
    const query = (selection: string) =>
      `{ virtualMachines(first: 100) { nodes { customAttributes { ${selection} } } } }`
    await gateway.execute(query('name'))
    gateway.simulator.calls.length = 0
    await gateway.execute(query('name value'))
    expect(retrievals(gateway)).toHaveLength(1)
    expect(definitionReads(gateway)).toBe(1)
    gateway.simulator.calls.length = 0
    await gateway.execute(query('key value'))
    expect(retrievals(gateway)).toHaveLength(1)
    expect(definitionReads(gateway)).toBe(0)
  })

  it('reads the definitions once for several types, edges and pages', async () => {
    const gateway = startWith({ 'web-01': { 101: 'x' } })
    const attributes = 'customAttributes { name }'
    const { errors } = await gateway.execute(
      `{ virtualMachines(first: 2) { nodes { ${attributes} host { ${attributes} } } } hosts(first: 2) { nodes { ${attributes} virtualMachines(first: 1) { nodes { ${attributes} } } } } }`,
    )
    expect(errors).toBeUndefined()
    expect(definitionReads(gateway)).toBe(1)
  })

  it('is null in the field name, with one error, when the definitions may not be read', async () => {
    const gateway = startWith({ 'web-01': { 101: 'a', 102: 'b' } })
    gateway.simulator.faults.deny(customFieldsManager, 'field', 'System.View')
    const { data, errors } = await gateway.execute(
      '{ virtualMachine(by: { name: "web-01" }) { customAttributes { key name value } } }',
    )
    expect(data.virtualMachine.customAttributes).toEqual([
      { key: 101, name: null, value: 'a' },
      { key: 102, name: null, value: 'b' },
    ])
    expect(errors?.[0]?.extensions).toMatchObject({ code: 'FORBIDDEN', privilege: 'System.View' })
  })

  it('is an error when the values may not be read', async () => {
    const gateway = startWith({ 'web-01': { 101: 'a' } })
    const { ref } = gateway.simulator.inventory.machine('web-01')
    gateway.simulator.faults.deny(ref, 'customValue')
    const { data, errors } = await gateway.execute(
      '{ virtualMachine(by: { name: "web-01" }) { name customAttributes { value } } }',
    )
    expect(data.virtualMachine).toEqual({ name: 'web-01', customAttributes: null })
    expect(errors).toMatchObject([{ extensions: { code: 'FORBIDDEN' } }])
  })

  it('has no name when the attribute has no definition', async () => {
    const gateway = startWith({ 'web-01': { 999: 'a' } })
    const { data, errors } = await gateway.execute(
      '{ virtualMachine(by: { name: "web-01" }) { customAttributes { key name } } }',
    )
    expect(errors).toBeUndefined()
    expect(data.virtualMachine.customAttributes).toEqual([{ key: 999, name: null }])
  })

  it('is empty when the server leaves the property out, and has no definitions without a manager', async () => {
    const gateway = withoutManager()
    const { data, errors } = await gateway.execute(
      '{ virtualMachine(by: { name: "web-01" }) { customAttributes { name } } vcenters { customAttributeDefinitions { name } } }',
    )
    expect(errors).toBeUndefined()
    expect(data).toEqual({
      virtualMachine: { customAttributes: [] },
      vcenters: [{ customAttributeDefinitions: [] }],
    })
    expect(definitionReads(gateway)).toBe(0)
  })
})

/** Starts a gateway on a server like an ESXi host: no CustomFieldsManager, and no values. */
function withoutManager(): TestGateway {
  const gateway = startWith({})
  const { objects, inventory } = gateway.simulator
  const instance = objects.find({ type: 'ServiceInstance', value: 'ServiceInstance' }) as SimulatedObject
  const { customFieldsManager: _, ...content } = instance.get('content') as Record<string, unknown>
  instance.set('content', content)
  inventory.vm('web-01').set('customValue', undefined)
  return gateway
}

describe('customAttributeDefinitions', () => {
  it('has all attributes that objects can have', async () => {
    const gateway = startWith({})
    const { data, errors } = await gateway.execute(
      '{ vcenters { customAttributeDefinitions { key name managedObjectType } } }',
    )
    expect(errors).toBeUndefined()
    expect(data.vcenters[0].customAttributeDefinitions).toEqual([
      { key: 101, name: 'Last Backup', managedObjectType: 'VirtualMachine' },
      { key: 102, name: 'Owner', managedObjectType: null },
      { key: 103, name: 'Owner', managedObjectType: 'HostSystem' },
    ])
    expect(retrievals(gateway)).toHaveLength(1)
  })

  it('is an error when they may not be read', async () => {
    const gateway = startWith({})
    gateway.simulator.faults.deny(customFieldsManager, 'field', 'System.View')
    const { data, errors } = await gateway.execute('{ vcenters { name customAttributeDefinitions { key } } }')
    expect(data.vcenters).toEqual([{ name: expect.any(String), customAttributeDefinitions: null }])
    expect(errors).toMatchObject([{ extensions: { code: 'FORBIDDEN', privilege: 'System.View' } }])
  })
})

describe('a condition on customAttributes', () => {
  const values = {
    'web-01': { 101: '2026-11-28', 102: 'Web' },
    'web-02': { 101: '2026-10-01', 102: 'Data' },
    'db-01': { 102: '2026-11-28' },
    'mail-01': { 101: '' },
  }
  const select = async (gateway: TestGateway, filter: string) => {
    const { data, errors } = await gateway.execute(
      `{ virtualMachines(first: 100, filter: { customAttributes: ${filter} }) { totalCount coverage { undecidedCount } nodes { name } } }`,
    )
    expect(errors).toBeUndefined()
    return data.virtualMachines
  }

  it.each([
    ['{ some: { name: { eq: "Last Backup" } } }', ['web-01', 'web-02']],
    ['{ some: { name: { eq: "Last Backup" }, value: { startsWith: "2026-11" } } }', ['web-01']],
    ['{ some: { key: { eq: 102 }, value: { contains: "2026" } } }', ['db-01']],
    ['{ some: {} }', ['db-01', 'web-01', 'web-02']],
    ['{ some: { name: { eq: "last backup" } } }', []],
    ['{ some: { name: { glob: "last*" } }, none: { value: { eq: "Web" } } }', ['web-02']],
  ])('%s selects the matching machines', async (filter, expected) => {
    const gateway = startWith(values)
    expect(names((await select(gateway, filter)).nodes)).toEqual(expected)
  })

  it('selects machines without a value by none', async () => {
    const gateway = startWith(values)
    const { nodes, totalCount } = await select(gateway, '{ none: { name: { eq: "Last Backup" } } }')
    const selected = names(nodes)
    expect(selected).toContain('mail-01')
    expect(selected).not.toContain('web-01')
    expect(totalCount).toBe([...gateway.simulator.objects.ofType('VirtualMachine')].length - 2)
  })

  it('leaves machines undecided, and counts them, when the definitions may not be read', async () => {
    const gateway = startWith(values)
    gateway.simulator.faults.deny(customFieldsManager, 'field', 'System.View')
    const some = await select(gateway, '{ some: { name: { eq: "Last Backup" } } }')
    expect(some).toMatchObject({ totalCount: 0, coverage: [{ undecidedCount: 3 }] })
    // Machines without any value are decided: they have no attribute of that name.
    const none = await select(gateway, '{ none: { name: { eq: "Last Backup" } } }')
    expect(none.coverage).toEqual([{ undecidedCount: 3 }])
  })

  it('is decided in the scan, with the definitions in the same retrieval', async () => {
    const gateway = startWith(values)
    await select(gateway, '{ some: { name: { eq: "Owner" } } }')
    expect(retrievals(gateway).length).toBeLessThanOrEqual(2)
    expect(definitionReads(gateway)).toBe(1)
    expect(retrievals(gateway)[0]?.args.specSet).toMatchObject([
      {
        propSet: [
          { type: 'CustomFieldsManager', pathSet: ['field'] },
          { type: 'VirtualMachine', pathSet: ['customValue', 'name'] },
        ],
      },
    ])
  })

  it('holds for objects at the end of an edge', async () => {
    const gateway = startWith({ ...values, 'esx-fra-01.example.com': { 103: 'Ops' } })
    const { data, errors } = await gateway.execute(
      '{ virtualMachines(filter: { host: { customAttributes: { some: { name: { eq: "Owner" }, value: { eq: "Ops" } } } } }) { nodes { host { name } } } }',
    )
    expect(errors).toBeUndefined()
    const hosts = data.virtualMachines.nodes.map((node: { host: { name: string } }) => node.host.name)
    expect(new Set(hosts)).toEqual(new Set(['esx-fra-01.example.com']))
  })

  it('continues on the next page', async () => {
    const gateway = startWith(values)
    const page = async (after: string | null) => {
      const { data, errors } = await gateway.execute(
        'query ($after: String) { virtualMachines(first: 1, after: $after, filter: { customAttributes: { some: { name: { eq: "Owner" } } } }) { nodes { name customAttributes { name } } pageInfo { endCursor hasNextPage } } }',
        { after },
      )
      expect(errors).toBeUndefined()
      return data.virtualMachines
    }
    const first = await page(null)
    const second = await page(first.pageInfo.endCursor)
    expect([...names(first.nodes), ...names(second.nodes)]).toEqual(['db-01', 'web-01'])
  })
})
