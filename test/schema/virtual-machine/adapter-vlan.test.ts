// Tests NetworkAdapter.vlan: the VLAN of the port group on a distributed switch, or on the host of the virtual machine.

import { afterAll, beforeAll, expect, it } from 'vitest'
import { startGateway, type TestGateway } from '../../test-gateway.ts'

let gateway: TestGateway
beforeAll(() => {
  gateway = startGateway()
})
afterAll(() => gateway.close())

const execute = async (query: string) => {
  const { data, errors } = await gateway.execute(query)
  expect(errors).toBeUndefined()
  return data
}

const machines = `nodes { name host { name } networkAdapters { network { name kind } vlan { kind vlanId ranges } } }`

it('is that of the port group by which the network of the adapter is connected', async () => {
  const { virtualMachines } = await execute(`{ virtualMachines(first: 200) { ${machines} } }`)
  const byNetwork: Record<string, unknown> = {
    'production-110': { kind: 'ACCESS', vlanId: 110, ranges: null },
    'storage-210': { kind: 'ACCESS', vlanId: 210, ranges: null },
  }
  const byHost = (host: string) => {
    const vlanId = host.startsWith('esx-fra-03') ? 21 : host.startsWith('esx-fra') ? 20 : 0
    return { kind: 'ACCESS', vlanId, ranges: null }
  }
  const seen = new Set<string>()
  for (const { host, networkAdapters } of virtualMachines.nodes)
    for (const { network, vlan } of networkAdapters ?? []) {
      seen.add(network?.name)
      if (network?.name === 'VM Network') expect(vlan).toEqual(byHost(host.name))
      else expect(vlan).toEqual(byNetwork[network?.name] ?? null)
    }
  expect([...seen]).toEqual(expect.arrayContaining(['VM Network', 'production-110', 'storage-210']))
})

it('finds the virtual machines on a VLAN, of standard and of distributed switches', async () => {
  for (const [vlan, network] of [
    [20, 'VM Network'],
    [210, 'storage-210'],
  ] as const) {
    const { virtualMachines } = await execute(
      `{ virtualMachines(filter: { networkAdapters: { some: { vlan: { vlanId: { eq: ${vlan} } } } } }) { ${machines} } }`,
    )
    expect(virtualMachines.nodes.length).toBeGreaterThan(0)
    for (const { networkAdapters } of virtualMachines.nodes)
      expect(networkAdapters).toContainEqual(
        expect.objectContaining({ network: expect.objectContaining({ name: network }) }),
      )
  }
})

it('is a trunk for the VLAN id 4095 of a standard port group, and null for one that is not known', async () => {
  const own = startGateway()
  const { networkCards, ref } = findStandard(own)
  expect(networkCards).not.toHaveLength(0)
  const query = `{ virtualMachine(by: { moid: "${ref.value}" }) { networkAdapters { vlan { kind vlanId ranges } } } }`
  const host = own.simulator.objects.find(own.simulator.inventory.machine(ref).host)!
  const withPortgroups = (portgroup: unknown) => host.set('config', { network: { portgroup } })
  withPortgroups([{ spec: { name: 'VM Network', vlanId: 4095, vswitchName: 'vSwitch0' } }])
  const trunk = await own.execute(query)
  withPortgroups([])
  const missing = await own.execute(query)
  const noneOn = await own.execute(
    `{ virtualMachines(filter: { moid: { eq: "${ref.value}" }, networkAdapters: { none: { vlan: { vlanId: { eq: 20 } } } } }) { totalCount coverage { undecidedCount } } }`,
  )
  await own.close()
  expect(trunk.data.virtualMachine.networkAdapters).toEqual([
    { vlan: { kind: 'TRUNK', vlanId: null, ranges: ['0-4094'] } },
  ])
  expect(missing.data.virtualMachine.networkAdapters).toEqual([{ vlan: null }])
  expect(noneOn.data.virtualMachines).toEqual({ totalCount: 0, coverage: [{ undecidedCount: 1 }] })
})

function findStandard({ simulator }: TestGateway) {
  const found = [...simulator.objects.ofType('VirtualMachine')]
    .map(({ ref }) => ({ ref, networkCards: simulator.inventory.machine(ref).settings.networkCards }))
    .find(
      ({ networkCards: [first, ...others] }) => first?.network.name === 'VM Network' && others.length === 0,
    )
  return found ?? { ref: { type: 'VirtualMachine', value: 'none' }, networkCards: [] }
}
