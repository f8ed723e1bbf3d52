// Tests the root field search on the simulator: what it finds in each field, its calls, its pages and its errors.

import { isInterfaceType } from 'graphql'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { entityTypes } from '../../../src/schema/core/entity-type.ts'
import { buildSchema } from '../../../src/schema/schema.ts'
import type { SimulatedObject } from '../../../src/simulator/index.ts'
import type { DataObject } from '../../../src/soap/vim-types.ts'
import { startGateway, type TestGateway } from '../../test-gateway.ts'
import { execute } from '../call-budget.ts'

let gateway: TestGateway
beforeAll(async () => {
  gateway = startGateway({ pageSizeMax: 50 })
  // A session reads the views of the types from its first search on.
  await gateway.execute('{ search(text: "nothing") { totalCount } }')
})
afterAll(() => gateway.close())

interface Arguments {
  readonly text: string
  readonly types?: readonly string[]
  readonly in?: readonly string[]
  readonly first?: number
  readonly after?: string | undefined
}

const searchFor = (selection: string) => (variables: Arguments) =>
  execute(
    gateway,
    `query ($text: String!, $types: [EntityType!], $in: [SearchField!], $first: Int, $after: String) {
      search(text: $text, types: $types, in: $in, first: $first, after: $after) { ${selection} }
    }`,
    { ...variables },
  )

const search = searchFor(
  'totalCount edges { cursor node { name } matches { field value } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor }',
)

/** The names and matches of the results. */
async function found(variables: Arguments): Promise<[string, ...string[]][]> {
  const { data, errors } = await search(variables)
  expect(errors).toBeUndefined()
  return data.search.edges.map(
    (edge: { node: { name: string }; matches: { field: string; value: string }[] }) => [
      edge.node.name,
      ...edge.matches.map(({ field, value }) => `${field} ${value}`),
    ],
  )
}

const vm = (name: string): SimulatedObject => gateway.simulator.inventory.vm(name)
const guest = (name: string) => vm(name).get('guest') as DataObject<'GuestInfo'>
const config = (name: string) => vm(name).get('config') as DataObject<'VirtualMachineConfigInfo'>

/** Changes a property, and restores it after the callback. */
async function withProperty<T>(
  object: SimulatedObject,
  property: string,
  value: unknown,
  callback: () => Promise<T>,
): Promise<T> {
  const before = object.isDerived(property) ? () => original : object.get(property)
  const original = object.get(property)
  object.set(property, value)
  try {
    return await callback()
  } finally {
    object.set(property, before)
  }
}

it('has a value of EntityType for each type with the interface ManagedEntity', () => {
  const schema = buildSchema()
  const type = schema.getType('ManagedEntity')
  expect(
    isInterfaceType(type) &&
      schema
        .getPossibleTypes(type)
        .map(({ name }) => name)
        .sort(),
  ).toEqual([...entityTypes].sort())
})

describe('a search', () => {
  it('finds objects of all types by name, the best match first, without regard to case', async () => {
    expect(await found({ text: 'WEB' })).toEqual([
      ['Web', 'NAME Web'],
      ['web-01', 'NAME web-01', 'HOST_NAME web-01'],
      ['web-02', 'NAME web-02', 'HOST_NAME web-02'],
    ])
    expect((await found({ text: 'fra-0' })).map(([name]) => name)).toEqual([
      'esx-fra-01.example.com',
      'esx-fra-02.example.com',
      'esx-fra-03.example.com',
      'nfs-fra-01',
      'vmfs-fra-01',
    ])
    expect(await found({ text: 'a/b', in: ['NAME'] })).toEqual([['a/b', 'NAME a/b']])
  })

  it('finds a moid as a whole only', async () => {
    const { moid } = vm('web-01')
    expect(await found({ text: moid.toUpperCase() })).toEqual([['web-01', `MOID ${moid}`]])
    expect(await found({ text: moid.slice(0, -1), in: ['MOID'] })).toEqual([])
  })

  it('finds guests by host name', async () => {
    await withProperty(
      vm('web-01'),
      'guest',
      { ...guest('web-01'), hostName: 'Shop.example.org' },
      async () => {
        expect(await found({ text: 'shop.EXAMPLE' })).toEqual([['web-01', 'HOST_NAME Shop.example.org']])
      },
    )
  })

  it('finds virtual machines by notes', async () => {
    await withProperty(
      vm('web-01'),
      'config',
      { ...config('web-01'), annotation: 'Owner: Zoe' },
      async () => {
        expect(await found({ text: 'zoe' })).toEqual([['web-01', 'ANNOTATION Owner: Zoe']])
      },
    )
  })

  it('finds paths by a text with a slash, or if paths are named', async () => {
    expect(await found({ text: '/frankfurt/vm/production/web/web-01' })).toEqual([
      ['web-01', 'PATH /Frankfurt/vm/Production/Web/web-01'],
    ])
    expect((await found({ text: 'Production/Web' })).map(([name]) => name)).toEqual([
      'Web',
      'web-01',
      'web-02',
    ])
    expect(await found({ text: 'a%2fb' })).toEqual([])
    expect(await found({ text: 'a%2fb', in: ['PATH'] })).toEqual([
      ['a/b', 'PATH /Frankfurt/vm/Testing/a%2fb'],
    ])
  })

  it('finds a complete IP address of any interface in any notation, and a part of a primary address', async () => {
    const nic = { connected: true, deviceConfigId: 4000 }
    const changed = {
      ...guest('web-01'),
      net: [{ ...nic, ipAddress: [guest('web-01').ipAddress, 'fe80::250:56ff:fe00:1', '192.168.7.5'] }],
    }
    await withProperty(vm('web-01'), 'guest', changed, async () => {
      expect(await found({ text: '192.168.7.5' })).toEqual([['web-01', 'IP_ADDRESS 192.168.7.5']])
      expect(await found({ text: 'FE80:0:0:0:250:56FF:FE00:1' })).toEqual([
        ['web-01', 'IP_ADDRESS fe80::250:56ff:fe00:1'],
      ])
      const address = String(guest('web-01').ipAddress)
      expect(await found({ text: address, types: ['VIRTUAL_MACHINE'] })).toEqual([
        ['web-01', `IP_ADDRESS ${address}`],
      ])
      expect(await found({ text: address.slice(0, -1) })).toContainEqual(['web-01', `IP_ADDRESS ${address}`])
      expect(await found({ text: '192.168.7.' })).toEqual([])
    })
  })

  it('finds hosts by the address of a VMkernel adapter', async () => {
    const [host] = [...gateway.simulator.objects.ofType('HostSystem')] as [SimulatedObject]
    const vnic = [{ spec: { ip: { ipAddress: '172.16.9.1' } } }]
    await withProperty(host, 'config', { network: { vnic } }, async () => {
      expect(await found({ text: '172.16.9.1' })).toEqual([
        [String(host.get('name')), 'IP_ADDRESS 172.16.9.1'],
      ])
      expect(await found({ text: '172.16.9.1', types: ['VIRTUAL_MACHINE'] })).toEqual([])
    })
  })

  it('finds virtual machines by a MAC address of a network card or the guest', async () => {
    const card = config('web-01').hardware.device?.find(
      (device) => 'macAddress' in device,
    ) as DataObject<'VirtualEthernetCard'>
    const mac = String(card.macAddress)
    expect(await found({ text: mac.replaceAll(':', '-').toUpperCase() })).toEqual([
      ['web-01', `MAC_ADDRESS ${mac}`],
    ])
    expect(await found({ text: mac.replaceAll(':', '') })).toHaveLength(1)
    expect(await found({ text: mac.slice(0, -1) })).toEqual([])
    const net = [{ connected: true, deviceConfigId: -1, macAddress: '02:42:AC:11:00:02' }]
    await withProperty(vm('web-02'), 'guest', { ...guest('web-02'), net }, async () => {
      expect(await found({ text: '0242.ac11.0002' })).toEqual([['web-02', 'MAC_ADDRESS 02:42:AC:11:00:02']])
    })
  })

  it('finds virtual machines by BIOS and instance UUID, and hosts by hardware UUID', async () => {
    const { uuid, instanceUuid } = config('web-01')
    expect(await found({ text: uuid.toUpperCase() })).toEqual([['web-01', `UUID ${uuid}`]])
    expect(await found({ text: String(instanceUuid), in: ['UUID'] })).toEqual([
      ['web-01', `UUID ${instanceUuid}`],
    ])
    await withProperty(vm('web-02'), 'config', { ...config('web-02'), uuid }, async () => {
      expect((await found({ text: uuid })).map(([name]) => name)).toEqual(['web-01', 'web-02'])
    })
    const [host] = [...gateway.simulator.objects.ofType('HostSystem')] as [SimulatedObject]
    const hostUuid = String((host.get('summary') as DataObject<'HostListSummary'>).hardware?.uuid)
    expect(await found({ text: hostUuid })).toEqual([[String(host.get('name')), `UUID ${hostUuid}`]])
    expect(await found({ text: hostUuid, types: ['VIRTUAL_MACHINE', 'FOLDER'] })).toEqual([])
  })

  it('returns only objects of the types, and compares only the fields that are named', async () => {
    expect(await found({ text: 'web', types: ['FOLDER', 'DATASTORE'] })).toEqual([['Web', 'NAME Web']])
    expect(await found({ text: 'web', in: ['HOST_NAME'] })).toEqual([
      ['web-01', 'HOST_NAME web-01'],
      ['web-02', 'HOST_NAME web-02'],
    ])
    expect(await found({ text: 'web', in: ['HOST_NAME'], types: ['NETWORK'] })).toEqual([])
  })

  it('finds no object and no value that may not be read, without an error', async () => {
    const { faults } = gateway.simulator
    const undo = [
      faults.deny(vm('web-01').ref, 'name'),
      ...['web-01', 'web-02'].flatMap((name) => [
        faults.deny(vm(name).ref, 'guest'),
        faults.deny(vm(name).ref, 'summary'),
      ]),
      faults.deny(vm('web-02').ref, 'config'),
    ]
    try {
      expect(await found({ text: 'web-0' })).toEqual([['web-02', 'NAME web-02']])
      const { data } = await searchFor(
        'totalCount coverage { vcenter isComplete undecidedCount error { code } }',
      )({
        text: 'web-0',
      })
      // The virtual machine whose name may not be read.
      expect(data.search).toEqual({
        totalCount: 1,
        coverage: [{ vcenter: 'test', isComplete: true, undecidedCount: 1, error: null }],
      })
      expect(await found({ text: vm('web-01').moid })).toHaveLength(1)
      expect(await found({ text: '00:50:56:00:00:01' })).toEqual([])
    } finally {
      for (const each of undo) each()
    }
  })

  it('reads what the selection needs of each type', async () => {
    const { data, errors } = await execute(
      gateway,
      `query ($none: Boolean = false) {
        search(text: "web") {
          nodes { __typename ... on Folder { parent { name } virtualMachines(first: 5) { totalCount nodes { name } } } ...M }
          edges { n: node { path @skip(if: $none) ... on VirtualMachine { powerState } } }
        }
      }
      fragment M on VirtualMachine { host { name } disks { label } }`,
    )
    expect(errors).toBeUndefined()
    expect(data.search).toEqual({
      nodes: [
        {
          __typename: 'Folder',
          parent: { name: 'Production' },
          virtualMachines: { totalCount: 2, nodes: [{ name: 'web-01' }, { name: 'web-02' }] },
        },
        ...['web-01', 'web-02'].map(() => ({
          __typename: 'VirtualMachine',
          host: { name: 'esx-fra-02.example.com' },
          disks: [{ label: 'Hard disk 1' }],
        })),
      ],
      edges: [
        { n: { path: '/Frankfurt/vm/Production/Web' } },
        ...['web-01', 'web-02'].map((name) => ({
          n: { path: `/Frankfurt/vm/Production/Web/${name}`, powerState: 'POWERED_ON' },
        })),
      ],
    })
  })

  it('omits an object that is deleted before its properties are read', async () => {
    const separate = startGateway()
    const { faults, inventory } = separate.simulator
    await separate.execute('{ search(text: "nothing") { totalCount } }')
    const [scan, page] = [1, 2].map(() => faults.pause({ method: 'RetrievePropertiesEx', times: 1 }))
    const pending = separate.execute('{ search(text: "web") { totalCount nodes { name overallStatus } } }')
    await scan!.waitFor()
    scan!.release()
    await page!.waitFor()
    faults.remove(inventory.vm('web-01').ref)
    page!.release()
    const { data, errors } = await pending
    expect(errors).toBeUndefined()
    expect(data.search).toEqual({
      totalCount: 3,
      nodes: [
        { name: 'Web', overallStatus: 'GREEN' },
        { name: 'web-02', overallStatus: 'GREEN' },
      ],
    })
    await separate.close()
  })
})

describe('the calls of a search', () => {
  const others = [
    'ComputeResource',
    'Datacenter',
    'Datastore',
    'DistributedVirtualSwitch',
    'Folder',
    'HostSystem',
    'Network',
    'ResourcePool',
    'StoragePod',
  ]
  const names = others.map((type) => `  ${type}: name`)
  const machines =
    'config.annotation, guest.hostName, name, summary.config.annotation, summary.guest.hostName'
  const ipAddress = '10.11.12.13'
  const uuid = '420d7eeb-e7cf-4e5b-a0a7-7f4f2d6c6b3a'

  it.each<[string, Arguments, string[]]>([
    [
      'are one retrieval of small properties for a text',
      { text: 'web' },
      ['RetrievePropertiesEx', ...names, `  VirtualMachine: ${machines}`, '  from a view view*'],
    ],
    [
      'are one retrieval for a MAC address, with network cards',
      { text: '00:50:56:00:00:01' },
      [
        'RetrievePropertiesEx',
        ...names,
        '  VirtualMachine: config.annotation, config.hardware.device, guest.hostName, guest.ipAddress, guest.net, name, summary.config.annotation, summary.guest.hostName, summary.guest.ipAddress',
        '  from a view view*',
      ],
    ],
    [
      'are two searches and one retrieval for an IP address, with the addresses of guests',
      { text: ipAddress },
      [
        'FindAllByIp',
        'FindAllByIp',
        'RetrievePropertiesEx',
        ...names,
        '  VirtualMachine: config.annotation, guest.hostName, guest.ipAddress, guest.net, name, summary.config.annotation, summary.guest.hostName, summary.guest.ipAddress',
        '  from a view view*',
      ],
    ],
    [
      'are three searches for a UUID in UUIDs alone',
      { text: uuid, in: ['UUID'] },
      Array(3).fill('FindAllByUuid'),
    ],
    [
      'are one retrieval of the types that are searched',
      { text: 'web', types: ['FOLDER', 'DATASTORE'] },
      ['RetrievePropertiesEx', '  Datastore: name', '  Folder: name', '  from a view view*'],
    ],
    [
      'are none if no type has the fields',
      { text: 'web', types: ['NETWORK'], in: ['HOST_NAME', 'ANNOTATION'] },
      [],
    ],
  ])('%s', async (_name, variables, expected) => {
    const { requested, errors } = await searchFor('totalCount')(variables)
    expect(errors).toBeUndefined()
    expect(requested).toEqual(expected)
  })

  it('include one retrieval more for what the selection needs of the page, whatever the types', async () => {
    const { requested } = await searchFor('nodes { overallStatus } edges { node { path } }')({ text: 'fra' })
    expect(requested.filter((line) => line === 'RetrievePropertiesEx')).toHaveLength(2)
    const { requested: again } = await searchFor('nodes { id moid name }')({ text: 'fra' })
    expect(again.filter((line) => line === 'RetrievePropertiesEx')).toHaveLength(1)
  })
})

describe('the pages of a search', () => {
  it('hold every result once, in order', async () => {
    const { data: all } = await search({ text: 'fra' })
    const { totalCount, edges } = all.search
    expect(totalCount).toBeGreaterThan(5)
    const seen: unknown[] = []
    let after: string | undefined
    for (let page = 0; page * 2 < totalCount; page += 1) {
      const { data, errors } = await search({ text: 'FRA', first: 2, after })
      expect(errors).toBeUndefined()
      const { pageInfo } = data.search
      expect(data.search.totalCount).toBe(totalCount)
      expect(pageInfo).toMatchObject({
        hasNextPage: (page + 1) * 2 < totalCount,
        hasPreviousPage: page > 0,
        startCursor: data.search.edges[0].cursor,
        endCursor: data.search.edges.at(-1).cursor,
      })
      seen.push(...data.search.edges)
      after = pageInfo.endCursor
    }
    expect(seen).toEqual(edges)
    const { data: beyond } = await search({ text: 'fra', after })
    expect(beyond.search).toMatchObject({
      totalCount,
      edges: [],
      pageInfo: { hasNextPage: false, endCursor: after },
    })
  })

  it('continue after a result that no longer exists', async () => {
    const { data } = await search({ text: 'web', first: 2 })
    const { name } = data.search.edges[1].node
    await withProperty(vm(name), 'name', 'other', async () => {
      const next = await found({ text: 'web', in: ['NAME'] })
      expect(next.map(([each]) => each)).toEqual(['Web', 'web-02'])
      const { data: after } = await search({ text: 'web', after: data.search.pageInfo.endCursor })
      expect(after.search.edges.at(-1).node.name).toBe('web-02')
    })
  })
})

describe('a search is rejected with BAD_USER_INPUT', () => {
  const endCursor = async (variables: Arguments) =>
    (await search({ first: 1, ...variables })).data.search.pageInfo.endCursor as string

  it.each<[string, () => Promise<Arguments> | Arguments, string]>([
    ['for a text with one character', () => ({ text: 'x' }), 'at least 2'],
    ['for a text with more than 256 characters', () => ({ text: 'x'.repeat(300) }), 'at most 256'],
    ['without types', () => ({ text: 'web', types: [] }), 'types is empty'],
    ['without fields', () => ({ text: 'web', in: [] }), 'in is empty'],
    ['for a page that is too large', () => ({ text: 'web', first: 51 }), 'at most 50'],
    ['for a negative page size', () => ({ text: 'web', first: -1 }), 'negative'],
    ['for a part of a UUID in UUIDs', () => ({ text: '420d7eeb', in: ['UUID'] }), 'UUID'],
    [
      'for a name in addresses',
      () => ({ text: 'web', in: ['IP_ADDRESS', 'MAC_ADDRESS'] }),
      'IP_ADDRESS or MAC_ADDRESS',
    ],
    [
      'with the cursor of another text',
      async () => ({ text: 'fra', after: await endCursor({ text: 'web' }) }),
      'other arguments',
    ],
    [
      'with the cursor of other types',
      async () => ({ text: 'web', types: ['FOLDER'], after: await endCursor({ text: 'web' }) }),
      'other arguments',
    ],
    [
      'with the cursor of other fields',
      async () => ({ text: 'web', in: ['NAME'], after: await endCursor({ text: 'web' }) }),
      'other arguments',
    ],
    ['with anything else as a cursor', () => ({ text: 'web', after: 'x' }), 'not a cursor'],
    [
      'with the cursor of another connection',
      async () => {
        const { data } = await gateway.execute('{ hosts(first: 1) { pageInfo { endCursor } } }')
        return { text: 'web', after: data.hosts.pageInfo.endCursor }
      },
      'not a cursor',
    ],
  ])('%s, before any call', async (_name, variables, message) => {
    const { data, errors, requested } = await search(await variables())
    expect(data).toEqual({ search: null })
    expect(errors).toMatchObject([
      { message: expect.stringContaining(message), extensions: { code: 'BAD_USER_INPUT' } },
    ])
    expect(requested).toEqual([])
  })
})
