// Tests the example operations that answer a question of a dashboard: each does on the embedded simulator, with one operation and
// within the number of retrievals that its comment states.

import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import {
  AlarmsToAcknowledgeDocument,
  CapacityByClusterDocument,
  CountsDocument,
  EventsOfMachineDocument,
  EventsOfUserDocument,
  FailedBackupsDocument,
  FullestDatastoresDocument,
  FullestFileSystemsDocument,
  MachinesByAnnotationDocument,
  MachinesByHostDocument,
  MachinesByIpAddressDocument,
  MachinesByLastBackupDocument,
  MachinesByLocationDocument,
  MachinesByMacAddressDocument,
  MachinesByPowerStateAndNameDocument,
  MachinesByTagDocument,
  MachinesByToolsDocument,
  MachinesToConsolidateDocument,
  MachinesWithoutChangeTrackingDocument,
  MachinesWithoutSecureBootDocument,
  MachinesWithoutSystemMachinesDocument,
  NetworkAdaptersDocument,
  OldSnapshotsDocument,
  ReservationsAndContentionDocument,
  RunningAndFailedTasksDocument,
  TopConsumersDocument,
  TriggeredAlarmsDocument,
  type TypedDocumentString,
  WhatMayBeDoneDocument,
  WhoCreatedSnapshotsDocument,
  WhoPoweredOffDocument,
} from '../generated/operations.ts'
import { startGateway, type TestGateway } from '../test-gateway.ts'
import { useUpTimeSlices } from '../time-slices.ts'

const operations = new URL('../../schema/operations/', import.meta.url)
const textOf = (name: string) => readFileSync(new URL(name, operations), 'utf8')
const names = readdirSync(operations, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.graphql') && textOf(name).includes('# Calls that read the inventory: '))
  .sort()

const trace = { 'x-vsphere-trace': '1' }

describe('the dashboard example', () => {
  let gateway: TestGateway
  beforeAll(() => {
    gateway = startGateway()
  })
  afterAll(() => gateway.close())

  async function run<Result, Variables>(
    document: TypedDocumentString<Result, Variables>,
    variables: Record<string, unknown> = {},
  ): Promise<Result> {
    const { data, errors } = await gateway.execute<Result>(document.toString(), variables)
    expect(errors).toBeUndefined()
    return data as Result
  }

  it.each<[name: string, isSlow: string]>(
    names.flatMap((name) => [
      [name, ''],
      [name, ', also if each step has to wait for another turn of the event loop'],
    ]),
  )('%s takes the stated number of retrievals%s', async (name, isSlow) => {
    if (isSlow) useUpTimeSlices()
    const query = textOf(name)
    const [, first, second] =
      /^# Calls that read the inventory: (\d) the first\n# time, (\d) when it runs again\.$/m.exec(query) ??
      []
    expect(first, 'the comment').toBeDefined()
    const fresh = startGateway()
    onTestFinished(() => fresh.close())
    const measured: unknown[] = []
    for (let nth = 0; nth < 2; nth += 1) {
      const { data, errors, extensions } = await fresh.execute(query, {}, trace)
      expect(errors).toBeUndefined()
      for (const value of Object.values(data)) expect(value).not.toBeNull()
      measured.push((extensions as { vsphere: { retrievals: number } }).vsphere.retrievals)
    }
    expect(measured).toEqual([Number(first), Number(second)])
  })

  it('lists virtual machines by power state and name, in two keys and in pages', async () => {
    const { virtualMachines } = await run(MachinesByPowerStateAndNameDocument, { name: '0' })
    assert(virtualMachines)
    const { nodes, totalCount } = virtualMachines
    expect(nodes).toHaveLength(totalCount!)
    expect(nodes.length).toBeGreaterThan(5)
    const keys = nodes.map(({ host, name }) => ({ host: host!.name, name }))
    expect(keys).toEqual(
      [...keys].sort((a, b) =>
        a.host === b.host ? (a.name < b.name ? 1 : a.name > b.name ? -1 : 0) : a.host < b.host ? -1 : 1,
      ),
    )
    for (const { name, powerState } of nodes) {
      expect(powerState).toBe('POWERED_ON')
      expect(name).toContain('0')
    }
  })

  it('lists virtual machines by VMware Tools', async () => {
    const { virtualMachines } = await run(MachinesByToolsDocument)
    expect(virtualMachines!.nodes.map(({ name, guest }) => [name, guest?.toolsVersion])).toEqual([
      ['scada-nt4', '0'],
      ['file-01', '10346'],
      ['app-01', '11333'],
      ['wiki-01', '11333'],
    ])
  })

  it('lists virtual machines by host, cluster, datastore, network and folder at once', async () => {
    const { virtualMachines } = await run(MachinesByLocationDocument)
    expect(virtualMachines!.nodes).toMatchObject([
      {
        path: '/Frankfurt/vm/Production/Databases/db-01',
        host: { name: 'esx-fra-03.example.com' },
        networks: [{ name: 'production-110' }],
      },
    ])
    const elsewhere = await run(MachinesByLocationDocument, { network: 'storage-210' })
    expect(elsewhere.virtualMachines!.nodes).toEqual([])
    const anywhere = await run(MachinesByLocationDocument, {
      datastore: 'vmfs-fra-01',
      folder: '/Frankfurt/',
    })
    expect(anywhere.virtualMachines!.totalCount).toBeGreaterThan(5)
  })

  it('finds a virtual machine by IP address, and by MAC address also while it is powered off', async () => {
    const byAddress = await run(MachinesByIpAddressDocument)
    expect(byAddress.virtualMachines!.nodes).toEqual([
      { name: 'db-01', guest: { hostName: 'db-01', ipAddresses: ['10.11.175.10'] } },
    ])
    const byMac = await run(MachinesByMacAddressDocument)
    expect(byMac.virtualMachines!.nodes).toMatchObject([
      { name: 'erp-01', networkAdapters: [{ macAddress: '00:50:56:3f:e0:01' }] },
    ])
    const [card] = gateway.simulator.inventory.machine('mail-01').settings.networkCards
    const off = await run(MachinesByMacAddressDocument, { prefix: card!.macAddress })
    expect(off.virtualMachines!.nodes).toMatchObject([{ name: 'mail-01', powerState: 'POWERED_OFF' }])
  })

  it('lists virtual machines with a tag of one category, and none of another', async () => {
    const { virtualMachines } = await run(MachinesByTagDocument)
    expect(virtualMachines).toMatchObject({ totalCount: 2, coverage: [{ isComplete: true }] })
    expect(virtualMachines!.nodes).toEqual([
      { name: 'san-01', tags: [{ name: 'production', category: { name: 'environment' } }] },
      {
        name: 'web-02',
        tags: [
          { name: 'production', category: { name: 'environment' } },
          { name: 'shop', category: { name: 'owner' } },
        ],
      },
    ])
  })

  it('finds a word in annotations in any case', async () => {
    const { virtualMachines } = await run(MachinesByAnnotationDocument)
    expect(virtualMachines!.nodes).toEqual([{ name: 'web-01', annotation: 'Front end of the shop' }])
  })

  it('lists virtual machines by the date of their last backup, and those without it', async () => {
    const { backedUp, neverBackedUp } = await run(MachinesByLastBackupDocument)
    for (const { customAttributes } of backedUp!.nodes)
      expect(customAttributes!.find(({ name }) => name === 'Last Backup')?.value).toMatch(/^20/)
    const all = [...gateway.simulator.objects.ofType('VirtualMachine')].length
    expect(backedUp!.totalCount! + neverBackedUp!.nodes.length).toBe(all)
    expect(neverBackedUp!.nodes.length).toBeGreaterThan(0)
    expect((await run(MachinesByLastBackupDocument, { begins: '1999' })).backedUp!.totalCount).toBe(0)
  })

  it('answers what happened to a machine, what a user did, and who powered off a machine', async () => {
    const { virtualMachine } = await run(EventsOfMachineDocument)
    expect(virtualMachine!.events!.nodes).toContainEqual({
      createdAt: expect.anything(),
      userName: 'CORP\\bob',
      message: expect.stringMatching(/^web-02 on .* is powered off$/),
    })
    const { events } = await run(EventsOfUserDocument)
    expect(events!.nodes.map(({ message }) => message)).toContainEqual(
      expect.stringContaining('Reconfigured db-01'),
    )
    expect(Date.parse(String(events!.nodes.at(-1)!.createdAt))).toBeGreaterThan(Date.now() - 3_610_000)
    const { events: off } = await run(WhoPoweredOffDocument)
    expect(off!.nodes.map(({ type, userName, entityName }) => [type, userName, entityName])).toEqual([
      ['VmPoweredOffEvent', 'CORP\\ann', 'mail-01'],
      ['VmGuestShutdownEvent', 'CORP\\ann', 'mail-01'],
      ['VmPoweredOffEvent', 'CORP\\bob', 'web-02'],
    ])
  })

  it('lists triggered alarms with the users who have acknowledged them, and those that need it', async () => {
    const { triggeredAlarms } = await run(TriggeredAlarmsDocument)
    expect(triggeredAlarms).toMatchObject({ totalCount: 4, coverage: [{ isComplete: true }] })
    expect(
      triggeredAlarms!.nodes.map(({ entity, acknowledgedBy }) => [entity!.__typename, acknowledgedBy]),
    ).toEqual([
      ['VirtualMachine', null],
      ['Datastore', null],
      ['VirtualMachine', 'CORP\\ann'],
      ['HostSystem', 'VSPHERE.LOCAL\\Administrator'],
    ])
    const { triggeredAlarms: open } = await run(AlarmsToAcknowledgeDocument)
    expect(open!.nodes.map(({ name, status }) => [name, status])).toEqual([
      ['Virtual machine CPU usage', 'RED'],
      ['Datastore usage on disk', 'YELLOW'],
    ])
    expect(open!.groups!.map(({ count }) => count)).toEqual([1, 1])
  })

  it('lists old snapshots of all virtual machines, the largest first', async () => {
    const { snapshots } = await run(OldSnapshotsDocument)
    assert(snapshots)
    const machines = new Set(snapshots.nodes.map(({ virtualMachine }) => virtualMachine.name))
    expect([...machines].sort()).toEqual(['db-01', 'erp-01', 'web-01'])
    const sizes = snapshots.nodes.map(({ size }) => size!)
    expect(sizes).toEqual([...sizes].sort((a, b) => b - a))
    expect(snapshots.aggregate?.size?.sum).toBe(sizes.reduce((sum, size) => sum + size, 0))
    for (const { ageSeconds } of snapshots.nodes) expect(ageSeconds).toBeGreaterThan(604_800)
    expect((await run(OldSnapshotsDocument, { seconds: 20 * 86_400 })).snapshots!.totalCount).toBe(2)
  })

  it('lists virtual machines without complete change tracking, with several reasons at once', async () => {
    const { virtualMachines } = await run(MachinesWithoutChangeTrackingDocument)
    const reasons = Object.fromEntries(
      virtualMachines!.nodes.map(({ name, changeTracking }) => [
        name,
        changeTracking?.reasons?.map(({ code }) => code),
      ]),
    )
    expect(reasons).toMatchObject({
      'web-02': ['NOT_ENABLED'],
      'desktop-01': expect.arrayContaining(['NOT_ENABLED', 'SUSPENDED']),
      'file-01': ['INDEPENDENT_DISK'],
      'san-01': ['PHYSICAL_RDM'],
      'rac-01': ['SHARED_BUS'],
      'scada-nt4': expect.arrayContaining(['HARDWARE_TOO_OLD', 'NOT_ENABLED']),
    })
    expect(reasons).not.toHaveProperty('db-01')
  })

  it('lists the virtual machine with a delta file that no snapshot needs', async () => {
    const { virtualMachines } = await run(MachinesToConsolidateDocument)
    expect(virtualMachines!.nodes).toMatchObject([
      {
        name: 'backup-01',
        consolidationNeeded: true,
        disks: [{ backing: { fileName: expect.stringMatching(/-000001\.vmdk$/) } }],
      },
    ])
  })

  it('sums capacity and use by cluster to the sums of all hosts and virtual machines', async () => {
    const { hosts, virtualMachines } = await run(CapacityByClusterDocument)
    const { data } = await gateway.execute(
      '{ hosts { nodes { memory memoryUsage cluster { name } } } virtualMachines(filter: { template: { eq: false } }) { nodes { storage { committed } cluster { name } } } }',
    )
    for (const { key, count, aggregate } of hosts?.groups ?? []) {
      const members = data.hosts.nodes.filter(
        ({ cluster }: { cluster: { name: string } | null }) => cluster?.name === key.cluster?.name,
      )
      expect(count).toBe(members.length)
      expect(aggregate.memory?.sum).toBe(
        members.reduce((sum: number, { memory }: { memory: number }) => sum + memory, 0),
      )
    }
    expect(hosts?.groups?.map(({ key, count }) => [key.cluster?.name, count])).toEqual([
      ['fra-cluster-01', 3],
      [undefined, 1],
    ])
    const committed = virtualMachines?.groups?.map(({ aggregate }) => aggregate.storageCommitted?.sum ?? 0)
    expect(committed?.reduce((sum, each) => sum + each, 0)).toBe(
      data.virtualMachines.nodes.reduce(
        (sum: number, { storage }: { storage: { committed: number } | null }) =>
          sum + (storage?.committed ?? 0),
        0,
      ),
    )
  })

  it('lists the fullest datastores first', async () => {
    const { datastores } = await run(FullestDatastoresDocument)
    const free = datastores!.nodes.map(({ freePercent }) => freePercent!)
    expect(free).toEqual([...free].sort((a, b) => a - b))
    expect(new Set(free).size).toBe(6)
  })

  it('lists the top consumers of CPU, memory and storage, which differ', async () => {
    const { cpu, memory, storage } = await run(TopConsumersDocument, { first: 3 })
    expect(cpu!.nodes.map(({ name }) => name)).toEqual(['db-01', 'erp-01', 'rac-01'])
    const used = memory!.nodes.map(({ memoryUsage }) => memoryUsage!)
    expect(used).toEqual([...used].sort((a, b) => b - a))
    expect(storage!.nodes[0]!.name).toBe('file-01')
  })

  it('lists network adapters with their MAC address, network and connection', async () => {
    const { virtualMachines } = await run(NetworkAdaptersDocument)
    expect(virtualMachines!.nodes.map(({ name }) => name)).toContain('erp-01')
    const erp = virtualMachines!.nodes.find(({ name }) => name === 'erp-01')
    expect(erp?.networkAdapters).toMatchObject([
      { connected: true, network: { name: 'production-110', kind: 'DISTRIBUTED_PORTGROUP' } },
      { connected: false, network: { name: 'storage-210' } },
      { connected: true, macAddress: '00:50:56:3f:e0:01' },
    ])
  })

  it('lists every virtual machine on its host, and counts as many by each key', async () => {
    const { hosts } = await run(MachinesByHostDocument)
    const { virtualMachines } = await run(CountsDocument)
    assert(hosts && virtualMachines)
    const { totalCount, byOperatingSystem, byTools, byHardwareVersion, byHost } = virtualMachines
    const machines = [...gateway.simulator.objects.ofType('VirtualMachine')]
    expect(totalCount).toBe(machines.length)
    for (const groups of [byOperatingSystem, byTools, byHardwareVersion, byHost]) {
      const counts = groups!.map(({ count }) => count)
      expect(counts).toEqual([...counts].sort((a, b) => b - a))
      expect(counts.reduce((sum, count) => sum + count, 0)).toBe(totalCount)
    }
    const byName = hosts.nodes.map((each) => [each.name, each.virtualMachines!.totalCount])
    expect(Object.fromEntries(byHost!.map(({ key, count }) => [key.host?.name, count]))).toEqual(
      Object.fromEntries(byName),
    )
    expect(byTools!.map(({ key }) => key.guestToolsVersion)).toEqual(['12389', '11333', '0', '10346', null])
  })

  it('lists virtual machines that boot without secure boot, and counts those that it cannot decide on', async () => {
    const { virtualMachines } = await run(MachinesWithoutSecureBootDocument)
    const { nodes, coverage } = virtualMachines!
    expect(nodes).toContainEqual({
      name: 'scada-nt4',
      firmware: 'BIOS',
      secureBoot: false,
      vtpm: false,
      encrypted: false,
      hardwareVersion: 'vmx-04',
    })
    expect(nodes.every(({ secureBoot }) => secureBoot === false)).toBe(true)
    const names = nodes.map(({ name }) => name)
    for (const other of ['desktop-01', 'erp-01', 'legacy-01']) expect(names).not.toContain(other)
    // The template is known from the summary, and legacy-01 has no configuration.
    expect(coverage).toEqual([{ undecidedCount: 1 }])
  })

  it('lists file systems with little free space, on the disks that they are on', async () => {
    const { virtualMachines } = await run(FullestFileSystemsDocument)
    const { nodes } = virtualMachines!
    expect(nodes.length).toBeGreaterThan(0)
    for (const { guest } of nodes) {
      const fileSystems = guest!.fileSystems!
      expect(Math.min(...fileSystems.map(({ freePercent }) => freePercent!))).toBeLessThan(10)
      for (const { disks } of fileSystems) expect(disks).toHaveLength(1)
    }
  })

  it('separates virtual machines that extensions manage from the others', async () => {
    const { ordinary, managed } = await run(MachinesWithoutSystemMachinesDocument)
    const cluster = { extensionKey: 'com.vmware.vim.eam', type: 'cluster-agent' }
    expect(managed!.nodes).toEqual([
      { name: 'backup-01', managedBy: { extensionKey: 'com.example.backup', type: 'proxy' } },
      { name: expect.stringMatching(/^vCLS-/), managedBy: cluster },
      { name: expect.stringMatching(/^vCLS-/), managedBy: cluster },
    ])
    const all = [...gateway.simulator.objects.ofType('VirtualMachine')]
    expect(ordinary!.totalCount).toBe(all.length - 3)
    expect(ordinary!.nodes.find(({ name }) => name === 'scada-nt4')?.createdAt).toBeNull()
  })

  it('lists reservations and limits', async () => {
    const { virtualMachines } = await run(ReservationsAndContentionDocument)
    expect(virtualMachines!.nodes.map(({ name }) => name).sort()).toEqual(['db-01', 'erp-01'])
    expect(virtualMachines!.nodes.find(({ name }) => name === 'db-01')).toMatchObject({
      cpuAllocation: { reservation: 4000, limit: null, sharesLevel: 'HIGH' },
      memoryAllocation: { reservation: 16_384 * 1024 ** 2, limit: null, sharesLevel: 'HIGH' },
    })
  })

  it('lists the tasks that run, and those that failed with the reason', async () => {
    const fresh = startGateway({ tasks: { queuedMs: 0, durationMs: 600_000 } })
    onTestFinished(() => fresh.close())
    await fresh.execute(
      'mutation { createSnapshot(input: { virtualMachine: { name: "web-02" }, name: "new", waitSeconds: 0 }) { task { id } } }',
    )
    const { data, errors } = await fresh.execute(RunningAndFailedTasksDocument.toString())
    expect(errors).toBeUndefined()
    expect(data.running.nodes).toMatchObject([
      {
        label: 'Create virtual machine snapshot',
        entityName: 'web-02',
        startedBy: { kind: 'USER', userName: 'user', name: null },
      },
    ])
    expect(data.failed.nodes.map(({ entityName }: { entityName: string }) => entityName)).toEqual([
      'backup-01',
      'rac-01',
      'san-01',
    ])
    expect(data.failed.coverage).toEqual([{ vcenter: 'test', isComplete: true }])
  })

  it('answers which backups failed last night', async () => {
    const { tasks } = await run(FailedBackupsDocument)
    expect(tasks!.nodes).toMatchObject([
      { entityName: 'rac-01', startedBy: { userName: 'CORP\\svc-backup' } },
      {
        entityName: 'san-01',
        error: { message: expect.stringContaining('quiescing') },
        entity: { path: '/Frankfurt/vm/Production/Databases/san-01', powerState: 'POWERED_ON' },
      },
    ])
    expect(tasks!.nodes).toHaveLength(2)
  })

  it('answers who created the snapshots of a virtual machine', async () => {
    const { virtualMachine } = await run(WhoCreatedSnapshotsDocument)
    expect(virtualMachine!.snapshots!.map(({ path, createdBy }) => [path, createdBy])).toEqual([
      ['nightly', 'CORP\\svc-backup'],
      ['nightly/nightly', 'CORP\\svc-backup'],
    ])
    const others = await run(WhoCreatedSnapshotsDocument, { name: 'erp-01' })
    for (const { createdBy } of others.virtualMachine!.snapshots!) expect(createdBy).toBe('CORP\\ann')
  })

  it('answers what a user may do to a virtual machine', async () => {
    const users = [{ username: 'op', password: 'pass', grants: [{ role: 'VMOperator' as const }] }]
    const operated = startGateway({ users, gatewayUser: 'op', role: 'operator' })
    onTestFinished(() => operated.close())
    const { data, errors } = await operated.execute(WhatMayBeDoneDocument.toString())
    expect(errors).toBeUndefined()
    expect(data.viewer).toEqual({ name: 'tester', role: 'OPERATOR' })
    const can: { action: string; allowed: boolean; blockedByState: boolean }[] = data.virtualMachine.can
    const actionsWith = (matches: (each: (typeof can)[number]) => boolean) =>
      can.filter(matches).map(({ action }) => action)
    expect(actionsWith(({ allowed }) => !allowed)).toEqual([
      'ATTACH_TAG',
      'DETACH_TAG',
      'SET_CHANGE_TRACKING',
      'SET_CUSTOM_ATTRIBUTE',
    ])
    expect(actionsWith(({ blockedByState }) => blockedByState)).toEqual(['POWER_ON'])
  })
})
