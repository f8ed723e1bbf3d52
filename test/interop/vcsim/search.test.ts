// Search on vcsim, compared with the inventory of govc. vcsim lacks FindAllByUuid.

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Gateway, startGateway } from '../gateway.ts'
import { type Govc, govcAt, linesOf } from '../govc.ts'
import { govc as govcPath, vcsim as vcsimPath } from '../tools.ts'
import type { Untyped } from '../untyped.ts'
import { startVcsim, type Vcsim } from '../vcsim.ts'

describe.skipIf(vcsimPath === undefined || govcPath === undefined)('search on vcsim', () => {
  let vcsim: Vcsim
  let gateway: Gateway
  /** The objects of `govc find`. */
  let objects: { readonly moid: string; readonly path: string; readonly name: string }[]
  /** A virtual machine, as `govc vm.info` reports it. */
  let machine: Untyped

  beforeAll(async () => {
    vcsim = await startVcsim(...'-dc 2 -folder 1 -pod 1 -app 1 -pool 1 -nsx 1'.split(' '))
    const govc: Govc = govcAt(vcsim.url)
    const found = await Promise.all(
      'dfmrhpsn'.split('').map((type) => govc('find', '-I', '-l', '/', '-type', type)),
    )
    objects = found
      .flatMap(linesOf)
      .map((line) => line.split(/\s+(.*)/, 2) as [string, string])
      .filter(([, path]) => path !== '/')
      .map(([moid, path]) => ({ moid, path, name: path.split('/').at(-1) as string }))
    const { path } = objects.find(({ name }) => name === 'DC0_H0_VM0') as { path: string }
    const settings = [
      'guest.hostName=Shop.example.org',
      'guest.ipAddress=10.20.30.40',
      'config.annotation=Owner: Zoe',
    ]
    await govc('vm.change', '-vm', path, ...settings.flatMap((each) => ['-e', `SET.${each}`]))
    machine = (await govc.json('vm.info', path)).virtualMachines[0]
    gateway = await startGateway({ GOVC_URL: vcsim.url, GOVC_INSECURE: '1' })
  })
  afterAll(async () => {
    await gateway?.stop()
    await vcsim?.stop()
  })

  const execute = async (query: string, variables: Untyped): Promise<Untyped> => {
    const { data, errors, extensions } = await gateway.execute(query, { variables, trace: true })
    expect(errors).toBeUndefined()
    return { ...data.search, extensions }
  }
  const search = (text: string, fields?: readonly string[]): Promise<Untyped> =>
    execute(
      'query ($text: String!, $in: [SearchField!]) { search(text: $text, first: 500, in: $in) { totalCount edges { node { moid name path } matches { field value } } } }',
      { text, ...(fields && { in: fields }) },
    )
  const matchesOf = ({ edges }: Untyped) =>
    edges.map(({ node, matches }: Untyped) => [
      node.moid,
      ...matches.map(({ field, value }: Untyped) => `${field} ${value}`),
    ])

  it.each(['dc0_h0', 'Resources', 'VM', 'c0', 'no such name'])(
    'finds the objects of govc find whose names contain %s, in one retrieval and one for the page',
    async (text) => {
      const expected = objects
        .filter(({ name }) => name.toLowerCase().includes(text.toLowerCase()))
        .map(({ moid, path }) => [moid, path])
        .sort()
      const { edges, totalCount, extensions } = await search(text, ['NAME'])
      expect(edges.map(({ node }: Untyped) => [node.moid, node.path]).sort()).toEqual(expected)
      expect(totalCount).toBe(expected.length)
      expect(extensions.vsphere.retrievals).toBe(expected.length > 0 ? 2 : 1)
      const ranks = edges.map(({ node }: Untyped) =>
        node.name.toLowerCase() === text.toLowerCase()
          ? 0
          : node.name.toLowerCase().startsWith(text.toLowerCase())
            ? 1
            : 2,
      )
      expect(ranks).toEqual([...ranks].sort())
    },
  )

  it('finds the objects of govc find by a part of their paths', async () => {
    const expected = objects.filter(({ path }) => path.includes('/vm/')).map(({ moid }) => moid)
    const { edges } = await search('/VM/')
    expect(edges.map(({ node }: Untyped) => node.moid).sort()).toEqual(expected.sort())
  })

  it('finds a virtual machine by moid, host name, notes, addresses and UUIDs', async () => {
    const { value: moid } = machine.self
    const { uuid, instanceUuid, hardware } = machine.config
    const { macAddress } = hardware.device.find((device: Untyped) => device.macAddress)
    const searches = [
      [moid, `MOID ${moid}`],
      ['shop.', 'HOST_NAME Shop.example.org'],
      ['zoe', 'ANNOTATION Owner: Zoe'],
      ['10.20.30.40', 'IP_ADDRESS 10.20.30.40'],
      ['10.20.', 'IP_ADDRESS 10.20.30.40'],
      [macAddress.replaceAll(':', '-').toUpperCase(), `MAC_ADDRESS ${macAddress}`],
      [uuid.toUpperCase(), `UUID ${uuid}`],
      [instanceUuid, `UUID ${instanceUuid}`],
    ]
    for (const [text, match] of searches)
      expect(matchesOf(await search(text as string))).toEqual([[moid, match]])
  })

  it('finds hosts by hardware UUID', async () => {
    const { data } = await gateway.execute('{ hosts(first: 1) { nodes { moid uuid } } }')
    const [{ moid, uuid }] = data.hosts.nodes
    expect(matchesOf(await search(uuid, ['UUID']))).toContainEqual([moid, `UUID ${uuid}`])
  })
})
