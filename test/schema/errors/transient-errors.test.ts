// Regression tests for past and provoked errors, each with its expected behavior.

import { afterEach, expect, it } from 'vitest'
import { encodeManagedObjectId } from '../../../src/schema/core/nodes/ids.ts'
import { setPower } from '../../../src/simulator/virtual-machine/power/power-state.ts'
import { startGateway, type TestGateway } from '../../test-gateway.ts'

let gateway: TestGateway
const start = (options: Parameters<typeof startGateway>[0] = {}) => {
  gateway = startGateway(options)
  return gateway
}
afterEach(() => gateway.close())

const codes = (errors: readonly { extensions: object; path?: readonly unknown[] | undefined }[] = []) =>
  errors.map(({ path, extensions }) => `${path?.join('.')}: ${(extensions as { code: string }).code}`)
const cursor = (parts: unknown): string => Buffer.from(JSON.stringify(parts)).toString('base64url')

it('reads more of an object for one field when another field has already loaded part of it', async () => {
  const { data, errors } = await start().execute(`{
    hosts(filter: { name: { glob: "esx-ore*" } }, first: 1) { nodes { bootTime } }
    all: datastores { nodes { name hostMounts { host { moid bootTime } } } }
    one: datastores(filter: { name: { eq: "vsanDatastore" } }) { nodes { name hostMounts { host { moid bootTime } } } }
  }`)
  expect(errors).toBeUndefined()
  const inAll = data.all.nodes.find(({ name }: { name: string }) => name === 'vsanDatastore')
  expect(inAll.hostMounts).toHaveLength(1)
  expect(inAll).toEqual(data.one.nodes[0])
})

it('omits a deleted object from lists, and returns null for it as a single value', async () => {
  const { simulator, execute } = start()
  const host = [...simulator.objects.ofType('HostSystem')][0]!.ref
  simulator.faults.remove(host)
  const { data } = await execute(
    '{ computeResources { nodes { hosts { moid name } } } virtualMachines { nodes { host { moid name } } } }',
  )
  expect(JSON.stringify(data)).not.toContain(host.value)
  expect(data.virtualMachines.nodes).toContainEqual({ host: null })
  // A selection that needs no property of the object uses its reference only.
  const bare = await execute('{ virtualMachines { nodes { host { moid } } } }')
  expect(JSON.stringify(bare.data)).toContain(host.value)
})

it('reads each payload after its own mutation, at every depth', async () => {
  const { simulator, execute } = start({
    wrap: (transport) => ({
      ...transport,
      async send(request) {
        if (String(request.body).includes('<name>second</name>'))
          setPower(simulator.inventory.machine('web-01'), 'poweredOff', new Date())
        return transport.send(request)
      },
    }),
  })
  const take = (name: string) =>
    `createSnapshot(input: { virtualMachine: { path: "/Frankfurt/vm/Production/Web/web-01" }, name: "${name}" }) { task { entity { ... on VirtualMachine { powerState } } } virtualMachine { powerState } }`
  const { data, errors } = await execute(`mutation { a: ${take('first')} b: ${take('second')} }`)
  expect(errors).toBeUndefined()
  for (const [alias, powerState] of [
    ['a', 'POWERED_ON'],
    ['b', 'POWERED_OFF'],
  ] as const)
    expect(data[alias]).toEqual({ task: { entity: { powerState } }, virtualMachine: { powerState } })
})

it('rejects a glob that is too long', async () => {
  const { errors } = await start().execute(
    'query ($name: String) { virtualMachines(filter: { name: { glob: $name } }) { totalCount } }',
    { name: '*'.repeat(257) },
  )
  expect(codes(errors as never)).toEqual(['virtualMachines: BAD_USER_INPUT'])
})

it('rejects a selection that is too deep, without an internal error', async () => {
  const { execute, lines, simulator } = start()
  const deep = (levels: number) =>
    `{ folders { nodes { ${'parent { '.repeat(levels)}name${' }'.repeat(levels)} } } }`
  expect((await execute(deep(30))).errors).toBeUndefined()
  simulator.calls.length = 0
  for (const levels of [60, 300]) {
    const { errors } = await execute(deep(levels))
    expect(errors?.[0]).toMatchObject({ extensions: { code: 'QUERY_TOO_COMPLEX', limit: 50 } })
  }
  expect(lines).toEqual([])
  expect(simulator.calls).toEqual([])
})

it('reports an argument that is only found invalid during execution at its own field', async () => {
  const { data, errors } = await start().execute(
    'query ($d: OrderDirection = ASC) { datacenters { nodes { name hosts(orderBy: { field: NAME, direction: $d }) { totalCount } } } hosts { totalCount } }',
    { d: null },
  )
  expect(data.datacenters.nodes[0]).toEqual({ name: 'Frankfurt', hosts: null })
  expect(data.hosts.totalCount).toBe(4)
  expect(codes(errors as never)).toEqual([
    'datacenters.nodes.0.hosts: BAD_USER_INPUT',
    'datacenters.nodes.1.hosts: BAD_USER_INPUT',
  ])
})

it.each([
  ['an object as its order', [{ toString: 1, valueOf: 1 }, 1, 'a']],
  ['a number as a name', ['VirtualMachine NAME ASC', 5, 'vm-1']],
])('rejects a cursor with %s at its own field', async (_, parts) => {
  const { data, errors } = await start().execute(
    'query ($after: String) { datacenters { nodes { name virtualMachines(after: $after) { totalCount } } } }',
    { after: cursor(parts) },
  )
  expect(data.datacenters.nodes[0]).toEqual({ name: 'Frankfurt', virtualMachines: null })
  expect(new Set(codes(errors as never))).toEqual(
    new Set([
      'datacenters.nodes.0.virtualMachines: BAD_USER_INPUT',
      'datacenters.nodes.1.virtualMachines: BAD_USER_INPUT',
    ]),
  )
})

it('recovers from a wrong InvalidProperty fault, and requests an unknown property again after a restart', async () => {
  const { simulator, execute, lines } = start()
  const names = '{ computeResources { nodes { name totalCpu } } }'
  const before = await execute(names)
  simulator.faults.fault({ _typeName: 'InvalidProperty', name: 'name' } as never)
  await execute(names)
  expect((await execute(names)).data).toEqual(before.data)
  simulator.faults.fault({ _typeName: 'InvalidProperty', name: 'summary.totalCpu' } as never)
  expect((await execute(names)).data.computeResources.nodes[0].totalCpu).toBeNull()
  simulator.faults.restart()
  expect((await execute(names)).data).toEqual(before.data)
  expect(lines.filter((line) => line.includes('summary.totalCpu'))).toHaveLength(1)
})

it('rejects an id of the vCenter other than its own', async () => {
  const { execute } = start()
  const { data } = await execute('{ vcenters { instanceUuid } }')
  const identity = data.vcenters[0].instanceUuid
  const forged = encodeManagedObjectId(identity, { type: 'ServiceInstance', value: 'x' })
  const { errors } = await execute('query ($id: ID!) { node(id: $id) { id } }', { id: forged })
  expect(codes(errors as never)).toEqual(['node: BAD_USER_INPUT'])
})

it('serves many pages of one list from one order', async () => {
  const { execute } = start({ vms: 200 })
  const aliases = Array.from(
    { length: 100 },
    (_, at) => `a${at}: virtualMachines(first: ${at}) { nodes { name } }`,
  )
  const { data } = await execute(`{ ${aliases.join(' ')} }`)
  const all = data.a99.nodes
  for (let at = 0; at < 100; at += 1) expect(data[`a${at}`].nodes).toEqual(all.slice(0, at))
})

it('accepts a snapshot as the starting point when it is selected beside another one', async () => {
  const { execute } = start()
  const found = await execute('{ virtualMachine(by: { name: "db-01" }) { snapshots { id } } }')
  const [a, b] = found.data.virtualMachine.snapshots.map(({ id }: { id: string }) => id)
  const changes =
    'b: node(id: $b) { ... on Snapshot { disks { changedAreas(since: { snapshot: $a }, first: 1) { totalCount } } } }'
  const alone = await execute(`query ($a: ID!, $b: ID!) { ${changes} }`, { a, b })
  const beside = await execute(
    `query ($a: ID!, $b: ID!) { a: node(id: $a) { ... on Snapshot { path } } ${changes} }`,
    {
      a,
      b,
    },
  )
  expect(alone.errors).toBeUndefined()
  expect(beside.errors).toBeUndefined()
  expect(beside.data.b).toEqual(alone.data.b)
})
