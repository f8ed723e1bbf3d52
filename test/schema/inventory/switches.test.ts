// Tests distributed switches and the facts of networks that belong to them: VLANs, uplinks, segments.

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startGateway, type TestGateway } from '../../test-gateway.ts'
import { rewriting } from '../../vim25/connect.ts'

let gateway: TestGateway
beforeAll(() => {
  gateway = startGateway()
})
afterAll(() => gateway.close())

const execute = async (query: string, variables?: Record<string, unknown>) => {
  const { data, errors } = await gateway.execute(query, variables)
  expect(errors).toBeUndefined()
  return data
}

describe('a distributed switch', () => {
  it('has its product, hosts, ports and port groups', async () => {
    const { distributedSwitches } = await execute(`{ distributedSwitches { totalCount nodes {
      __typename name path version vendor description portCount createdAt networkIoControlEnabled
      hosts { name } folder { name } datacenter { name }
      portgroups(filter: { isUplink: { eq: true } }) { nodes { name } }
    } } }`)
    expect(distributedSwitches).toMatchObject({
      totalCount: 2,
      nodes: [
        {
          __typename: 'DistributedVirtualSwitch',
          name: 'dvs-fra',
          path: '/Frankfurt/network/dvs-fra',
          version: '8.0.0',
          vendor: 'VMware, Inc.',
          description: null,
          portCount: 7 * 128 + 12,
          createdAt: expect.stringMatching(/^\d{4}-/),
          networkIoControlEnabled: true,
          hosts: ['esx-fra-01', 'esx-fra-02', 'esx-fra-03'].map((name) => ({ name: `${name}.example.com` })),
          folder: { name: 'network' },
          datacenter: { name: 'Frankfurt' },
          portgroups: { nodes: [{ name: expect.stringMatching(/^dvs-fra-DVUplinks-/) }] },
        },
        { name: 'dvs-ore', version: '7.0.3', description: 'Out-of-band backups' },
      ],
    })
  })

  it('is found by id, moid, name, path and UUID', async () => {
    const { distributedSwitches } = await execute(
      '{ distributedSwitches(first: 1) { nodes { id moid name path uuid } } }',
    )
    const [found] = distributedSwitches.nodes
    const keys = { ...found, otherUuid: found.uuid.toUpperCase().replace(/[ -]/g, '') }
    const variables = Object.keys(keys).map((key) => `$${key}: ${key === 'id' ? 'ID' : 'String'}!`)
    const fields = Object.keys(keys).map(
      (key) => `${key}: distributedSwitch(by: { ${key === 'otherUuid' ? 'uuid' : key}: $${key} }) { moid }`,
    )
    const data = await execute(
      `query (${variables}) { ${fields.join(' ')} node(id: $id) { ... on DistributedVirtualSwitch { moid } } }`,
      keys,
    )
    for (const key of [...Object.keys(keys), 'node']) expect(data[key], key).toEqual({ moid: found.moid })
    expect(await execute('{ distributedSwitch(by: { uuid: "none" }) { moid } }')).toEqual({
      distributedSwitch: null,
    })
  })

  it('is listed by datacenters and folders', async () => {
    const { datacenter, folder } = await execute(`{
      datacenter(by: { name: "Oregon" }) { distributedSwitches { nodes { name } }
        networkFolder { distributedSwitches { nodes { name } } } }
      folder(by: { path: "/" }) {
        distributedSwitches { totalCount } all: distributedSwitches(recursive: true) { nodes { name } } }
    }`)
    const ofOregon = { distributedSwitches: { nodes: [{ name: 'dvs-ore' }] } }
    expect(datacenter).toEqual({ ...ofOregon, networkFolder: ofOregon })
    expect(folder).toEqual({
      distributedSwitches: { totalCount: 0 },
      all: { nodes: [{ name: 'dvs-fra' }, { name: 'dvs-ore' }] },
    })
  })
})

describe('a network', () => {
  const facts = 'name kind vlan { kind vlanId ranges } isUplink portCount segmentId switch { name }'

  it('has the VLAN, the switch and the segment of its port group', async () => {
    const { networks } = await execute(
      `{ networks(filter: { datacenter: { name: { eq: "Frankfurt" } } }) { nodes { ${facts} } } }`,
    )
    const inSwitch = {
      kind: 'DISTRIBUTED_PORTGROUP',
      isUplink: false,
      portCount: 128,
      segmentId: null,
      switch: { name: 'dvs-fra' },
    }
    const access = (vlanId: number) => ({ kind: 'ACCESS', vlanId, ranges: null })
    expect(networks.nodes).toEqual([
      { ...inSwitch, name: 'backup-400', vlan: access(400) },
      {
        ...inSwitch,
        name: expect.stringMatching(/^dvs-fra-DVUplinks-/),
        vlan: { kind: 'TRUNK', vlanId: null, ranges: ['0-4094'] },
        isUplink: true,
        portCount: 12,
      },
      { ...inSwitch, name: 'guests-120', vlan: { kind: 'PRIVATE', vlanId: 121, ranges: null } },
      { ...inSwitch, name: 'monitoring', vlan: { kind: 'TRUNK', vlanId: null, ranges: ['10-19', '30'] } },
      { ...inSwitch, name: 'nsx-segment', vlan: access(0), segmentId: '/infra/segments/web' },
      { ...inSwitch, name: 'nsx-segment', vlan: access(0), segmentId: '/infra/segments/web-test' },
      { ...inSwitch, name: 'production-110', vlan: access(110) },
      { ...inSwitch, name: 'storage-210', vlan: access(210) },
      {
        name: 'VM Network',
        kind: 'STANDARD',
        vlan: null,
        isUplink: null,
        portCount: null,
        segmentId: null,
        switch: null,
      },
    ])
  })

  it.each([
    ['{ vlan: { vlanId: { eq: 20 } } }', [{ name: 'backup-400', switch: { name: 'dvs-ore' } }]],
    ['{ vlan: { ranges: { some: { eq: "30" } } } }', [{ name: 'monitoring', switch: { name: 'dvs-fra' } }]],
    ['{ segmentId: { endsWith: "-test" } }', [{ name: 'nsx-segment', switch: { name: 'dvs-fra' } }]],
    [
      '{ isUplink: { eq: false }, switch: { name: { eq: "dvs-ore" } } }',
      [{ name: 'backup-400', switch: { name: 'dvs-ore' } }],
    ],
  ])('is found by %s', async (filter, nodes) => {
    const { networks } = await execute(`{ networks(filter: ${filter}) { nodes { name switch { name } } } }`)
    expect(networks.nodes).toEqual(nodes)
  })

  it('is an uplink by the list of its switch where the server has no flag', async () => {
    const old = startGateway({
      wrap: rewriting((text) => text.replaceAll(/<propSet><name>config.uplink<\/name>.*?<\/propSet>/g, '')),
    })
    const { data, errors } = await old.execute(
      '{ networks { nodes { name kind isUplink } } filtered: networks(filter: { isUplink: { eq: true } }) { totalCount } }',
    )
    await old.close()
    expect(errors).toBeUndefined()
    for (const { name, kind, isUplink } of data.networks.nodes)
      expect(isUplink, name).toBe(kind === 'STANDARD' ? null : name.includes('DVUplinks'))
    expect(data.filtered.totalCount).toBe(2)
  })

  it('has no VLAN where the port group has a specification of an unknown type, or none', async () => {
    const altered = startGateway({
      wrap: rewriting((text) =>
        text.replaceAll(/xsi:type="VmwareDistributedVirtualSwitch\w+VlanSpec"/g, 'xsi:type="FutureVlanSpec"'),
      ),
    })
    const { data, errors } = await altered.execute(
      '{ networks(filter: { name: { in: ["monitoring", "production-110"] } }) { nodes { name vlan { kind } } } }',
    )
    await altered.close()
    expect(errors).toBeUndefined()
    expect(data.networks.nodes).toEqual([
      { name: 'monitoring', vlan: null },
      { name: 'production-110', vlan: { kind: 'ACCESS' } },
    ])
  })
})
