// Tests the example operations of the playground: each runs on the embedded simulator and returns
// plausible data.

import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { createManualClock } from '../../src/simulator/index.ts'
import {
  Backup1EnableTrackingDocument,
  Backup2FullMapDocument,
  Backup3ChangesSinceDocument,
  type Backup3ChangesSinceMutation,
  Backup4CleanUpDocument,
  Capture1BeginABackupDocument,
  type Capture1BeginABackupMutation,
  Capture2EndTheBackupDocument,
  ChangesSinceASnapshotDocument,
  type ChangesSinceASnapshotQuery,
  DatastoresByFreeSpaceDocument,
  HostsAndTheirLoadDocument,
  InventoryAtAGlanceDocument,
  InventoryLiveDocument,
  type InventoryLiveSubscription,
  Live1StartASnapshotDocument,
  Live2FollowItsTaskDocument,
  type Live2FollowItsTaskSubscription,
  OneVirtualMachineDocument,
  SearchDocument,
  type SearchQuery,
  ShutDownMachinesDocument,
  type ShutDownMachinesMutation,
  type TypedDocumentString,
} from '../generated/operations.ts'
import { subscribe } from '../subscribe.ts'
import { startGateway, type TestGateway } from '../test-gateway.ts'
import { treeOf } from './mutations/mutate.ts'

const directory = new URL('../../schema/operations/', import.meta.url)
const names = readdirSync(directory, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.graphql'))
  .sort()
const textOf = (name: string) => readFileSync(new URL(name, directory), 'utf8')
const isSubscription = (name: string) => /^subscription\b/m.test(textOf(name))
/** Examples whose variables must be filled in first. */
const needsVariables = (name: string) => Object.values(variablesOf(name)).includes(null)

/** The variables that the playground fills in, if the example has some. */
function variablesOf(name: string): Record<string, unknown> {
  const file = new URL(name.replace(/\.graphql$/, '.json'), directory)
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {}
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, each) => total + each, 0)

describe('the example', () => {
  let gateway: TestGateway
  beforeAll(() => {
    gateway = startGateway()
  })
  afterAll(() => gateway.close())

  it('announces its change in its comment exactly if it is a mutation', () => {
    for (const name of names) {
      const comment = textOf(name).replaceAll('\n# ', ' ')
      expect(comment.includes('This changes the virtual machine: it '), name).toBe(
        /^mutation\b/m.test(textOf(name)),
      )
    }
  })

  it.each(names.filter(needsVariables))('%s does nothing until its variables are filled in', async (name) => {
    await gateway.execute('{ vcenters { connected } }')
    gateway.simulator.calls.length = 0
    const { data, errors } = await gateway.execute(textOf(name), variablesOf(name))
    expect(data).toBeUndefined()
    expect(errors).toMatchObject([{ message: /^Variable "\$\w+" of non-null type .+ must not be null/ }])
    expect(gateway.simulator.calls).toEqual([])
  })

  async function run<Result, Variables>(
    document: TypedDocumentString<Result, Variables>,
    variables: Record<string, unknown> = {},
  ): Promise<Result> {
    const { data, errors } = await gateway.execute<Result>(document.toString(), variables)
    expect(errors).toBeUndefined()
    return data as Result
  }

  const complete = names.filter((name) => !needsVariables(name))

  it.each(complete.filter(isSubscription))('%s starts without an error, unmodified', async (name) => {
    const events = await subscribe(await gateway.listen(), textOf(name), variablesOf(name))
    const { errors, data } = (await events.next()) ?? {}
    events.abortClient()
    expect(errors).toBeUndefined()
    for (const value of Object.values(data)) expect(value).not.toBeNull()
  })

  it.each(complete.filter((name) => !isSubscription(name)))(
    '%s runs without an error, unmodified',
    async (name) => {
      const { errors, data } = await gateway.execute(textOf(name), variablesOf(name))
      expect(errors).toBeUndefined()
      for (const value of Object.values(data)) expect(value).not.toBeNull()
    },
  )

  it('“inventory at a glance” lists every virtual machine in its datacenter', async () => {
    const { vcenters, datacenters } = await run(InventoryAtAGlanceDocument)
    expect(vcenters).toMatchObject([{ name: 'test', connected: true }])
    assert(datacenters)
    expect(datacenters.totalCount).toBe(datacenters.nodes.length)
    const machines = datacenters.nodes.flatMap(({ virtualMachines }) => virtualMachines?.nodes ?? [])
    expect(machines).toHaveLength([...gateway.simulator.objects.ofType('VirtualMachine')].length)
    expect(sum(datacenters.nodes.map(({ virtualMachines }) => virtualMachines?.totalCount ?? 0))).toBe(
      machines.length,
    )
    for (const { name, virtualMachines } of datacenters.nodes)
      for (const { path } of virtualMachines?.nodes ?? []) expect(path).toMatch(new RegExp(`^/${name}/vm/`))
    for (const { disks, datastores } of machines) {
      for (const { capacity } of disks ?? []) expect(capacity).toBeGreaterThan(0)
      expect(datastores?.length).toBeGreaterThan(0)
    }
  })

  it('“hosts and their load” lists every host in its cluster or compute resource, with the virtual machines on it', async () => {
    const { computeResources } = await run(HostsAndTheirLoadDocument)
    const hosts = computeResources!.nodes.flatMap((each) => each.hosts ?? [])
    expect(hosts).toHaveLength([...gateway.simulator.objects.ofType('HostSystem')].length)
    for (const { cpuUsage, totalCpu, memory: plannerCache, memoryUsage, virtualMachines } of hosts) {
      expect(cpuUsage).toBeLessThanOrEqual(totalCpu!)
      expect(memoryUsage).toBeLessThan(plannerCache!)
      const sizes = virtualMachines?.nodes.map((each) => each.memory!) ?? []
      expect(sizes).toEqual([...sizes].sort((a, b) => b - a))
    }
    expect(sum(hosts.map(({ virtualMachines }) => virtualMachines?.totalCount ?? 0))).toBeGreaterThan(10)
  })

  it('“shut down machines” has a result for each', async () => {
    const fresh = startGateway()
    onTestFinished(() => fresh.close())
    fresh.simulator.inventory.settings.guestShutdownMs = 5
    const { data } = await fresh.execute<ShutDownMachinesMutation>(
      ShutDownMachinesDocument.toString(),
      variablesOf('power/01-shut-down-machines.graphql'),
    )
    expect(data?.changePower?.results).toMatchObject([
      { virtualMachine: { name: 'web-02', powerState: 'POWERED_OFF' }, error: null },
      { virtualMachine: { name: 'wiki-01', powerState: 'POWERED_ON' }, error: { code: 'CONFLICT' } },
      { virtualMachine: { name: 'scada-nt4' }, error: { message: expect.stringContaining('VMware Tools') } },
    ])
  })

  it('“capture” lists everything in use first, and then what has changed, one step after the other', async () => {
    const fresh = startGateway({ vms: 1 })
    onTestFinished(() => fresh.close())
    fresh.simulator.inventory.settings.guestsWrite = false
    const begin = async (variables: object) => {
      const { data, errors } = await fresh.execute<Capture1BeginABackupMutation>(
        Capture1BeginABackupDocument.toString(),
        { ...variablesOf('captures/01-capture-1-begin-a-backup.graphql'), ...variables },
      )
      expect(errors).toBeUndefined()
      const { capture } = data?.captureChanges ?? {}
      assert(capture)
      return capture
    }
    const end = async (snapshot: string) => {
      const { data, errors } = await fresh.execute(Capture2EndTheBackupDocument.toString(), { snapshot })
      expect(errors).toBeUndefined()
      expect(data.releaseCapture).toMatchObject({
        task: { state: 'SUCCESS' },
        virtualMachine: { consolidationNeeded: false },
      })
    }
    const before = treeOf(fresh, 'web-01')
    const full = await begin({})
    expect(full.disks.map(({ basis, fullReason }) => [basis, fullReason])).toEqual([['FULL', 'NO_TOKEN']])
    expect((await begin({})).snapshot.id).toBe(full.snapshot.id)
    await end(full.snapshot.id)
    fresh.simulator.inventory.disk('web-01', 2000).write(0, 1)
    const tokens = full.disks.map(({ token }) => token)
    const changes = await begin({ idempotencyKey: 'backup-2', tokens })
    expect(changes.disks).toMatchObject([
      { basis: 'CHANGES', areas: { totalCount: 1, nodes: [{ start: 0 }] } },
    ])
    await end(changes.snapshot.id)
    expect(treeOf(fresh, 'web-01')).toEqual(before)
  })

  it('“search” lists a folder and the virtual machines in it, in two retrievals', async () => {
    const { data, extensions } = await gateway.execute<SearchQuery>(
      SearchDocument.toString(),
      variablesOf('inventory/04-search.graphql'),
      { 'x-vsphere-trace': '1' },
    )
    expect(data?.search?.edges.map(({ node }) => [node.__typename, node.path])).toEqual([
      ['Folder', '/Frankfurt/vm/Production/Web'],
      ['VirtualMachine', '/Frankfurt/vm/Production/Web/web-01'],
      ['VirtualMachine', '/Frankfurt/vm/Production/Web/web-02'],
    ])
    expect(extensions).toMatchObject({ vsphere: { retrievals: 2 } })
  })

  it('“datastores by free space” lists the fullest first, with the virtual machines on each', async () => {
    const { datastores } = await run(DatastoresByFreeSpaceDocument)
    const free = datastores!.nodes.map(({ freeSpace }) => freeSpace!)
    expect(free).toEqual([...free].sort((a, b) => a - b))
    for (const { capacity, freeSpace, hostMounts, virtualMachines } of datastores!.nodes) {
      expect(freeSpace).toBeLessThan(capacity!)
      expect(hostMounts?.length).toBeGreaterThan(0)
      expect(virtualMachines?.totalCount).toBe(virtualMachines?.nodes.length)
    }
  })

  it('“one virtual machine” has everything that a backup needs', async () => {
    const { virtualMachine } = await run(OneVirtualMachineDocument)
    expect(virtualMachine).toMatchObject({
      name: 'db-01',
      path: '/Frankfurt/vm/Production/Databases/db-01',
      powerState: 'POWERED_ON',
      changeTracking: { supported: true, enabled: true, active: true, reasons: [] },
    })
    expect(virtualMachine?.disks).toHaveLength(3)
    expect(virtualMachine?.rootSnapshots?.[0]?.children[0]).toMatchObject({
      path: 'nightly/nightly',
      isCurrent: true,
    })
  })

  it('“full map” accounts for every byte of every disk', async () => {
    const { createSnapshot } = await run(Backup2FullMapDocument, { virtualMachine: 'db-01' })
    expect(createSnapshot?.task.state).toBe('SUCCESS')
    expect(createSnapshot?.snapshot?.disks).toHaveLength(3)
    for (const { capacity, changeId, allocatedAreas } of createSnapshot?.snapshot?.disks ?? []) {
      expect(changeId).toMatch(/^[0-9a-f]{2}( [0-9a-f]{2}){7}-/)
      const { nodes, totalLength, totalCount, density, pageInfo } = allocatedAreas!
      expect(sum(density ?? [])).toBe(totalLength)
      expect(totalLength).toBeGreaterThan(0)
      expect(totalLength).toBeLessThanOrEqual(capacity!)
      expect(nodes.length).toBe(Math.min(20, totalCount!))
      expect(pageInfo.hasNextPage).toBe(totalCount! > 20)
      if (!pageInfo.hasNextPage) expect(sum(nodes.map(({ length }) => length))).toBe(totalLength)
      let end = -1
      for (const { start, length } of nodes) {
        expect(start).toBeGreaterThan(end)
        expect(length).toBeGreaterThan(0)
        end = start + length
        expect(end).toBeLessThanOrEqual(capacity!)
      }
    }
  })

  it('“inventory live” reports the initial state, and then a snapshot that is taken', async () => {
    const events = await subscribe(await gateway.listen(), InventoryLiveDocument.toString())
    const start = await events.next<InventoryLiveSubscription>()
    expect(start?.data?.inventoryChanges.initial).toBe(true)
    await gateway.execute(
      'mutation { createSnapshot(input: { virtualMachine: { name: "web-02" }, name: "live" }) { task { state } } }',
    )
    for (;;) {
      const event = await events.next<InventoryLiveSubscription>()
      const [change] = event?.data?.inventoryChanges.changes ?? []
      if (!change) continue
      expect(change).toMatchObject({ kind: 'MODIFY', type: 'VIRTUAL_MACHINE', entity: { name: 'web-02' } })
      const { entity } = change
      if (entity && 'currentSnapshot' in entity && entity.currentSnapshot?.path?.endsWith('live')) break
    }
    events.abortClient()
  })

  it('“changes since a snapshot” starts where the earlier one ended', async () => {
    const variables = variablesOf(names.find((name) => name.includes('changes-since-a-snapshot'))!)
    const { node }: ChangesSinceASnapshotQuery = await run(ChangesSinceASnapshotDocument, variables)
    if (!node || !('disks' in node)) throw new TypeError('the variables name no snapshot')
    expect(node.virtualMachine.name).toBe('db-01')
    const { data } = await gateway.execute(
      'query ($id: ID!) { node(id: $id) { ... on Snapshot { createdAt disks { label changeId } } } }',
      {
        id: variables.earlier,
      },
    )
    expect(data.node.createdAt < node.createdAt).toBe(true)
    expect(node.disks?.map(({ label, changedAreas }) => [label, changedAreas?.sinceChangeId])).toEqual(
      data.node.disks.map(({ label, changeId }: { label: string; changeId: string }) => [label, changeId]),
    )
    expect(sum(node.disks?.map(({ changedAreas }) => changedAreas?.totalLength ?? 0) ?? [])).toBeGreaterThan(
      0,
    )
    for (const { capacity, changedAreas } of node.disks ?? []) {
      expect(changedAreas?.totalLength).toBeLessThanOrEqual(capacity!)
      if (!changedAreas?.pageInfo.hasNextPage)
        expect(sum(changedAreas?.nodes.map(({ length }) => length) ?? [])).toBe(changedAreas?.totalLength)
    }
  })

  it('the first backup step activates tracking, and does nothing the second time', async () => {
    const fresh = startGateway()
    const execute = () =>
      fresh.execute(Backup1EnableTrackingDocument.toString(), { virtualMachine: 'web-02' })
    const on = { changeTracking: { enabled: true, active: true, reasons: [] } }
    expect(await execute()).toMatchObject({
      data: { setChangeTracking: { task: { state: 'SUCCESS' }, activated: true, virtualMachine: on } },
    })
    expect(await execute()).toMatchObject({
      data: { setChangeTracking: { task: null, activated: true, virtualMachine: on } },
    })
    await fresh.close()
  })

  it('“changes since” reports what was written since, with or without its snapshot, and “clean up” removes that snapshot', async () => {
    const virtualMachine = 'web-01'
    const disk = gateway.simulator.inventory.disk(virtualMachine, 2000)
    const full = (await run(Backup2FullMapDocument, { virtualMachine })).createSnapshot!.snapshot!
    let { changeId } = full.disks![0]!
    let snapshot = full.id
    for (const offset of [8, 800].map((each) => each * disk.grain)) {
      const { removeSnapshot } = await run(Backup4CleanUpDocument, { snapshot })
      expect(removeSnapshot).toMatchObject({ removedSnapshotIds: [snapshot] })
      expect(removeSnapshot?.virtualMachine?.snapshots).toEqual([])
      disk.write(offset, disk.grain)
      const next: Backup3ChangesSinceMutation = await run(Backup3ChangesSinceDocument, {
        virtualMachine,
        disk: 2000,
        changeId,
      })
      const { changedAreas, ...frozen } = next.createSnapshot!.snapshot!.disk!
      expect(changedAreas?.sinceChangeId).toBe(changeId)
      const written = disk.areas({ changeId: changeId! }, { changeId: frozen.changeId! })
      expect(changedAreas?.totalCount).toBe(written.length)
      expect(changedAreas?.nodes).toContainEqual({ start: offset, length: disk.grain })
      changeId = frozen.changeId
      snapshot = next.createSnapshot!.snapshot!.id
    }
    await run(Backup4CleanUpDocument, { snapshot })
  })

  it('“start a snapshot” does not wait, and “follow its task” reports its progress until the snapshot exists', async () => {
    const clock = createManualClock()
    const fresh = startGateway({ clock, tasks: { durationMs: 200 } })
    onTestFinished(() => fresh.close())
    const { data } = await fresh.execute(Live1StartASnapshotDocument.toString(), { virtualMachine: 'web-01' })
    const { id: task, state } = data.createSnapshot.task
    expect(state).toBe('QUEUED')
    const events = await subscribe(await fresh.listen(), Live2FollowItsTaskDocument.toString(), { task })
    const next = async () => (await events.next<Live2FollowItsTaskSubscription>())?.data?.task
    expect(await next()).toMatchObject({ state: 'QUEUED', progress: null, result: null })
    clock.advance(8_000)
    let reported = await next()
    while (reported?.progress == null) reported = await next()
    expect(reported).toMatchObject({ state: 'RUNNING', entity: { name: 'web-01' } })
    clock.advance(60_000)
    while (reported?.state === 'RUNNING') reported = await next()
    expect(reported).toMatchObject({
      state: 'SUCCESS',
      progress: 100,
      result: { path: 'before-update/live' },
      error: null,
    })
  })
})
