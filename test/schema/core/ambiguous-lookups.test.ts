// Tests lookups by inventory path and by uuid, where the vSphere method returns one object although several
// match.

import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { SimulatedObject } from '../../../src/simulator/index.ts'
import { createSimulator, type Simulator } from '../../../src/simulator/index.ts'
import type { ManagedObjectReference } from '../../../src/soap/vim-types.ts'
import { createUndiciTransport } from '../../../src/transport/undici-transport.ts'
import { type SoapProxy, soapFault, startSoapProxy } from '../../soap-proxy.ts'
import { startGateway, type TestGateway } from '../../test-gateway.ts'

let simulator: Simulator
let proxy: SoapProxy
let gateway: TestGateway

beforeEach(async () => {
  simulator = createSimulator({ tasks: { queuedMs: 0, durationMs: 5 } })
  proxy = await startSoapProxy((await simulator.listen()).origin)
  gateway = startGateway({
    simulator,
    wrap: () => createUndiciTransport({ url: proxy.url, userAgent: 'test' }),
  })
})
afterEach(async () => {
  await gateway.close()
  await proxy.close()
  await simulator.close()
})

const moidsOf = (errors: readonly { readonly extensions: Record<string, unknown> }[] | undefined) =>
  (errors?.[0]?.extensions.candidates as { id: string }[] | undefined)
    ?.map(({ id }) => JSON.parse(Buffer.from(id, 'base64url').toString())[2] as string)
    .sort()

const named = (type: 'DistributedVirtualPortgroup' | 'VirtualMachine' | 'Folder', name: string) =>
  [...simulator.objects.ofType(type)].filter((object) => object.get('name') === name) as [SimulatedObject]

/** Renames another port group of the same folder to the name of this one. */
function addNamesake(): { path: string; moids: string[]; folder: ManagedObjectReference } {
  const [first, second] = [...simulator.objects.ofType('DistributedVirtualPortgroup')]
  const parent = first!.get('parent') as ManagedObjectReference
  expect(second!.get('parent')).toEqual(parent)
  second!.set('name', first!.get('name'))
  const path = `/Frankfurt/network/${first!.get('name')}`
  return { path, moids: [first!.moid, second!.moid].sort(), folder: parent }
}

describe('a lookup by inventory path', () => {
  it('is AMBIGUOUS when two port groups of one folder have the same name, and each is found by its id', async () => {
    const { path, moids } = addNamesake()
    const { data, errors } = await gateway.execute(
      'query ($path: String!) { network(by: { path: $path }) { moid } }',
      {
        path,
      },
    )
    expect(data).toEqual({ network: null })
    expect(errors?.[0]?.extensions).toMatchObject({ code: 'AMBIGUOUS', retryable: false })
    expect(errors?.[0]?.extensions.remedy).toContain('id')
    // The ambiguity is in the path only.
    expect(errors?.[0]?.extensions.remedy).not.toContain('path')
    expect(moidsOf(errors as never)).toEqual(moids)
    const candidates = (errors?.[0]?.extensions.candidates ?? []) as { id: string }[]
    for (const { id } of candidates) {
      const { network } = (
        await gateway.execute('query ($id: ID!) { network(by: { id: $id }) { path } }', { id })
      ).data
      expect(network.path).toBe(path)
    }
  })

  it('is AMBIGUOUS when the folder cannot be read', async () => {
    const { path, moids, folder } = addNamesake()
    simulator.faults.deny(folder, 'childEntity', 'System.View')
    const { errors } = await gateway.execute(
      'query ($path: String!) { network(by: { path: $path }) { moid } }',
      {
        path,
      },
    )
    expect(moidsOf(errors as never)).toEqual(moids)
  })

  it('finds one object when the folder cannot be read', async () => {
    const vm = simulator.inventory.vm('web-01')
    simulator.faults.deny(vm.get('parent') as ManagedObjectReference, 'childEntity', 'System.View')
    const { data } = await gateway.execute('{ virtualMachine(by: { name: "web-01" }) { path } }')
    const { path } = data.virtualMachine
    const found = await gateway.execute(
      'query ($path: String!) { virtualMachine(by: { path: $path }) { moid } }',
      { path },
    )
    expect(found).toMatchObject({ data: { virtualMachine: { moid: vm.moid } } })
  })

  it('does not change one of two virtual machines', async () => {
    const vm = simulator.inventory.vm('web-01')
    const twin = named('VirtualMachine', 'web-02')[0]
    expect(twin.get('parent')).toEqual(vm.get('parent'))
    twin.set('name', 'web-01')
    const { path } = (
      await gateway.execute('query ($moid: String!) { virtualMachine(by: { moid: $moid }) { path } }', {
        moid: vm.moid,
      })
    ).data.virtualMachine
    const { errors } = await gateway.execute(
      'mutation ($path: String!) { createSnapshot(input: { virtualMachine: { path: $path }, name: "s" }) { task { state } } }',
      { path },
    )
    expect(errors?.[0]?.extensions.code).toBe('AMBIGUOUS')
    expect(moidsOf(errors as never)).toEqual([vm.moid, twin.moid].sort())
    expect(proxy.calls).not.toContain('CreateSnapshot_Task')
  })

  it('finds an object of the type when one of another type has its name', async () => {
    const [dvs] = [...simulator.objects.ofType('VmwareDistributedVirtualSwitch')]
    const portgroup = [...simulator.objects.ofType('DistributedVirtualPortgroup')].find(
      (each) =>
        (each.get('parent') as ManagedObjectReference).value ===
        (dvs!.get('parent') as ManagedObjectReference).value,
    )
    portgroup!.set('name', dvs!.get('name'))
    const path = `/Frankfurt/network/${dvs!.get('name')}`
    const { data } = await gateway.execute(
      'query ($path: String!) { network(by: { path: $path }) { moid } }',
      {
        path,
      },
    )
    expect(data).toEqual({ network: { moid: portgroup!.moid } })
  })

  it('finds virtual machines in vApps, the folders of a datacenter, pools and hosts', async () => {
    const all = (
      await gateway.execute(
        '{ virtualMachines(first: 1000) { nodes { moid path } } folders(first: 1000) { nodes { moid path } } resourcePools(first: 1000) { nodes { moid path } } hosts(first: 1000) { nodes { moid path } } }',
      )
    ).data
    for (const [plural, field] of [
      ['virtualMachines', 'virtualMachine'],
      ['folders', 'folder'],
      ['resourcePools', 'resourcePool'],
      ['hosts', 'host'],
    ] as const) {
      for (const { moid, path } of all[plural].nodes) {
        if (path === '/') continue
        const { data } = await gateway.execute(
          `query ($path: String!) { ${field}(by: { path: $path }) { moid } }`,
          { path },
        )
        expect([path, data[field]?.moid]).toEqual([path, moid])
      }
    }
  })
})

describe('a lookup by uuid on a server without FindAllByUuid', () => {
  beforeEach(() => {
    proxy.on('FindAllByUuid', (call) =>
      call.respond(
        500,
        soapFault('MethodNotFound', {
          fields: '<receiver type="SearchIndex">SearchIndex</receiver><method>FindAllByUuid</method>',
        }),
      ),
    )
  })

  it('is AMBIGUOUS when two virtual machines have the BIOS uuid, and changes neither of them', async () => {
    const [one, two] = [simulator.inventory.vm('web-01'), simulator.inventory.vm('web-02')]
    const { uuid } = simulator.inventory.machine('web-01')
    two.set('config', { ...(two.get('config') as object), uuid })
    const { errors } = await gateway.execute(
      'mutation ($uuid: String!) { createSnapshot(input: { virtualMachine: { uuid: $uuid }, name: "s" }) { task { state } } }',
      { uuid },
    )
    expect(errors?.[0]?.extensions.code).toBe('AMBIGUOUS')
    expect(moidsOf(errors as never)).toEqual([one.moid, two.moid].sort())
    expect(proxy.calls).not.toContain('CreateSnapshot_Task')
  })

  it('finds the only virtual machine with an instance uuid, in upper case too', async () => {
    const { instanceUuid, ref } = simulator.inventory.machine('web-01')
    const { data } = await gateway.execute(
      'query ($uuid: String!) { virtualMachine(by: { instanceUuid: $uuid }) { moid } }',
      { uuid: instanceUuid.toUpperCase() },
    )
    expect(data).toEqual({ virtualMachine: { moid: ref.value } })
  })
})
