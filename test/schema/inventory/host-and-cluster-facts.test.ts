// Tests the network configuration of hosts, their identity, and the settings and load of clusters.

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { DataObject } from '../../../src/soap/vim-types.ts'
import { startGateway, type TestGateway } from '../../test-gateway.ts'
import { rewriting } from '../../vim25/connect.ts'

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

describe('a host', () => {
  it('has its identity and its network configuration', async () => {
    const { host } = await execute(`{ host(by: { name: "esx-fra-03.example.com" }) {
      serialNumber inQuarantineMode rebootRequired evcMode
      physicalNics { device macAddress driver speedMb }
      vmkernelAdapters { device macAddress ipAddress subnetMask dhcp mtu portgroup }
      standardPortgroups { name vlanId switchName }
    } }`)
    const macAddress = expect.stringMatching(/^b0:7b:25(:[0-9a-f]{2}){3}$/)
    const ipAddress = expect.stringMatching(/^172\.1[67]\./)
    const kernel = { macAddress, ipAddress, subnetMask: '255.255.0.0', dhcp: false }
    expect(host).toEqual({
      serialNumber: expect.stringMatching(/^[0-9A-F]{7}$/),
      inQuarantineMode: false,
      rebootRequired: false,
      evcMode: 'intel-icelake',
      physicalNics: [25_000, 25_000, 1_000, null].map((speedMb, index) => ({
        device: `vmnic${index}`,
        macAddress,
        driver: index < 2 ? 'i40en' : 'ntg3',
        speedMb,
      })),
      vmkernelAdapters: [
        { ...kernel, device: 'vmk0', mtu: 1500, portgroup: 'Management Network' },
        { ...kernel, device: 'vmk1', mtu: 9000, portgroup: null },
      ],
      standardPortgroups: [
        { name: 'Management Network', vlanId: 5, switchName: 'vSwitch0' },
        { name: 'VM Network', vlanId: 21, switchName: 'vSwitch0' },
      ],
    })
  })

  it('has no network configuration while it is disconnected, but a serial number from its identifiers', async () => {
    const own = startGateway()
    const [host] = [...own.simulator.objects.ofType('HostSystem')]
    host!.set('config', undefined)
    host!.set('hardware', undefined)
    const { data, errors } = await own.execute(`{ host(by: { moid: "${host!.moid}" }) {
      serialNumber physicalNics { device } vmkernelAdapters { device } standardPortgroups { name } } }`)
    await own.close()
    expect(errors).toBeUndefined()
    expect(data.host).toEqual({
      serialNumber: expect.stringMatching(/^[0-9A-F]{7}$/),
      physicalNics: null,
      vmkernelAdapters: null,
      standardPortgroups: null,
    })
  })

  it('is undecided for conditions on its network configuration while it is disconnected', async () => {
    const own = startGateway()
    const [disconnected, bare] = [...own.simulator.objects.ofType('HostSystem')]
    disconnected!.set('config', undefined)
    bare!.set('config', { ...(bare!.get('config') as DataObject<'HostConfigInfo'>), network: undefined })
    const { data } =
      await own.execute(`{ hosts(filter: { standardPortgroups: { none: { vlanId: { eq: 4000 } } } }) {
      nodes { moid } coverage { undecidedCount } } }`)
    await own.close()
    const moids = data.hosts.nodes.map(({ moid }: { moid: string }) => moid)
    expect(moids).not.toContain(disconnected!.moid)
    expect(moids).toContain(bare!.moid)
    expect(data.hosts.coverage).toEqual([{ undecidedCount: 1 }])
  })

  it('is found by the VLAN of a standard port group', async () => {
    const { hosts } = await execute(
      '{ hosts(filter: { standardPortgroups: { some: { vlanId: { eq: 21 } } } }) { nodes { name } } }',
    )
    expect(hosts.nodes).toEqual([{ name: 'esx-fra-03.example.com' }])
  })
})

describe('a cluster', () => {
  const facts =
    'isCluster drsAutomation drsScore haAdmissionControlEnabled vsanEnabled evcMode usage { cpuCapacity cpuDemand cpuReservation memoryCapacity memoryDemand memoryReservation }'

  it('has its settings and its load', async () => {
    const { computeResource } = await execute(
      `{ computeResource(by: { name: "fra-cluster-01" }) { ${facts} effectiveCpu effectiveMemory } }`,
    )
    const { effectiveCpu, effectiveMemory, ...cluster } = computeResource
    expect(cluster).toEqual({
      isCluster: true,
      drsAutomation: expect.stringMatching(/^(MANUAL|PARTIALLY_AUTOMATED|FULLY_AUTOMATED)$/),
      drsScore: expect.any(Number),
      haAdmissionControlEnabled: expect.any(Boolean),
      vsanEnabled: false,
      evcMode: 'intel-icelake',
      usage: {
        cpuCapacity: effectiveCpu,
        cpuDemand: expect.any(Number),
        cpuReservation: 0,
        memoryCapacity: effectiveMemory,
        memoryDemand: expect.any(Number),
        memoryReservation: 0,
      },
    })
  })

  it('is listed among the clusters, with any condition, and a standalone host is not', async () => {
    const names = async (args: string) => {
      const { clusters } = await execute(`{ clusters${args} { totalCount nodes { name } } }`)
      expect(clusters.totalCount).toBe(clusters.nodes.length)
      return clusters.nodes.map(({ name }: { name: string }) => name)
    }
    expect(await names('')).toEqual(['fra-cluster-01'])
    expect(await names('(filter: { name: { startsWith: "fra" }, haEnabled: { eq: true } })')).toEqual([
      'fra-cluster-01',
    ])
    expect(await names('(filter: { name: { startsWith: "esx" } })')).toEqual([])
    expect(await names('(filter: { isCluster: { eq: false } })')).toEqual([])
    expect(
      await names('(filter: { or: [{ isCluster: { eq: false } }, { haEnabled: { eq: true } }] })'),
    ).toEqual(['fra-cluster-01'])
  })

  it('is the only compute resource that has them', async () => {
    const { computeResource } = await execute(
      `{ computeResource(by: { name: "esx-ore-01.example.com" }) { ${facts} } }`,
    )
    expect(new Set(Object.values(computeResource))).toEqual(new Set([false, null]))
  })

  it('has them from the summary where the server has no summaryEx', async () => {
    const old = startGateway({
      wrap: rewriting((text) => text.replaceAll(/<propSet><name>summaryEx\.\w+<\/name>.*?<\/propSet>/gs, '')),
    })
    const query = '{ computeResources { nodes { name drsScore evcMode usage { cpuCapacity } } } }'
    const { data, errors } = await old.execute(query)
    const { data: current } = await startAndRun(query)
    await old.close()
    expect(errors).toBeUndefined()
    expect(data).toEqual(current)
    expect(data.computeResources.nodes[1].drsScore).toBeGreaterThan(0)
  })

  it('is found, grouped and summed by them', async () => {
    const { computeResources } = await execute(`{ computeResources(
      filter: { usage: { cpuCapacity: { gt: 0 } }, evcMode: { startsWith: "intel" } }
      orderBy: { field: USAGE_CPU_DEMAND, direction: DESC }
    ) { nodes { name } aggregate { usageCpuCapacity { sum } drsScore { avg } } groups(by: [EVC_MODE]) { count } } }`)
    expect(computeResources).toMatchObject({
      nodes: [{ name: 'fra-cluster-01' }],
      aggregate: { usageCpuCapacity: { sum: expect.any(Number) }, drsScore: { avg: expect.any(Number) } },
      groups: [{ count: 1 }],
    })
  })
})

async function startAndRun(query: string) {
  const own = startGateway()
  const result = await own.execute(query)
  await own.close()
  return result
}
