// Tags with govc: on our simulator, and on vcsim as the reference for what the gateway reads and changes. vcsim serves only /rest, has no
// checks of cardinality and permissions, and detaches no tag from several objects; all of that is tested on our simulator alone.

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createSimulator, type Simulator } from '../../src/simulator/index.ts'
import { type Gateway, startGateway } from './gateway.ts'
import { type Govc, govcAt, linesOf } from './govc.ts'
import { govc as govcPath, vcsim } from './tools.ts'
import type { Untyped } from './untyped.ts'
import { startVcsim, type Vcsim } from './vcsim.ts'

describe.skipIf(govcPath === undefined)('govc tags on the simulator', () => {
  let simulator: Simulator
  let govc: Govc

  beforeAll(async () => {
    simulator = createSimulator()
    const { url } = await simulator.listen()
    govc = govcAt(url.replace('//', '//user:pass@'), { GOVC_DATACENTER: 'Frankfurt' })
  })

  afterAll(() => simulator?.close())

  it('lists categories and tags', async () => {
    expect(linesOf(await govc('tags.category.ls')).sort()).toEqual(['backup', 'environment', 'owner'])
    expect(linesOf(await govc('tags.ls', '-c', 'backup')).sort()).toEqual([
      'daily   backup',
      'weekly  backup',
    ])
    const [backup] = await govc.json('tags.category.info', 'backup')
    expect(backup).toMatchObject({ cardinality: 'SINGLE', associable_types: ['VirtualMachine'] })
    const [daily] = await govc.json('tags.info', '-c', 'backup', 'daily')
    expect(daily).toMatchObject({ name: 'daily', description: 'Every night', category_id: 'backup' })
  })

  it('lists, attaches and detaches', async () => {
    const web = '/Frankfurt/vm/Production/Web/web-01'
    expect(linesOf(await govc('tags.attached.ls', '-r', web)).sort()).toEqual(['daily', 'production', 'shop'])
    await govc('tags.attach', '-c', 'owner', 'finance', web)
    expect(linesOf(await govc('tags.attached.ls', '-r', web))).toContain('finance')
    const moid = simulator.inventory.vm('web-01').moid
    expect(await govc('tags.attached.ls', 'finance')).toContain(moid)
    await govc('tags.detach', '-c', 'owner', 'finance', web)
    expect(linesOf(await govc('tags.attached.ls', '-r', web))).not.toContain('finance')
    await expect(govc('tags.attach', '-c', 'backup', 'weekly', web)).rejects.toThrow('already has a tag')
  })

  it('creates and removes', async () => {
    const id = (await govc('tags.category.create', '-m', '-d', 'Racks', 'rack')).trim()
    expect(simulator.rest.store.category(id)).toMatchObject({ name: 'rack', cardinality: 'MULTIPLE' })
    await govc('tags.create', '-c', 'rack', 'a1')
    expect(linesOf(await govc('tags.ls', '-c', 'rack'))).toEqual(['a1  rack'])
    await govc('tags.rm', '-c', 'rack', 'a1')
    await govc('tags.category.rm', 'rack')
    expect(simulator.rest.store.categories).toHaveLength(3)
  })

  it('leaves no session behind', () => {
    expect(simulator.live).toMatchObject({ sessions: 0, restSessions: 0 })
  })
})

describe.skipIf(govcPath === undefined || vcsim === undefined)('the gateway on vcsim', () => {
  const vms = ['DC0_H0_VM0', 'DC0_H0_VM1', 'DC0_C0_RP0_VM0', 'DC0_C0_RP0_VM1'] as const
  let server: Vcsim
  let gateway: Gateway
  let govc: Govc

  beforeAll(async () => {
    server = await startVcsim()
    const { origin } = new URL(server.url)
    govc = govcAt(server.url)
    gateway = await startGateway({
      VSPHERE_URL: origin,
      VSPHERE_USERNAME: 'user',
      VSPHERE_PASSWORD: 'pass',
      VSPHERE_INSECURE: 'true',
    })
    await govc('tags.category.create', 'environment')
    await govc('tags.category.create', '-m', 'owner')
    for (const tag of ['production', 'test']) await govc('tags.create', '-c', 'environment', '-d', tag, tag)
    await govc('tags.create', '-c', 'owner', 'shop')
    for (const vm of vms.slice(0, 3))
      await govc('tags.attach', '-c', 'environment', 'production', `/DC0/vm/${vm}`)
    await govc('tags.attach', '-c', 'owner', 'shop', `/DC0/vm/${vms[0]}`)
    await govc('tags.attach', '-c', 'owner', 'shop', '/DC0/host/DC0_H0/DC0_H0')
  })

  afterAll(async () => {
    await gateway?.stop()
    await server?.stop()
  })

  /** The tags of a virtual machine, as govc lists them. */
  const attached = async (vm: string) => linesOf(await govc('tags.attached.ls', '-r', `/DC0/vm/${vm}`)).sort()

  it('lists the tags and categories that govc lists', async () => {
    const { data, errors } = await gateway.execute(
      '{ tags { nodes { name description category { name } } } tagCategories { nodes { name cardinality associableTypes tags { name } } } }',
    )
    expect(errors).toBeUndefined()
    expect(data.tags.nodes.map(({ name, category }: Untyped) => `${name} ${category.name}`)).toEqual(
      linesOf(await govc('tags.ls'))
        .map((line) => line.replace(/ +/, ' '))
        .sort(),
    )
    expect(data.tagCategories.nodes).toEqual([
      expect.objectContaining({
        name: 'environment',
        cardinality: 'SINGLE',
        tags: [{ name: 'production' }, { name: 'test' }],
      }),
      expect.objectContaining({ name: 'owner', cardinality: 'MULTIPLE', tags: [{ name: 'shop' }] }),
    ])
  })

  it('reads the tags of objects as govc does, and selects by them', async () => {
    const { data, errors } = await gateway.execute(`{
      virtualMachines { nodes { name tags { name } } }
      production: virtualMachines(filter: { tags: { some: { category: { name: { eq: "environment" } }, name: { eq: "production" } } } }) { nodes { name } }
      none: virtualMachines(filter: { tags: { none: {} } }) { nodes { name } }
      hosts(filter: { tags: { some: { name: { eq: "shop" } } } }) { nodes { name tags { category { name } } } }
    }`)
    expect(errors).toBeUndefined()
    for (const { name, tags } of data.virtualMachines.nodes)
      expect(tags.map((tag: Untyped) => tag.name)).toEqual(await attached(name))
    expect(data.production.nodes.map(({ name }: Untyped) => name)).toEqual([...vms.slice(0, 3)].sort())
    expect(data.none.nodes).toEqual([{ name: vms[3] }])
    expect(data.hosts.nodes).toEqual([{ name: 'DC0_H0', tags: [{ category: { name: 'owner' } }] }])
  })

  it('attaches a tag that govc then shows, and reports that vcsim does not detach it', async () => {
    const { data } = await gateway.execute('{ virtualMachines { nodes { id name } } }')
    const entities = data.virtualMachines.nodes.map(({ id }: Untyped) => id)
    const change = (field: string) =>
      gateway.execute(
        `mutation ($entities: [ID!]!) { ${field}(input: { tag: { name: { category: "owner", name: "shop" } }, entities: $entities }) { results { entity { tags { name } } error { message } } } }`,
        { variables: { entities } },
      )
    const { data: attachedData, errors } = await change('attachTag')
    expect(errors).toBeUndefined()
    for (const { entity, error } of attachedData.attachTag.results) {
      expect(error).toBeNull()
      expect(entity.tags).toContainEqual({ name: 'shop' })
    }
    for (const vm of vms) expect(await attached(vm)).toContain('shop')
    // vcsim responds with success and an empty body, but detaches nothing. The gateway reads the associations, and does not believe it.
    const detached = await change('detachTag')
    expect(detached.errors).toBeUndefined()
    for (const { entity, error } of detached.data.detachTag.results) {
      expect(entity.tags).toContainEqual({ name: 'shop' })
      expect(error.message).toMatch(/^owner\/shop was not detached from /)
    }
    for (const vm of vms) await govc('tags.detach', '-c', 'owner', 'shop', `/DC0/vm/${vm}`)
    const { data: after } = await change('detachTag')
    for (const { error } of after.detachTag.results) expect(error).toBeNull()
  })
})
