// Tests that one cause is reported as one error with a count, however many objects and fields it makes
// null.

import { afterEach, expect, it } from 'vitest'
import { startGateway, type TestGateway } from '../../test-gateway.ts'

let gateway: TestGateway
afterEach(() => gateway.close())

function objectOf(type: 'Datacenter' | 'Folder' | 'HostSystem', name: string) {
  const found = [...gateway.simulator.objects.ofType(type)].find((each) => each.get('name') === name)
  if (!found) throw new Error(`there is no ${type} ${name}`)
  return found.ref
}

const deny = (type: 'Datacenter' | 'Folder' | 'HostSystem', name: string, ...properties: string[]) => {
  const ref = objectOf(type, name)
  for (const property of properties) gateway.simulator.faults.deny(ref, property, 'System.View')
  return ref
}

it.each([
  ['Datacenter', 'Frankfurt'],
  ['Folder', 'vm'],
] as const)(
  'reports a %s that cannot be read once, with 600 virtual machines below it',
  async (type, name) => {
    gateway = startGateway({ vms: 600, limits: { errors: 10 } })
    deny(type, name, 'name', 'parent')
    const { data, errors } = await gateway.execute(
      '{ virtualMachines(first: 1000) { nodes { moid name path datacenter { moid name } } } }',
    )
    const { nodes } = data.virtualMachines
    expect(nodes).toHaveLength(600)
    const without = nodes.filter(({ path }: { path: string | null }) => path === null)
    expect(without.length).toBeGreaterThan(100)
    expect(errors).toHaveLength(1)
    const [{ path, extensions }] = errors as never as [
      { path: unknown[]; extensions: Record<string, unknown> },
    ]
    expect(extensions).toMatchObject({
      code: 'FORBIDDEN',
      privilege: 'System.View',
      count: expect.any(Number),
    })
    expect(extensions.count).toBeGreaterThanOrEqual(without.length)
    const paths = extensions.paths as (string | number)[][]
    expect(paths).toHaveLength(10)
    expect(paths[0]).toEqual(path)
    // Each path is a field that is null for this cause.
    for (const each of paths) {
      const value = each.reduce((at: unknown, key) => (at as Record<string | number, unknown>)[key], data)
      expect(value).toBeNull()
    }
  },
)

it('reports a host that cannot be read once', async () => {
  gateway = startGateway({ vms: 200 })
  const { data: before } = await gateway.execute(
    '{ virtualMachine(by: { name: "web-01" }) { host { moid name } } }',
  )
  const { moid, name } = before.virtualMachine.host
  deny('HostSystem', name, 'name', 'parent', 'summary')
  const { data, errors } = await gateway.execute(
    '{ virtualMachines(first: 1000) { nodes { name host { moid name cpuUsage model } cluster { name } } } }',
  )
  expect(data.virtualMachines.nodes).toHaveLength(200)
  expect(errors).toHaveLength(1)
  type Node = { readonly host: Readonly<Record<string, unknown>>; readonly cluster: unknown }
  const onHost = data.virtualMachines.nodes.filter((node: Node) => node.host.moid === moid)
  for (const { host } of onHost) expect(host.name).toBe(moid)
  // Most virtual machines have a resource pool that gives their cluster; a template has none.
  const values = onHost.flatMap(({ host, cluster }: Node) => [...Object.values(host), cluster])
  const missing = values.filter((value: unknown) => value === null).length
  expect(missing).toBeGreaterThan(5)
  expect(errors?.[0]?.extensions.count).toBe(missing)
})

it('reports two causes as two errors, and one field of one object without a count', async () => {
  gateway = startGateway()
  deny('Datacenter', 'Frankfurt', 'name')
  deny('Datacenter', 'Oregon', 'name')
  const { errors } = await gateway.execute('{ datacenters { nodes { moid path } } }')
  expect(errors).toHaveLength(2)
  for (const { extensions } of errors ?? []) {
    expect(extensions).not.toHaveProperty('count')
    expect(extensions).not.toHaveProperty('paths')
  }
})

it('reports each of two mutations that fail for one cause', async () => {
  gateway = startGateway()
  const { ref } = gateway.simulator.inventory.machine('web-02')
  gateway.simulator.faults.deny(ref, 'config', 'System.View')
  const set = 'setChangeTracking(input: { virtualMachine: { name: "web-02" }, enabled: true }) { activated }'
  const { data, errors } = await gateway.execute(`mutation { a: ${set} b: ${set} }`)
  expect(data).toEqual({ a: null, b: null })
  expect(errors?.map(({ path }) => path)).toEqual([['a'], ['b']])
})
