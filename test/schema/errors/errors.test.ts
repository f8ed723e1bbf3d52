// Tests that an error is reported at its own field, with the code of the contract, while sibling fields are
// returned. Never a 500, never a stack trace, never the password.

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { encodeManagedObjectId } from '../../../src/schema/core/nodes/ids.ts'
import { revertToSnapshot, takeSnapshot } from '../../../src/simulator/virtual-machine/snapshots/snapshots.ts'
import type { DataObject, ManagedObjectReference } from '../../../src/soap/vim-types.ts'
import { TransportError } from '../../../src/transport/transport-error.ts'
import { failedFields } from '../../graphql-response.ts'
import { startGateway, type TestGateway } from '../../test-gateway.ts'

const password = 'S3cret & <pass>'
const start = (options: Parameters<typeof startGateway>[0] = {}): TestGateway =>
  startGateway({ password, gatewayPassword: password, ...options })

// biome-ignore lint/suspicious/noExplicitAny: the tests read arbitrary response data
type Json = any

interface ReportedError {
  readonly path: string
  readonly code: string
  readonly message: string
  readonly extensions: Record<string, Json>
}

/** Executes a query, and checks what must hold for every response. */
async function execute(gateway: TestGateway, query: string, variables: Record<string, unknown> = {}) {
  const response = await gateway.fetch('/graphql', {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'application/graphql-response+json, application/json',
    },
    body: JSON.stringify({ query, variables }),
  })
  const text = await response.text()
  expect(response.status).toBeLessThan(500)
  for (const said of [text, ...gateway.lines]) expect(said).not.toContain('S3cret')
  expect(text).not.toMatch(/\\n\s+at |node_modules|\/src\//)
  const { data, errors = [] } = JSON.parse(text) as { data: Json; errors?: Json[] }
  const reported = errors.map(({ path = [], message, extensions }): ReportedError => {
    expect(extensions.requestId).toMatch(/^[0-9a-f-]{36}$/)
    expect(typeof extensions.retryable).toBe('boolean')
    expect(message).not.toBe('')
    return { path: path.join('.'), code: extensions.code, message, extensions }
  })
  return { data, reported }
}

const codes = (reported: readonly ReportedError[]): string[] =>
  reported.map(({ path, code }) => `${path}: ${code}`)

function identityOf({ simulator }: TestGateway): string {
  const content = simulator.objects
    .find({ type: 'ServiceInstance', value: 'ServiceInstance' })!
    .get('content')
  return (content as DataObject<'ServiceContent'>).about.instanceUuid as string
}

const idOf = (gateway: TestGateway, ref: ManagedObjectReference, key?: number): string =>
  encodeManagedObjectId(
    identityOf(gateway),
    ref,
    key === undefined ? undefined : { typeName: 'VirtualDisk', key },
  )

describe('an invalid argument', () => {
  let gateway: TestGateway
  let ids: Record<string, string>
  beforeAll(() => {
    gateway = start()
    const { inventory, objects } = gateway.simulator
    const { ref, host } = inventory.machine('web-01')
    ids = {
      vm: idOf(gateway, ref),
      otherVm: idOf(gateway, inventory.machine('web-02').ref),
      disk: idOf(gateway, ref, 2000),
      otherDisk: idOf(gateway, inventory.machine('web-02').ref, 2000),
      host: idOf(gateway, host),
      datacenter: idOf(gateway, [...objects.ofType('Datacenter')][0]!.ref),
      missingVm: idOf(gateway, { type: 'VirtualMachine', value: 'vm-999999' }),
      missingSnapshot: idOf(gateway, { type: 'VirtualMachineSnapshot', value: 'snapshot-999999' }),
      missingTask: idOf(gateway, { type: 'Task', value: 'task-999999' }),
      missingDisk: idOf(gateway, ref, 2999),
      foreign: encodeManagedObjectId('another-vcenter', ref),
      unknownType: idOf(gateway, { type: 'Alarm', value: 'alarm-1' }),
      strangeDisk: idOf(gateway, host, 2000),
    }
  })
  afterAll(() => gateway.close())

  // The second column lists the reported errors as `path: CODE`. The third is the returned data.
  const cases: readonly (readonly [query: string, errors: readonly string[], data: unknown])[] = [
    [
      '{ node(id: $missingVm) { id } vcenters { name } }',
      ['node: NOT_FOUND'],
      { node: null, vcenters: [{ name: 'test' }] },
    ],
    ['{ node(id: $missingSnapshot) { id } }', ['node: NOT_FOUND'], { node: null }],
    ['{ node(id: $missingTask) { id } }', ['node: NOT_FOUND'], { node: null }],
    ['{ node(id: $missingDisk) { id } }', ['node: NOT_FOUND'], { node: null }],
    ['{ task(id: $missingTask) { state } }', [], { task: null }],
    ['{ virtualMachine(by: { id: $missingVm }) { name } }', [], { virtualMachine: null }],
    [
      '{ node(id: "garbage") { id } vcenters { name } }',
      ['node: BAD_USER_INPUT'],
      { node: null, vcenters: [{ name: 'test' }] },
    ],
    ['{ node(id: "") { id } }', ['node: BAD_USER_INPUT'], { node: null }],
    ['{ node(id: 42) { id } }', ['node: BAD_USER_INPUT'], { node: null }],
    ['{ node(id: $unknownType) { id } }', ['node: BAD_USER_INPUT'], { node: null }],
    ['{ node(id: $strangeDisk) { id } }', ['node: BAD_USER_INPUT'], { node: null }],
    ['{ node(id: $foreign) { id } }', ['node: NOT_FOUND'], { node: null }],
    ['{ task(id: $vm) { state } }', ['task: BAD_USER_INPUT'], { task: null }],
    [
      '{ virtualMachine(by: { id: $datacenter }) { name } }',
      ['virtualMachine: BAD_USER_INPUT'],
      { virtualMachine: null },
    ],
    ['{ datacenter(by: { id: $vm }) { name } }', ['datacenter: BAD_USER_INPUT'], { datacenter: null }],
    [
      '{ virtualMachine(by: { id: $foreign }) { name } }',
      ['virtualMachine: NOT_FOUND'],
      { virtualMachine: null },
    ],
    [
      '{ nodes(ids: [$vm, $missingVm, "garbage", $foreign, $host]) { __typename } }',
      ['nodes.1: NOT_FOUND', 'nodes.2: BAD_USER_INPUT', 'nodes.3: NOT_FOUND'],
      { nodes: [{ __typename: 'VirtualMachine' }, null, null, null, { __typename: 'HostSystem' }] },
    ],
    ['{ virtualMachine(by: { name: "unknown" }) { name } }', [], { virtualMachine: null }],
    ['{ virtualMachine(by: { name: "WEB-01" }) { name } }', [], { virtualMachine: null }],
    ['{ virtualMachine(by: { name: "web*" }) { name } }', [], { virtualMachine: null }],
    ['{ virtualMachine(by: { path: "/Frankfurt/vm/unknown" }) { name } }', [], { virtualMachine: null }],
    ['{ virtualMachine(by: { path: "/Frankfurt" }) { name } }', [], { virtualMachine: null }],
    ['{ virtualMachine(by: { uuid: "no-uuid" }) { name } }', [], { virtualMachine: null }],
    ['{ datacenter(by: { name: "Atlantis" }) { name } }', [], { datacenter: null }],
    ['{ virtualMachine(by: {}) { name } }', [': BAD_USER_INPUT'], undefined],
    ['{ virtualMachine(by: { name: "a", path: "b" }) { name } }', [': BAD_USER_INPUT'], undefined],
    ['{ virtualMachine(by: { name: null }) { name } }', [': BAD_USER_INPUT'], undefined],
    [
      '{ virtualMachine(by: { id: $vm }) { disks(filter: { label: { eq: "Festplatte 1" } }) { key } disk(by: { label: "Festplatte 1" }) { key } snapshot(by: { path: "nowhere" }) { id } snapshots(filter: { name: { glob: "nothing*" } }) { id } } }',
      [],
      { virtualMachine: { disks: [], disk: null, snapshot: null, snapshots: [] } },
    ],
    [
      '{ virtualMachine(by: { id: $vm }) { name mine: disk(by: { id: $disk }) { key } other: disk(by: { id: $otherDisk }) { key } none: disk(by: { id: $vm }) { key } } }',
      ['virtualMachine.other: BAD_USER_INPUT', 'virtualMachine.none: BAD_USER_INPUT'],
      { virtualMachine: { name: 'web-01', mine: { key: 2000 }, other: null, none: null } },
    ],
    [
      '{ virtualMachine(by: { id: $vm }) { name a: snapshot(by: { id: $missingSnapshot }) { id } b: snapshot(by: { id: $vm }) { id } c: snapshots(filter: { name: { glob: "[" } }) { id } } }',
      ['virtualMachine.b: BAD_USER_INPUT', 'virtualMachine.c: BAD_USER_INPUT'],
      { virtualMachine: { name: 'web-01', a: null, b: null, c: null } },
    ],
    [
      '{ virtualMachines(first: -1) { totalCount } }',
      ['virtualMachines: BAD_USER_INPUT'],
      { virtualMachines: null },
    ],
    [
      '{ virtualMachines(first: 1001) { totalCount } }',
      ['virtualMachines: BAD_USER_INPUT'],
      { virtualMachines: null },
    ],
    [
      '{ virtualMachines(last: -1) { totalCount } }',
      ['virtualMachines: BAD_USER_INPUT'],
      { virtualMachines: null },
    ],
    [
      '{ virtualMachines(last: 1001) { totalCount } }',
      ['virtualMachines: BAD_USER_INPUT'],
      { virtualMachines: null },
    ],
    [
      '{ virtualMachines(first: 1, last: 1) { totalCount } }',
      ['virtualMachines: BAD_USER_INPUT'],
      { virtualMachines: null },
    ],
    ['{ virtualMachines(first: 1.5) { totalCount } }', [': BAD_USER_INPUT'], undefined],
    ['{ virtualMachines(first: 99999999999) { totalCount } }', [': BAD_USER_INPUT'], undefined],
    [
      '{ virtualMachines(after: "broken") { totalCount } }',
      ['virtualMachines: BAD_USER_INPUT'],
      { virtualMachines: null },
    ],
    [
      '{ virtualMachines(before: "") { totalCount } }',
      ['virtualMachines: BAD_USER_INPUT'],
      { virtualMachines: null },
    ],
    [
      '{ virtualMachines(after: $vm) { totalCount } }',
      ['virtualMachines: BAD_USER_INPUT'],
      { virtualMachines: null },
    ],
    [
      '{ virtualMachines(filter: { name: { glob: "a[" } }) { totalCount } }',
      ['virtualMachines: BAD_USER_INPUT'],
      { virtualMachines: null },
    ],
    [
      '{ virtualMachines(filter: { datacenter: { id: { eq: $vm } } }) { totalCount } }',
      ['virtualMachines: BAD_USER_INPUT'],
      { virtualMachines: null },
    ],
    [
      '{ virtualMachines(filter: { datacenter: { id: { eq: $foreign } } }) { totalCount } }',
      ['virtualMachines: BAD_USER_INPUT'],
      { virtualMachines: null },
    ],
    [
      '{ virtualMachines(first: -1) { totalCount } datacenters(first: 0) { nodes { name } } vcenters { name } }',
      ['virtualMachines: BAD_USER_INPUT'],
      { virtualMachines: null, datacenters: { nodes: [] }, vcenters: [{ name: 'test' }] },
    ],
    [
      '{ virtualMachines(filter: { powerState: { in: [BROKEN] } }) { totalCount } }',
      [': BAD_USER_INPUT'],
      undefined,
    ],
    [
      '{ datacenter(by: { id: $datacenter }) { name virtualMachines(first: -1) { totalCount } fine: virtualMachines(first: 0) { nodes { name } } } }',
      ['datacenter.virtualMachines: BAD_USER_INPUT'],
      { datacenter: { name: 'Frankfurt', virtualMachines: null, fine: { nodes: [] } } },
    ],
    [
      '{ datacenter(by: { id: $datacenter }) { name virtualMachines(after: "broken") { totalCount } other: virtualMachines(filter: { name: { glob: "[" } }) { totalCount } } }',
      ['datacenter.virtualMachines: BAD_USER_INPUT', 'datacenter.other: BAD_USER_INPUT'],
      { datacenter: { name: 'Frankfurt', virtualMachines: null, other: null } },
    ],
    ['{ nonsense }', [': BAD_USER_INPUT'], undefined],
    ['{ ', [': BAD_USER_INPUT'], undefined],
    ['{ ...Loop } fragment Loop on Query { ...Loop }', [': BAD_USER_INPUT'], undefined],
  ]
  it.each(cases)('gives the expected errors and data for %s', async (query, expected, data) => {
    const used = Object.keys(ids).filter((name) => new RegExp(`\\$${name}\\b`).test(query))
    const signature =
      used.length > 0
        ? `query (${used.map((name) => `$${name}: ${name === 'vm' && query.includes('after: $vm') ? 'String' : 'ID!'}`).join(', ')}) `
        : ''
    const result = await execute(gateway, signature + query, ids)
    expect(codes(result.reported).sort()).toEqual([...expected].sort())
    expect(result.data).toEqual(data)
  })

  it('reports a remedy when an id refers to no object', async () => {
    const { reported } = await execute(
      gateway,
      'query ($missingVm: ID!) { node(id: $missingVm) { id } }',
      ids,
    )
    expect(reported[0]?.extensions).toMatchObject({
      vcenter: 'test',
      remedy: expect.stringContaining('Look it up again'),
    })
    expect(reported[0]?.message).toContain('vm-999999')
  })

  it.each([
    ['virtualMachine(by: { id: "vm-35" }) { name }', 'Pass a moid as moid, and a name as name, not as id.'],
    ['node(id: "vm-35") { id }', 'Pass the field id of the object, not its moid or name.'],
    ['task(id: "task-1") { id }', 'Pass the field id of the object, not its moid or name.'],
    [
      'virtualMachines(filter: { datacenter: { id: { eq: "datacenter-3" } } }) { totalCount }',
      'Pass the field id of the object, not its moid or name.',
    ],
    ['node(id: "a name") { id }', 'Pass a value of the field id, unchanged.'],
  ])('reports what to pass instead of a moid in %s', async (field, remedy) => {
    const { reported } = await execute(gateway, `{ ${field} }`)
    expect(reported).toMatchObject([{ code: 'BAD_USER_INPUT', extensions: { remedy } }])
  })

  it('rejects a cursor of another order, and of another type', async () => {
    const { data } = await execute(
      gateway,
      '{ virtualMachines(first: 1) { pageInfo { endCursor } } datacenters(first: 1) { pageInfo { endCursor } } }',
    )
    const query =
      'query ($after: String) { virtualMachines(after: $after, orderBy: { field: MEMORY }) { totalCount } }'
    const ofName = await execute(gateway, query, { after: data.virtualMachines.pageInfo.endCursor })
    expect(codes(ofName.reported)).toEqual(['virtualMachines: BAD_USER_INPUT'])
    expect(ofName.reported[0]).toMatchObject({
      message:
        'after is a cursor for the order VirtualMachine NAME ASC, but this connection has the order VirtualMachine MEMORY ASC',
      extensions: { remedy: 'Start again without after.' },
    })
    const ofDatacenter = await execute(
      gateway,
      'query ($after: String) { virtualMachines(after: $after) { totalCount } }',
      {
        after: data.datacenters.pageInfo.endCursor,
      },
    )
    expect(codes(ofDatacenter.reported)).toEqual(['virtualMachines: BAD_USER_INPUT'])
  })
})

describe('an ambiguous lookup', () => {
  it('is reported with the candidates, each with its id and its path', async () => {
    const gateway = start()
    const { data, reported } = await execute(
      gateway,
      '{ virtualMachine(by: { name: "app-01" }) { name } vcenters { name } }',
    )
    expect(data).toEqual({ virtualMachine: null, vcenters: [{ name: 'test' }] })
    expect(codes(reported)).toEqual(['virtualMachine: AMBIGUOUS'])
    const { candidates, remedy } = reported[0]!.extensions
    expect(candidates.map(({ path }: { path: string }) => path).sort()).toEqual([
      '/Frankfurt/vm/Production/app-01',
      '/Frankfurt/vm/Testing/app-01',
    ])
    expect(remedy).toContain('with the id of one of the candidates')
    for (const { id, path } of candidates) {
      const one = await execute(
        gateway,
        'query ($id: ID!, $path: String!) { a: virtualMachine(by: { id: $id }) { path } b: virtualMachine(by: { path: $path }) { id } }',
        { id, path },
      )
      expect(one.data).toEqual({ a: { path }, b: { id } })
    }
    await gateway.close()
  })

  it('includes a datacenter lookup without an argument when there are two', async () => {
    const gateway = start()
    const { data, reported } = await execute(gateway, '{ datacenter { name } }')
    expect(data).toEqual({ datacenter: null })
    expect(codes(reported)).toEqual(['datacenter: AMBIGUOUS'])
    expect(reported[0]!.message).toBe('this vCenter has 2 datacenters; select one with by')
    expect(reported[0]!.extensions.candidates.map(({ path }: { path: string }) => path)).toEqual([
      '/Frankfurt',
      '/Oregon',
    ])
    await gateway.close()
  })

  it('lists at most 20 candidates, and null for a path that may not be read', async () => {
    const gateway = start({ vms: 50 })
    const { simulator } = gateway
    const machines = [...simulator.objects.ofType('VirtualMachine')].slice(20)
    for (const vm of machines) vm.set('name', 'clone')
    for (const vm of machines) simulator.faults.deny(vm.ref, 'parent')
    const { reported } = await execute(gateway, '{ virtualMachine(by: { name: "clone" }) { name } }')
    expect(codes(reported)).toEqual(['virtualMachine: AMBIGUOUS'])
    expect(reported[0]!.message).toBe('the name "clone" matches 30 objects')
    expect(reported[0]!.extensions.candidates).toHaveLength(20)
    expect(reported[0]!.extensions.candidates[0]).toMatchObject({ id: expect.any(String), path: null })
    await gateway.close()
  })

  it('includes a path to snapshots with the same name and the same parent', async () => {
    const gateway = start()
    const machine = gateway.simulator.inventory.machine('web-01')
    const base = machine.rootSnapshots[0]!
    for (const _ of [1, 2]) {
      revertToSnapshot(machine, base, { powerOn: false, at: new Date() })
      takeSnapshot(machine, { name: 'twin', description: '', memory: false, quiesced: false, at: new Date() })
    }
    const { data, reported } = await execute(
      gateway,
      '{ virtualMachine(by: { name: "web-01" }) { name snapshot(by: { path: "before-update/twin" }) { id } } }',
    )
    expect(data).toEqual({ virtualMachine: { name: 'web-01', snapshot: null } })
    expect(codes(reported)).toEqual(['virtualMachine.snapshot: AMBIGUOUS'])
    const { candidates } = reported[0]!.extensions
    expect(candidates).toHaveLength(2)
    const one = await execute(
      gateway,
      'query ($id: ID!) { virtualMachine(by: { name: "web-01" }) { snapshot(by: { id: $id }) { path } } }',
      candidates[1],
    )
    expect(one.data.virtualMachine.snapshot).toEqual({ path: 'before-update/twin' })
    await gateway.close()
  })
})

describe('a property that cannot be read', () => {
  const list = `{ virtualMachines(first: 1000) { totalCount nodes {
    name powerState connectionState cpuCount memory uuid disks { label } host { name } datacenter { name } path
  } } }`
  const named = (data: Json, name: string) =>
    data.virtualMachines.nodes.find((node: Json) => node.name === name)

  it('is null on an inaccessible virtual machine, and all others are complete', async () => {
    const gateway = start()
    const { data, reported } = await execute(gateway, list)
    expect(reported).toEqual([])
    expect(named(data, 'legacy-01')).toMatchObject({
      connectionState: 'INACCESSIBLE',
      cpuCount: null,
      memory: null,
      uuid: null,
      disks: null,
      path: '/Oregon/vm/legacy-01',
    })
    expect(named(data, 'web-01')).toMatchObject({
      connectionState: 'CONNECTED',
      cpuCount: 2,
      disks: [{ label: 'Hard disk 1' }],
    })
    await gateway.close()
  })

  // Runs before and after the size of the list is known: the first run reads the page separately, the
  // second everything at once.
  it.each([
    // Properties that the summary has too are read from there.
    [['config'], ['disks']],
    [
      ['config', 'summary'],
      ['cpuCount', 'memory', 'uuid', 'disks'],
    ],
    [['runtime'], ['powerState', 'connectionState', 'host']],
    [['parent'], ['datacenter', 'path']],
  ])(
    'is FORBIDDEN at its fields when %j is denied, and everything else is returned',
    async (properties, fields) => {
      const gateway = start()
      const { simulator } = gateway
      const { ref } = simulator.inventory.machine('web-01')
      const { data: before } = await execute(gateway, list)
      for (const property of properties) simulator.faults.deny(ref, property, 'System.Read')
      for (const fresh of [start({ simulator }), gateway]) {
        const { data, reported } = await execute(fresh, list)
        const index = data.virtualMachines.nodes.findIndex((node: Json) => node.name === 'web-01')
        expect(reported).toHaveLength(1)
        expect(
          failedFields(reported.map(({ path, extensions }) => ({ path: path.split('.'), extensions }))),
        ).toEqual(fields.map((field) => `virtualMachines.nodes.${index}.${field}: FORBIDDEN`).sort())
        expect(reported[0]?.extensions).toMatchObject({
          fault: 'NoPermission',
          privilege: 'System.Read',
          object: expect.stringContaining(ref.value),
          remedy: expect.stringContaining('privilege'),
          retryable: false,
        })
        const nulls = Object.fromEntries(fields.map((field) => [field, null]))
        expect(named(data, 'web-01')).toEqual({ ...named(before, 'web-01'), ...nulls })
        expect(data.virtualMachines.nodes.filter((node: Json) => node.name !== 'web-01')).toEqual(
          before.virtualMachines.nodes.filter((node: Json) => node.name !== 'web-01'),
        )
        if (fresh !== gateway) await fresh.close()
      }
      await gateway.close()
    },
  )

  it('gives the moid as the name, and affects nothing else', async () => {
    const gateway = start()
    const { simulator } = gateway
    const { ref } = simulator.inventory.machine('web-01')
    simulator.faults.deny(ref, 'name')
    const { data, reported } = await execute(
      gateway,
      'query ($id: ID!) { virtualMachine(by: { id: $id }) { name moid powerState } }',
      {
        id: idOf(gateway, ref),
      },
    )
    expect(reported).toEqual([])
    expect(data.virtualMachine).toEqual({ name: ref.value, moid: ref.value, powerState: 'POWERED_ON' })
    await gateway.close()
  })

  it('is an error of one datacenter’s connection when a folder in it is denied, since a partial list is not a list', async () => {
    const gateway = start()
    const { simulator } = gateway
    const folder = simulator.inventory.machine('web-01').folder
    simulator.faults.deny(folder, 'childEntity')
    for (const _ of ['scan', 'whole']) {
      const { data, reported } = await execute(
        gateway,
        '{ datacenters { nodes { name virtualMachines(first: 1000) { nodes { name } } } } }',
      )
      expect(codes(reported)).toEqual(['datacenters.nodes.0.virtualMachines: FORBIDDEN'])
      expect(data.datacenters.nodes[0]).toEqual({ name: 'Frankfurt', virtualMachines: null })
      expect(data.datacenters.nodes[1].virtualMachines.nodes.length).toBeGreaterThan(3)
    }
    await gateway.close()
  })

  it('excludes its object from a filter by datacenter, without an error', async () => {
    const gateway = start()
    const { simulator } = gateway
    const oregon = [...simulator.objects.ofType('Datacenter')][1]!
    simulator.faults.deny(simulator.inventory.machine('web-01').folder, 'parent')
    simulator.faults.deny(simulator.inventory.machine('desktop-01').ref, 'parent')
    const { data, reported } = await execute(
      gateway,
      'query ($id: ID!) { virtualMachines(first: 1000, filter: { datacenter: { id: { eq: $id } } }) { nodes { name } } }',
      {
        id: idOf(gateway, oregon.ref),
      },
    )
    expect(reported).toEqual([])
    expect(data.virtualMachines.nodes.map(({ name }: { name: string }) => name)).toEqual([
      'legacy-01',
      'scada-nt4',
      'wiki-01',
    ])
    await gateway.close()
  })
})

describe('a vCenter in trouble', () => {
  const query = '{ virtualMachines(first: 2) { nodes { name } } }'

  it.each([
    ['returns 503 with an HTML page', 'unavailable'],
    ['disconnects before it has read the request', 'unread'],
    ['disconnects before it has responded', 'unanswered'],
    ['disconnects in the middle of its response', 'midBody'],
  ] as const)('that %s is VCENTER_UNAVAILABLE, and works again when it is back', async (_, how) => {
    const gateway = start()
    await execute(gateway, query)
    const { faults } = gateway.simulator
    const callOptions = { times: Number.POSITIVE_INFINITY }
    if (how === 'unavailable') faults.unavailable(callOptions)
    else faults.dropConnection(how, callOptions)
    const { data, reported } = await execute(gateway, query)
    expect(data).toEqual({ virtualMachines: null })
    expect(codes(reported)).toEqual(['virtualMachines: VCENTER_UNAVAILABLE'])
    expect(reported[0]?.extensions).toMatchObject({
      retryable: true,
      remedy: expect.any(String),
      vcenter: 'test',
    })
    faults.clear()
    // The failure opened the circuit, which closes by itself.
    await expect.poll(async () => (await execute(gateway, query)).reported).toEqual([])
    await gateway.close()
  })

  it('that was never reached has its name, its id and the error', async () => {
    const gateway = start()
    gateway.simulator.faults.unavailable({ times: Number.POSITIVE_INFINITY })
    const selection = 'id name connected user version error { code retryable remedy }'
    const { data, reported } = await execute(gateway, `{ vcenters { ${selection} } }`)
    expect(reported).toEqual([])
    expect(data.vcenters).toEqual([
      {
        id: expect.any(String),
        name: 'test',
        connected: false,
        user: null,
        version: null,
        error: { code: 'VCENTER_UNAVAILABLE', retryable: true, remedy: expect.any(String) },
      },
    ])
    const { id } = data.vcenters[0]
    const again = await execute(gateway, `{ node(id: "${id}") { ... on VCenter { name error { code } } } }`)
    expect(again).toMatchObject({
      data: { node: { name: 'test', error: { code: 'VCENTER_UNAVAILABLE' } } },
      reported: [],
    })
    gateway.simulator.faults.clear()
    await gateway.close()
  })

  it('that was reached before is reported as not connected when it is unreachable', async () => {
    const gateway = start()
    await execute(gateway, query)
    gateway.simulator.faults.restart()
    gateway.simulator.faults.unavailable({ times: Number.POSITIVE_INFINITY, method: 'Login' })
    expect(codes((await execute(gateway, query)).reported)).toEqual(['virtualMachines: VCENTER_UNAVAILABLE'])
    const { data, reported } = await execute(gateway, '{ vcenters { id name connected apiType } }')
    expect(reported).toEqual([])
    expect(data.vcenters).toMatchObject([{ name: 'test', connected: false, apiType: 'VirtualCenter' }])
    await gateway.close()
  })

  it('that rejects the password gets one login attempt, and the password is not exposed', async () => {
    const gateway = start({ gatewayPassword: 'S3cret but wrong' })
    for (const _ of [1, 2, 3]) {
      const { reported } = await execute(gateway, '{ vcenters { name } datacenters { totalCount } }')
      expect(reported[0]).toMatchObject({
        code: 'VCENTER_UNAVAILABLE',
        extensions: {
          fault: 'InvalidLogin',
          retryable: false,
          remedy: expect.stringContaining('user name or password'),
        },
      })
    }
    expect(gateway.simulator.calls.filter(({ method }) => method === 'Login')).toHaveLength(1)
    await gateway.close()
  })

  it.each(['missingSet', 'fault'] as const)(
    'whose sessions end (reported as %s) gets one new login, and the results are correct',
    async (shape) => {
      const gateway = start()
      const { simulator } = gateway
      const requested = [
        query,
        '{ virtualMachine(by: { path: "/Frankfurt/vm/Production/Web/web-01" }) { name disks { label } } }',
        '{ datacenters { nodes { name virtualMachines { totalCount } } } }',
      ]
      const before = await Promise.all(requested.map((each) => execute(gateway, each)))
      for (const _ of [1, 2]) {
        simulator.faults.expireSessions(shape)
        simulator.calls.length = 0
        const after = await Promise.all(requested.map((each) => execute(gateway, each)))
        expect(after).toEqual(before)
        expect(simulator.calls.filter(({ method }) => method === 'Login')).toHaveLength(1)
        expect(simulator.live.sessions).toBe(1)
        simulator.faults.clear()
      }
      await gateway.close()
    },
  )

  it('whose session ends between the pages of one result still gives the whole result', async () => {
    const gateway = start()
    const { simulator } = gateway
    await execute(gateway, query)
    simulator.faults.pageSize = 5
    const hold = simulator.faults.pause({ method: 'ContinueRetrievePropertiesEx', times: 1 })
    const requested = execute(gateway, '{ virtualMachines(first: 100) { nodes { name } totalCount } }')
    await hold.waitFor()
    simulator.faults.expireSessions()
    hold.release()
    const { data, reported } = await requested
    expect(reported).toEqual([])
    expect(data.virtualMachines.nodes).toHaveLength(20)
    await gateway.close()
  })

  it('whose session ends repeatedly causes an error, not a loop', async () => {
    const gateway = start()
    gateway.simulator.faults.fault('NotAuthenticated', {
      method: 'RetrievePropertiesEx',
      times: Number.POSITIVE_INFINITY,
    })
    const { reported } = await execute(gateway, query)
    expect(codes(reported)).toEqual(['virtualMachines: VCENTER_UNAVAILABLE'])
    expect(reported[0]?.extensions).toMatchObject({ fault: 'NotAuthenticated', retryable: true })
    expect(gateway.simulator.calls.filter(({ method }) => method === 'Login')).toHaveLength(2)
    await gateway.close()
  })

  it('that raises any other fault is reported with the name of the fault', async () => {
    const gateway = start()
    gateway.simulator.faults.fault(
      { _typeName: 'HostCommunication' },
      { method: 'RetrievePropertiesEx', message: 'no route' },
    )
    const { reported } = await execute(gateway, query)
    expect(reported).toMatchObject([
      {
        path: 'virtualMachines',
        code: 'VSPHERE_FAULT',
        message: 'no route',
        extensions: { fault: 'HostCommunication' },
      },
    ])
    await gateway.close()
  })

  it('that does not respond in time is VCENTER_TIMEOUT', async () => {
    const gateway = start({
      wrap: (transport) => ({
        ...transport,
        send: (request) =>
          String(request.body).includes('RetrievePropertiesEx')
            ? Promise.reject(new TransportError('TIMEOUT', 'no response within 120 s'))
            : transport.send(request),
      }),
    })
    const { reported } = await execute(gateway, query)
    expect(codes(reported)).toEqual(['virtualMachines: VCENTER_TIMEOUT'])
    expect(reported[0]?.extensions.retryable).toBe(true)
    await gateway.close()
  })
})

describe('an internal error', () => {
  it('is masked as INTERNAL_SERVER_ERROR, and logged with the request id', async () => {
    const gateway = start({
      wrap: (transport) => ({
        ...transport,
        send: (request) =>
          String(request.body).includes('RetrievePropertiesEx')
            ? Promise.reject(new TypeError('inner workings'))
            : transport.send(request),
      }),
    })
    const { data, reported } = await execute(
      gateway,
      '{ vcenters { name } node(id: "x") { id } datacenter { name } }',
    )
    expect(data).toEqual({ vcenters: [{ name: 'test' }], node: null, datacenter: null })
    expect(codes(reported).sort()).toEqual(['datacenter: INTERNAL_SERVER_ERROR', 'node: BAD_USER_INPUT'])
    const internal = reported.find(({ code }) => code === 'INTERNAL_SERVER_ERROR')!
    expect(internal.message).not.toContain('inner workings')
    const line = gateway.lines.find((each) => each.includes(internal.extensions.requestId))
    expect(line).toContain('inner workings')
    await gateway.close()
  })
})
