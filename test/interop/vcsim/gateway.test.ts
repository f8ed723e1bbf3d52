// Compares the gateway's view of an inventory on vcsim with govc's.

import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { version } from '../../../src/config/version.ts'
import { type Gateway, startGateway } from '../gateway.ts'
import { type Govc, govcAt, linesOf } from '../govc.ts'
import { govc as govcPath, vcsim as vcsimPath } from '../tools.ts'
import type { Untyped } from '../untyped.ts'
import { startVcsim, type Vcsim } from '../vcsim.ts'

const isMissing = vcsimPath === undefined || govcPath === undefined

/** All fields of a virtual machine that govc prints, too. */
const wholeInventory = `{
  virtualMachines(first: 1000) {
    totalCount
    nodes {
      moid name path uuid instanceUuid powerState connectionState template cpuCount memory
      guest { fullName toolsRunning }
      datacenter { name }
      host { moid name }
      datastores { moid name }
      disks {
        key label capacity unitNumber controllerKey uuid changeId
        backing { type fileName diskMode thinProvisioned datastore { moid } }
      }
      snapshots { name }
    }
  }
}`

describe.skipIf(isMissing)('the gateway on vcsim', () => {
  let vcsim: Vcsim
  let gateway: Gateway
  let govc: Govc

  beforeAll(async () => {
    vcsim = await startVcsim('-dc', '3', '-folder', '2', '-app', '1', '-pool', '1', '-pod', '1', '-ds', '2')
    govc = govcAt(vcsim.url, {
      GOVC_DATACENTER: 'DC0',
      GOVC_NETWORK: 'VM Network',
      GOVC_RESOURCE_POOL: '/DC0/host/DC0_H0/Resources',
    })
    await makeItVaried(govc)
    gateway = await startGateway({ GOVC_URL: vcsim.url, GOVC_INSECURE: '1' })
  })

  afterAll(async () => {
    await gateway?.stop()
    await vcsim?.stop()
  })

  it('returns the inventory of govc find and govc vm.info, and nothing else', async () => {
    const expected = await machinesByGovc(govc)
    // Ensures the coverage of the test: duplicate names, three disks, each power state, a template, every kind of folder.
    expect(expected).toHaveLength(3 * 6 + 3)
    expect(new Set(expected.map(({ powerState }) => powerState)).size).toBe(3)
    expect(Math.max(...expected.map(({ disks }) => disks.length))).toBe(3)

    const { data, errors } = await gateway.execute(wholeInventory)
    expect(errors).toBeUndefined()
    expect(data.virtualMachines.totalCount).toBe(expected.length)
    expect(byMoid(data.virtualMachines.nodes)).toEqual(byMoid(expected))
  })

  it('returns each datacenter with its own virtual machines, in folders and vApps', async () => {
    const paths = linesOf(await govc('find', '/', '-type', 'm'))
    const expected = linesOf(await govc('find', '/', '-type', 'd')).map((path) => ({
      path,
      name: path.split('/').at(-1),
      machines: paths.filter((each) => each.startsWith(`${path}/`)).sort(),
    }))
    expect(expected.map(({ machines }) => machines.length)).toEqual([9, 6, 6])
    const { data } = await gateway.execute(
      '{ datacenters { nodes { name path virtualMachines(first: 100) { totalCount nodes { path } } } } }',
    )
    const found = data.datacenters.nodes.map(({ name, path, virtualMachines }: Untyped) => {
      expect(virtualMachines.totalCount).toBe(virtualMachines.nodes.length)
      return { path, name, machines: virtualMachines.nodes.map((each: Untyped) => each.path).sort() }
    })
    expect(found).toEqual(
      expected.sort((a, b) => (a.path.split('/').at(-1)! < b.path.split('/').at(-1)! ? -1 : 1)),
    )
  })

  it('returns the server information of govc about', async () => {
    const { about } = await govc.json('about')
    const { data } = await gateway.execute(
      '{ vcenters { name connected fullName version build apiVersion apiType instanceUuid } }',
    )
    const { fullName, version, build, apiVersion, apiType, instanceUuid } = about
    expect(data.vcenters).toEqual([
      {
        name: new URL(vcsim.url).host,
        connected: true,
        fullName,
        version,
        build,
        apiVersion,
        apiType,
        instanceUuid,
      },
    ])
  })

  describe('a virtual machine lookup', () => {
    const find = async (by: object) => {
      const { data, errors } = await gateway.execute(
        'query ($by: VirtualMachineBy!) { virtualMachine(by: $by) { moid path } }',
        { variables: { by } },
      )
      return errors ? errors[0]!.extensions : data.virtualMachine
    }

    it('finds by path, name, uuid and instanceUuid', async () => {
      const [machine] = (await govc.json('vm.info', 'DC0_H0_VM0')).virtualMachines
      const expected = { moid: machine.self.value, path: '/DC0/vm/DC0_H0_VM0' }
      expect(await find({ path: '/DC0/vm/DC0_H0_VM0' })).toEqual(expected)
      expect(await find({ name: 'DC0_H0_VM0' })).toEqual(expected)
      expect(await find({ uuid: machine.config.uuid })).toEqual(expected)
      expect(await find({ uuid: machine.config.uuid.toUpperCase() })).toEqual(expected)
      expect(await find({ instanceUuid: machine.config.instanceUuid })).toEqual(expected)
    })

    it('finds a machine at the end of a path through folders', async () => {
      expect(await find({ path: '/F1/DC2/vm/F1/DC2_H0_VM1' })).toMatchObject({
        path: '/F1/DC2/vm/F1/DC2_H0_VM1',
      })
    })

    it('returns null without a match', async () => {
      expect(await find({ path: '/DC0/vm/nowhere' })).toBeNull()
      expect(await find({ path: '/DC0/vm/team' })).toBeNull()
      expect(await find({ name: 'unknown' })).toBeNull()
      expect(await find({ uuid: '00000000-0000-0000-0000-000000000000' })).toBeNull()
    })

    it('lists the candidates when several match', async () => {
      expect(await find({ name: '007' })).toMatchObject({
        code: 'AMBIGUOUS',
        candidates: expect.arrayContaining([
          expect.objectContaining({ path: '/DC0/vm/team/007' }),
          expect.objectContaining({ path: '/DC0/vm/team/web/007' }),
        ]),
      })
    })
  })

  it('returns null for each id that no longer exists', async () => {
    await govc('vm.create', '-folder', '/DC0/vm/team', '-on=false', '-ds', 'LocalDS_0', 'passing')
    const { data } = await gateway.execute(
      '{ removed: virtualMachine(by: { name: "passing" }) { id } kept: virtualMachine(by: { name: "a/b" }) { id } }',
    )
    const [removed, kept] = [data.removed.id, data.kept.id]
    await govc('vm.destroy', 'passing')
    const execute = (ids: string[]) =>
      gateway.execute(
        'query ($ids: [ID!]!) { nodes(ids: $ids) { ... on VirtualMachine { name host { name } path } } }',
        {
          variables: { ids },
        },
      )
    const there = { name: 'a/b', host: { name: 'DC0_H0' }, path: '/DC0/vm/team/web/a/b' }
    expect(await execute([kept, removed])).toMatchObject({ data: { nodes: [there, null] } })
    expect(await execute([removed, kept])).toMatchObject({ data: { nodes: [null, there] } })
  })

  it('creates snapshots that govc sees, and sees those that govc creates', async () => {
    const create = (name: string, description: string) =>
      gateway.execute(
        `mutation ($input: CreateSnapshotInput!) {
          createSnapshot(input: $input) {
            task { state progress entity { ... on VirtualMachine { name } } error { code } }
            snapshot { moid name description path isCurrent number powerState }
            virtualMachine { snapshots { path } }
          }
        }`,
        { variables: { input: { virtualMachine: { path: '/DC0/vm/DC0_H0_VM1' }, name, description } } },
      )
    const first = await create('base', 'from the gateway')
    expect(first.errors).toBeUndefined()
    expect(first.data.createSnapshot).toMatchObject({
      task: { state: 'SUCCESS', progress: 100, entity: { name: 'DC0_H0_VM1' }, error: null },
      snapshot: { name: 'base', description: 'from the gateway', path: 'base', isCurrent: true },
      virtualMachine: { snapshots: [{ path: 'base' }] },
    })
    await govc('snapshot.create', '-vm', 'DC0_H0_VM1', '-m=false', '-d', 'from govc', 'patched')
    const third = await create('patched', 'again')
    const { moid } = third.data.createSnapshot.snapshot

    expect(linesOf(await govc('snapshot.tree', '-vm', 'DC0_H0_VM1'))).toEqual([
      'base',
      'patched',
      'patched',
      '.',
    ])
    expect(await govc('snapshot.tree', '-vm', 'DC0_H0_VM1', '-f', '-i', '-d')).toContain(
      `[${moid}]  base/patched/patched - again`,
    )
    const { data } = await gateway.execute(
      '{ virtualMachine(by: { path: "/DC0/vm/DC0_H0_VM1" }) { currentSnapshot { moid } snapshots { path description } } }',
    )
    expect(data.virtualMachine).toEqual({
      currentSnapshot: { moid },
      snapshots: [
        { path: 'base', description: 'from the gateway' },
        { path: 'base/patched', description: 'from govc' },
        { path: 'base/patched/patched', description: 'again' },
      ],
    })
  })

  it('reverts to and removes snapshots, as govc sees it, and reports that vcsim renames none', async () => {
    const machine = 'DC0_C0_RP1_VM0'
    for (const name of ['base', 'patched', 'tested'])
      await govc('snapshot.create', '-vm', machine, '-m=false', name)
    const { data } = await gateway.execute(
      `{ virtualMachine(by: { path: "/DC0/vm/${machine}" }) { id snapshots { id name } } }`,
    )
    const [base, patched, tested] = data.virtualMachine.snapshots.map(({ id }: Untyped) => id)
    const mutate = async (field: string, input: Untyped, selection: string) => {
      const type = `${field[0]?.toUpperCase()}${field.slice(1)}Input`
      const response = await gateway.execute(
        `mutation ($input: ${type}!) { ${field}(input: $input) { ${selection} } }`,
        { variables: { input } },
      )
      expect(response.errors).toBeUndefined()
      return response.data[field]
    }
    const tree = async () => linesOf(await govc('snapshot.tree', '-vm', machine))

    const reverted = await mutate(
      'revertToSnapshot',
      { snapshot: base },
      'task { state } snapshot { name isCurrent } virtualMachine { currentSnapshot { name } }',
    )
    expect(reverted).toEqual({
      task: { state: 'SUCCESS' },
      snapshot: { name: 'base', isCurrent: true },
      virtualMachine: { currentSnapshot: { name: 'base' } },
    })

    const removal = 'task { state } removedSnapshotIds virtualMachine { name snapshots { name } }'
    expect(await mutate('removeSnapshot', { snapshot: patched, removeChildren: true }, removal)).toEqual({
      task: { state: 'SUCCESS' },
      removedSnapshotIds: [patched, tested],
      virtualMachine: { name: machine, snapshots: [{ name: 'base' }] },
    })
    expect(await tree()).toEqual(['base', '.'])
    expect(
      await mutate('removeAllSnapshots', { virtualMachine: { id: data.virtualMachine.id } }, removal),
    ).toEqual({
      task: { state: 'SUCCESS' },
      removedSnapshotIds: [base],
      virtualMachine: { name: machine, snapshots: [] },
    })
    const rejected = async (mutation: string) =>
      (await gateway.execute(`mutation ($id: ID!) { ${mutation} }`, { variables: { id: patched } })).errors
    expect(await rejected('removeSnapshot(input: { snapshot: $id }) { task { id } }')).toMatchObject([
      { path: ['removeSnapshot'], extensions: { code: 'NOT_FOUND' } },
    ])
    await govc('snapshot.create', '-vm', machine, '-m=false', 'base')
    const { data: left } = await gateway.execute(
      `{ virtualMachine(by: { path: "/DC0/vm/${machine}" }) { currentSnapshot { id } } }`,
    )
    const renaming = await gateway.execute(
      'mutation ($id: ID!) { renameSnapshot(input: { snapshot: $id, name: "x" }) { snapshot { name } } }',
      { variables: { id: left.virtualMachine.currentSnapshot.id } },
    )
    expect(renaming.errors).toMatchObject([
      {
        path: ['renameSnapshot'],
        message: expect.stringContaining('RenameSnapshot'),
        extensions: {
          code: 'VSPHERE_FAULT',
          fault: 'MethodNotFound',
          remedy: expect.stringContaining('does not support the method'),
        },
      },
    ])
  })

  it('returns CBT_NOT_ENABLED for allocatedAreas of disks without a changeId, without a call to vcsim', async () => {
    const { data, errors, extensions } = await gateway.execute(
      `mutation {
        createSnapshot(input: { virtualMachine: { path: "/DC0/vm/DC0_C0_RP1_VM1" }, name: "tracked?" }) {
          snapshot { disks { label changeId allocatedAreas { nodes { start length } } } }
        }
      }`,
      { trace: true },
    )
    expect(data.createSnapshot.snapshot.disks).toEqual([
      { label: 'disk-202-0', changeId: null, allocatedAreas: null },
    ])
    expect(errors).toMatchObject([
      {
        path: ['createSnapshot', 'snapshot', 'disks', 0, 'allocatedAreas'],
        extensions: { code: 'CBT_NOT_ENABLED', remedy: expect.stringMatching(/snapshot/) },
      },
    ])
    expect((extensions as Untyped).vsphere.calls.map(({ method }: Untyped) => method)).not.toContain(
      'QueryChangedDiskAreas',
    )
  })

  it('has one session under its own name while it serves, and none after it stops', async () => {
    const own = async (): Promise<unknown[]> =>
      (await govc.json('session.ls')).sessionList.filter(
        ({ userAgent }: Untyped) => userAgent === `vsphere-graphql/${version}`,
      )
    // The gateway that these tests share has a session, too.
    const before = (await own()).length
    const another = await startGateway({ GOVC_URL: vcsim.url, GOVC_INSECURE: '1' })
    onTestFinished(() => another.stop())
    const responses = await Promise.all(
      Array.from({ length: 20 }, () => another.execute('{ virtualMachines { totalCount } }')),
    )
    expect(new Set(responses.map(({ data }) => data.virtualMachines.totalCount))).toEqual(new Set([21]))
    expect(await own()).toHaveLength(before + 1)
    await another.stop()
    expect(await own()).toHaveLength(before)
  })
})

describe.skipIf(isMissing)('an inventory on vcsim with only folders', () => {
  it('is empty without an error', async () => {
    const vcsim = await startVcsim('-vm', '0')
    onTestFinished(() => vcsim.stop())
    await govcAt(vcsim.url)('folder.create', '/DC0/vm/empty')
    const gateway = await startGateway({ GOVC_URL: vcsim.url, GOVC_INSECURE: '1' })
    onTestFinished(() => gateway.stop())
    const machines = 'virtualMachines { totalCount nodes { path host { name } snapshots { name } } }'
    for (const _ of ['counting', 'counted']) {
      const { data, errors } = await gateway.execute(
        `{ ${machines} datacenters { nodes { name ${machines} } } }`,
      )
      expect(errors).toBeUndefined()
      const virtualMachines = { totalCount: 0, nodes: [] }
      expect(data).toEqual({ virtualMachines, datacenters: { nodes: [{ name: 'DC0', virtualMachines }] } })
    }
  })
})

describe.skipIf(isMissing)('a single ESXi host, as simulated by vcsim', () => {
  it('is served like any other inventory', async () => {
    const vcsim = await startVcsim('-esx', '-vm', '3')
    onTestFinished(() => vcsim.stop())
    const govc = govcAt(vcsim.url)
    const gateway = await startGateway({ GOVC_URL: vcsim.url, GOVC_INSECURE: '1' })
    onTestFinished(() => gateway.stop())

    const expected = await machinesByGovc(govc)
    expect(expected).toHaveLength(3)
    const { data, errors } = await gateway.execute(
      wholeInventory.replace('{', '{ vcenters { apiType instanceUuid } datacenter { path }'),
    )
    expect(errors).toBeUndefined()
    expect(data.vcenters).toEqual([{ apiType: 'HostAgent', instanceUuid: null }])
    expect(data.datacenter).toEqual({ path: '/ha-datacenter' })
    expect(byMoid(data.virtualMachines.nodes)).toEqual(byMoid(expected))
  })
})

/**
 * Adds to vcsim's default inventory: sub-folders, duplicate names, several disks, other power states, a template, a name with
 * the form of a path.
 */
async function makeItVaried(govc: Govc): Promise<void> {
  const create = (folder: string, name: string, ...more: string[]) =>
    govc('vm.create', '-folder', `/DC0/vm/${folder}`, ...more, name)
  await govc('folder.create', '/DC0/vm/team', '/DC0/vm/team/web')
  await create('team', '007', '-on=false', '-c', '4', '-m', '2048', '-ds', 'LocalDS_1', '-disk', '3GB')
  await create('team/web', '007', '-on=true', '-c', '1', '-m', '512', '-ds', 'LocalDS_0')
  await create('team/web', 'slash', '-on=false', '-c', '1', '-m', '512', '-ds', 'LocalDS_0')
  // A real vCenter would store a%2fb; vcsim stores and prints the name verbatim.
  await govc('object.rename', '/DC0/vm/team/web/slash', 'a/b')
  for (const [name, ...more] of [
    ['second', '-size', '5G', '-mode', 'independent_persistent'],
    ['third', '-size', '1G', '-thick'],
  ]) {
    await govc(
      'vm.disk.create',
      '-vm',
      '/DC0/vm/team/007',
      '-name',
      `007/${name}`,
      '-ds',
      'LocalDS_1',
      ...more,
    )
  }
  await govc('vm.power', '-suspend', 'DC0_H0_VM0')
  await govc('vm.power', '-off', 'DC0_C0_RP1_VM0')
  await govc('vm.markastemplate', 'DC0_C0_RP1_VM0')
}

interface Machine {
  readonly moid: string
  readonly powerState: string
  readonly disks: readonly unknown[]
}

/** The inventory that govc reports, in the form of the schema. */
async function machinesByGovc(govc: Govc): Promise<Machine[]> {
  const paths = await pathsByMoid(govc, 'm')
  const hosts = await pathsByMoid(govc, 'h')
  const datastores = await pathsByMoid(govc, 's')
  const nameOf = (path: string | undefined) => path?.split('/').at(-1)
  const moids = [...paths.keys()]
  const refs = moids.map((moid) => `VirtualMachine:${moid}`)
  const { virtualMachines } = await govc.json('vm.info', ...refs)
  return virtualMachines.map(({ self, name, runtime, config, guest, datastore, snapshot }: Untyped) => ({
    moid: self.value,
    name,
    path: paths.get(self.value),
    uuid: config.uuid,
    instanceUuid: config.instanceUuid,
    powerState: runtime.powerState.replace('powered', 'powered_').toUpperCase(),
    connectionState: runtime.connectionState.toUpperCase(),
    template: config.template,
    cpuCount: config.hardware.numCPU,
    memory: config.hardware.memoryMB * 1024 ** 2,
    guest: {
      fullName: guest?.guestFullName ?? null,
      toolsRunning: guest?.toolsRunningStatus === 'guestToolsRunning',
    },
    datacenter: { name: paths.get(self.value)!.match(/([^/]+)\/vm\//)?.[1] },
    host: { moid: runtime.host.value, name: nameOf(hosts.get(runtime.host.value)) },
    datastores: datastore.map(({ value }: Untyped) => ({ moid: value, name: nameOf(datastores.get(value)) })),
    disks: config.hardware.device
      .filter(({ capacityInBytes }: Untyped) => capacityInBytes !== undefined)
      .map(({ key, deviceInfo, capacityInBytes, unitNumber, controllerKey, backing }: Untyped) => ({
        key,
        label: deviceInfo.label,
        capacity: capacityInBytes,
        unitNumber,
        controllerKey,
        uuid: backing.uuid,
        changeId: null,
        backing: {
          type: 'VirtualDiskFlatVer2BackingInfo',
          fileName: backing.fileName,
          diskMode: backing.diskMode,
          thinProvisioned: backing.thinProvisioned ?? null,
          datastore: backing.datastore ? { moid: backing.datastore.value } : null,
        },
      })),
    snapshots: (snapshot?.rootSnapshotList ?? []).map(({ name }: Untyped) => ({ name })),
  }))
}

async function pathsByMoid(govc: Govc, type: string): Promise<Map<string, string>> {
  const lines = linesOf(await govc('find', '-l', '-I', '/', '-type', type))
  return new Map(lines.map((line) => line.split(/\s+(.*)/, 2) as [string, string]))
}

const byMoid = <T extends { readonly moid: string }>(list: readonly T[]): T[] =>
  [...list].sort((a, b) => (a.moid < b.moid ? -1 : 1))
