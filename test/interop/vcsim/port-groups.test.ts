// Compares port groups of hosts and of distributed switches on vcsim with those that govc prints. vcsim has neither uplink flags nor segments
// nor private VLANs, and a port group that is added to a host does not appear in the host's config.network, where those from the
// start all have VLAN 0; all of that is tested on our simulator alone.

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Gateway, startGateway } from '../gateway.ts'
import { type Govc, govcAt } from '../govc.ts'
import { govc as govcPath, vcsim as vcsimPath } from '../tools.ts'
import type { Untyped } from '../untyped.ts'
import { startVcsim, type Vcsim } from '../vcsim.ts'

const rangeOf = ({ start, end }: Untyped): string => (start === end ? `${start}` : `${start}-${end}`)

describe.skipIf(vcsimPath === undefined || govcPath === undefined)('port groups on vcsim', () => {
  let vcsim: Vcsim
  let gateway: Gateway
  let govc: Govc

  beforeAll(async () => {
    vcsim = await startVcsim('-pg', '2')
    govc = govcAt(vcsim.url)
    const add = ['dvs.portgroup.add', '-dvs', 'DVS0', '-type', 'earlyBinding'] as const
    await govc(...add, '-nports', '8', '-vlan', '20', 'web-20')
    await govc(...add, '-nports', '4', '-vlan-mode', 'trunking', '-vlan-range', '10-12,30-30', 'trunk')
    gateway = await startGateway({ GOVC_URL: vcsim.url, GOVC_INSECURE: '1' })
  })
  afterAll(async () => {
    await gateway?.stop()
    await vcsim?.stop()
  })

  const execute = async (query: string): Promise<Untyped> => {
    const { data, errors } = await gateway.execute(query)
    expect(errors).toBeUndefined()
    return data
  }

  it('of a host are those of host.portgroup.info', async () => {
    const { host: read } = await execute(
      '{ host(by: { path: "/DC0/host/DC0_H0/DC0_H0" }) { standardPortgroups { name switchName vlanId } } }',
    )
    const { portgroup } = await govc.json('host.portgroup.info', '-host', 'DC0_H0')
    expect(read.standardPortgroups).toEqual(
      portgroup.map(({ spec: { name, vlanId, vswitchName } }: Untyped) => ({
        name,
        vlanId,
        switchName: vswitchName,
      })),
    )
    expect(read.standardPortgroups.length).toBeGreaterThan(1)
  })

  it('of a switch have the VLANs of dvs.portgroup.info', async () => {
    const { distributedSwitches } = await execute(`{ distributedSwitches { nodes {
      name uuid portgroups(first: 100) { nodes { portgroupKey name kind portCount switch { uuid } vlan { kind vlanId ranges } } }
    } } }`)
    expect(distributedSwitches.nodes).toHaveLength(1)
    const [{ name, uuid, portgroups }] = distributedSwitches.nodes
    const { port } = await govc.json('dvs.portgroup.info', name)
    const keys = new Set(port.map(({ portgroupKey }: Untyped) => portgroupKey))
    expect(new Set(portgroups.nodes.map(({ portgroupKey }: Untyped) => portgroupKey))).toEqual(keys)
    const seen = new Set<unknown>()
    for (const { portgroupKey, kind, portCount, switch: owner, vlan } of portgroups.nodes) {
      const ports = port.filter((each: Untyped) => each.portgroupKey === portgroupKey)
      const { vlanId } = ports[0].config.setting.vlan
      expect(kind).toBe('DISTRIBUTED_PORTGROUP')
      expect(owner.uuid).toBe(uuid)
      expect(ports[0].dvsUuid).toBe(uuid)
      expect(portCount).toBe(ports.length)
      seen.add(vlan.vlanId ?? vlan.ranges.join())
      expect(vlan).toEqual(
        Array.isArray(vlanId)
          ? { kind: 'TRUNK', vlanId: null, ranges: vlanId.map(rangeOf) }
          : { kind: 'ACCESS', vlanId, ranges: null },
      )
    }
    expect([...seen].sort()).toEqual([0, '0-4094', '10-12,30', 20])
  })

  it('are found by their VLAN, and so are the virtual machines on it', async () => {
    await govc('vm.network.add', '-vm', 'DC0_H0_VM1', '-net', 'web-20')
    const { networks, virtualMachines } = await execute(`{
      networks(filter: { vlan: { vlanId: { eq: 20 } } }) { nodes { name } }
      virtualMachines(filter: { networkAdapters: { some: { vlan: { vlanId: { eq: 20 } } } } }) { nodes { name } }
    }`)
    expect(networks.nodes).toEqual([{ name: 'web-20' }])
    expect(virtualMachines.nodes).toEqual([{ name: 'DC0_H0_VM1' }])
  })
})
