// Drives our simulator with govc, and compares its output with the simulator's state.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { createSimulator, type Simulator } from '../../src/simulator/index.ts'
import { startProgram } from './child-process.ts'
import { type Govc, govcAt, linesOf } from './govc.ts'
import { govc as govcPath } from './tools.ts'
import type { Untyped } from './untyped.ts'

const GiB = 1024 ** 3

describe.skipIf(govcPath === undefined).each([
  { over: 'http', tls: false },
  { over: 'https', tls: true },
])('govc on the simulator, over $over', ({ tls }) => {
  let simulator: Simulator
  let govc: Govc

  beforeAll(async () => {
    simulator = createSimulator({
      tasks: { queuedMs: 5, durationMs: 20 },
      users: [{ username: 'other', password: 'pass', grants: [] }],
    })
    const { url } = await simulator.listen({ tls })
    govc = govcAt(url.replace('//', '//user:pass@'), { GOVC_DATACENTER: 'Frankfurt' })
  })

  afterAll(() => simulator?.close())

  it('prints about', async () => {
    const { about } = await govc.json('about')
    expect(about).toMatchObject({
      name: 'VMware vCenter Server',
      apiType: 'VirtualCenter',
      productLineId: 'vpx',
    })
    expect(await govc('about')).toContain(`UUID:         ${about.instanceUuid}\n`)
  })

  it('prints find', async () => {
    const machines = [...simulator.objects.ofType('VirtualMachine')].map(({ moid }) => moid)
    expect((await find('-I', '/', '-type', 'm')).sort()).toEqual(machines.sort())
    const paths = await find('/', '-type', 'm')
    expect(paths).toHaveLength(machines.length)
    expect(paths).toEqual(
      expect.arrayContaining([
        '/Frankfurt/vm/Production/Web/web-01',
        '/Frankfurt/vm/Production/007',
        '/Frankfurt/vm/Testing/a%2fb',
        '/Frankfurt/vm/Production/app-01',
        '/Frankfurt/vm/Testing/app-01',
        '/Frankfurt/vm/Templates/ubuntu-24.04',
        '/Oregon/vm/wiki-01',
      ]),
    )
    expect(await find('/', '-type', 'd')).toEqual(['/Frankfurt', '/Oregon'])
    expect(await find('/Frankfurt', '-type', 'h')).toHaveLength(3)
    expect(await find('/', '-type', 'c')).toEqual(['/Frankfurt/host/fra-cluster-01'])
    expect(await find('/', '-type', 'm', '-name', 'app-*')).toHaveLength(2)
    const off = await find('/', '-type', 'm', '-runtime.powerState', 'poweredOff')
    expect(off).toContain('/Frankfurt/vm/Templates/ubuntu-24.04')
    expect(off).not.toContain('/Frankfurt/vm/Production/Web/web-01')
  })

  it('prints ls', async () => {
    expect(linesOf(await govc('ls', '/'))).toEqual(['/Frankfurt', '/Oregon'])
    expect(linesOf(await govc('ls', '/Frankfurt'))).toEqual(
      ['vm', 'host', 'datastore', 'network'].map((name) => `/Frankfurt/${name}`),
    )
    expect(linesOf(await govc('ls', '-l', '/Frankfurt/vm/Testing'))).toEqual([
      '/Frankfurt/vm/Testing/a%2fb (VirtualMachine)',
      '/Frankfurt/vm/Testing/app-01 (VirtualMachine)',
    ])
    expect(linesOf(await govc('ls', '/Frankfurt/vm/Production/Web/*'))).toEqual([
      '/Frankfurt/vm/Production/Web/web-01',
      '/Frankfurt/vm/Production/Web/web-02',
    ])
  })

  it('prints vm.info', async () => {
    const { uuid, instanceUuid } = simulator.inventory.vm('db-01').get('config') as Record<string, string>
    const text = await govc('vm.info', '-r', 'db-01')
    for (const line of [
      'Name:                 db-01',
      'Path:               /Frankfurt/vm/Production/Databases/db-01',
      `UUID:               ${uuid}`,
      'Memory:             32768MB',
      'CPU:                8 vCPU(s)',
      'Power state:        poweredOn',
      'Storage:              vmfs-fra-01, vmfs-fra-ssd',
      'Network:              production-110',
    ]) {
      expect(text.replaceAll(/ +/g, ' ')).toContain(line.replaceAll(/ +/g, ' '))
    }

    const [byUuid] = (await govc.json('vm.info', '-vm.uuid', uuid!)).virtualMachines
    expect(byUuid).toMatchObject({
      self: { type: 'VirtualMachine', value: simulator.inventory.vm('db-01').moid },
      name: 'db-01',
      config: { instanceUuid, changeTrackingEnabled: true, hardware: { numCPU: 8, memoryMB: 32_768 } },
      runtime: { powerState: 'poweredOn', connectionState: 'connected' },
      guest: { hostName: 'db-01', guestState: 'running' },
    })
    expect(disksOf(byUuid)).toMatchObject([
      { key: 2000, deviceInfo: { label: 'Hard disk 1' }, capacityInBytes: 60 * GiB },
      { key: 2001, deviceInfo: { label: 'Hard disk 2' }, capacityInBytes: 200 * GiB },
      { key: 2002, deviceInfo: { label: 'Hard disk 3' }, capacityInBytes: 20 * GiB + 36 * 1024 },
    ])
    const names = async (pattern: string) =>
      ((await govc.json('vm.info', pattern)).virtualMachines ?? []).map(({ name }: Untyped) => name)
    expect(await names('app-01')).toEqual(['app-01', 'app-01'])
    expect(await names('a%2fb')).toEqual(['a%2fb'])
    expect(await names('007')).toEqual(['007'])
    expect(await names('unknown')).toEqual([])
  })

  it('prints vm.info of every virtual machine, including the inaccessible one', async () => {
    const { virtualMachines } = await govc.json('vm.info', ...(await find('-i', '/', '-type', 'm')))
    expect(virtualMachines).toHaveLength([...simulator.objects.ofType('VirtualMachine')].length)
    const inaccessible = virtualMachines.filter(
      ({ runtime }: Untyped) => runtime.connectionState === 'inaccessible',
    )
    expect(inaccessible).toMatchObject([{ config: null }])
  })

  it('prints device.info', async () => {
    const { devices } = await govc.json('device.info', '-vm', 'db-01')
    const controller = devices.find(({ name }: Untyped) => name === 'pvscsi-1000')
    expect(controller.device).toEqual([2000, 2001, 2002])
    expect(devices.map(({ name }: Untyped) => name)).toEqual(
      expect.arrayContaining(['disk-1000-0', 'disk-1000-1', 'disk-1000-2', 'ethernet-0', 'cdrom-3000']),
    )
    const text = await govc('device.info', '-vm', 'db-01', 'disk-1000-1')
    expect(linesOf(text.replaceAll(/: +/g, ': '))).toEqual([
      'Name: disk-1000-1',
      'Type: VirtualDisk',
      'Label: Hard disk 2',
      'Summary: 209,715,200 KB',
      'Key: 2001',
      'Controller: pvscsi-1000',
      'Unit number: 1',
      'File: [vmfs-fra-ssd] db-01/db-01_1-000002.vmdk',
      'Parent: [vmfs-fra-ssd] db-01/db-01_1-000001.vmdk',
    ])
  })

  it('prints device.info of network cards of several types', async () => {
    const { devices } = await govc.json('device.info', '-vm', 'erp-01', 'ethernet-*')
    const cards = devices.map(({ name, type, deviceInfo, connectable }: Untyped) => [
      name,
      type,
      deviceInfo.summary,
      connectable.connected,
    ])
    expect(cards).toEqual([
      ['ethernet-0', 'VirtualE1000e', 'production-110', true],
      ['ethernet-1', 'VirtualVmxnet3', 'storage-210', false],
      ['ethernet-2', 'VirtualE1000', 'production-110', true],
    ])
    const text = await govc('device.info', '-vm', 'erp-01', 'ethernet-2')
    expect(linesOf(text.replaceAll(/: +/g, ': '))).toContain('MAC Address: 00:50:56:3F:E0:01')
  })

  it('runs snapshot.create, tree, revert and remove', async () => {
    const machine = ['-vm', 'web-02']
    const tree = async () => (await govc('snapshot.tree', ...machine)).trimEnd().split('\n')
    expect(await tree()).toEqual([''])

    await govc('snapshot.create', ...machine, '-m=false', '-d', 'as installed', 'base')
    await govc('snapshot.create', ...machine, '-m=true', 'patched')
    await govc('snapshot.create', ...machine, '-m=false', 'patched')
    expect(await tree()).toEqual(['base', '  patched', '    patched', '    .'])
    expect(linesOf(await govc('snapshot.tree', ...machine, '-f', '-i', '-d'))).toMatchObject(
      [
        /^\[snapshot-\d+\] {2}base - as installed$/,
        /^\[snapshot-\d+\] {2}base\/patched -$/,
        /^\[snapshot-\d+\] {2}base\/patched\/patched -$/,
        /^\[snapshot-\d+\] {2}\. -$/,
      ].map((pattern) => expect.stringMatching(pattern)),
    )
    const { snapshot } = (await govc.json('vm.info', 'web-02')).virtualMachines[0]
    expect(snapshot.rootSnapshotList).toMatchObject([
      {
        name: 'base',
        description: 'as installed',
        state: 'poweredOff',
        childSnapshotList: [
          {
            name: 'patched',
            state: 'poweredOn',
            childSnapshotList: [{ name: 'patched', state: 'poweredOff' }],
          },
        ],
      },
    ])
    expect(await files()).toEqual(['web-02-000003.vmdk', 'web-02-000002.vmdk'])

    // When two snapshots share a name, govc accepts only a path.
    await expect(govc('snapshot.remove', ...machine, 'patched')).rejects.toThrow('resolves to 2 snapshots')
    await govc('snapshot.revert', ...machine, 'base')
    expect(await tree()).toEqual(['base', '.', '  patched', '    patched'])
    expect((await govc.json('vm.info', 'web-02')).virtualMachines[0].runtime.powerState).toBe('poweredOff')
    await govc('snapshot.remove', ...machine, '-r', 'base/patched')
    expect(await tree()).toEqual(['base', '.'])
    await govc('snapshot.revert', ...machine)
    await govc('snapshot.remove', ...machine, '*')
    expect(await tree()).toEqual([''])
    expect(await files()).toEqual(['web-02.vmdk', undefined])
    await expect(govc('snapshot.remove', ...machine, 'base')).rejects.toThrow('no snapshots')

    async function files() {
      const [disk] = disksOf((await govc.json('vm.info', 'web-02')).virtualMachines[0])
      return [disk.backing, disk.backing.parent].map((each) => each?.fileName.split('/').at(-1))
    }
  })

  it('prints tasks', async () => {
    await govc('snapshot.create', '-vm', 'mail-01', '-m=false', 'first')
    await govc('vm.power', '-on', 'mail-01')
    await expect(govc('vm.power', '-on', 'mail-01')).rejects.toThrow(
      'The attempted operation cannot be performed in the current state',
    )
    const ofMail = (await govc.json('tasks')).tasks.filter(
      ({ entityName }: Untyped) => entityName === 'mail-01',
    )
    expect(ofMail).toMatchObject([
      {
        descriptionId: 'VirtualMachine.createSnapshot',
        state: 'success',
        result: { type: 'VirtualMachineSnapshot' },
      },
      { descriptionId: 'VirtualMachine.powerOn', state: 'success' },
      { descriptionId: 'VirtualMachine.powerOn', state: 'error' },
    ])
    const table = linesOf(await govc('tasks', '-l')).filter((line) => line.includes('mail-01'))
    expect(table[0]).toMatch(/^Create virtual machine snapshot +mail-01 +user .* success/)
    expect(table[2]).toMatch(/^Power On virtual machine +mail-01 +user .* error +\[The attempted operation/)
  })

  it('prints the history of tasks', async () => {
    const rowsOf = async (...options: string[]) => linesOf(await govc('tasks', '-l', ...options)).slice(1)
    const objectsIn = (rows: readonly string[]) =>
      new Set(rows.map((row) => /[a-z]+-\d+|a%2fb/.exec(row.slice(41))?.[0]))
    const failed = (await rowsOf('-b', '12h', '-s', 'error')).filter((row) => !row.includes('mail-01'))
    expect([...objectsIn(failed)]).toEqual(['san-01', 'rac-01', 'backup-01'])
    expect(failed[0]).toMatch(
      /^Create virtual machine snapshot +san-01 +svc-backup .* error +\[The guest OS has reported an error/,
    )
    const all = await rowsOf('-b', '48h')
    // The table of govc has only tasks of users.
    const printed = String(await govc('tasks', '-json', '-b', '48h'))
    for (const text of ['"name": "Snapshot of wiki-01"', '"alarmName": "Host memory usage"'])
      expect(printed).toContain(text)
    // Of an object that no longer exists.
    expect(objectsIn(all)).toContain('test-02')
    const inFolder = objectsIn(await rowsOf('-b', '48h', '-r', '/Frankfurt/vm/Production'))
    expect(inFolder).toContain('san-01')
    expect(inFolder).not.toContain('wiki-01')
    const ofOne = await rowsOf('-b', '48h', '/Frankfurt/vm/Production/Databases/san-01')
    expect([...objectsIn(ofOne)]).toEqual(['san-01'])
  })

  it('prints events', async () => {
    const machine = '/Frankfurt/vm/Production/Web/web-02'
    const lines = linesOf(await govc('events', '-n', '100', machine))
    expect(lines.filter((line) => line.includes('is powered off'))).toEqual([
      expect.stringMatching(/^\[.*\] \[info\] web-02 on .* in Frankfurt is powered off$/),
    ])
    expect(await govc('events', '-type', 'VmFailedToPowerOnEvent')).toMatch(
      /\[error\] Cannot power On erp-01/,
    )
    expect(await govc('events', '-n', '100')).toMatch(
      /\[warning\] vSphere HA restarted virtual machine web-01/,
    )
    expect(simulator.live.historyCollectors).toBe(0)
  })

  it('leaves no session behind', async () => {
    expect(simulator.live).toEqual({
      sessions: 0,
      restSessions: 0,
      historyCollectors: 0,
      views: 0,
      filters: 0,
      collectors: 0,
      waits: 0,
      tasks: 0,
    })
  })

  // Runs after the check for sessions, because govc does not log out after creating a disk.
  it('runs vm.disk.create, vm.disk.change and device.remove', async () => {
    const machine = ['-vm', 'mail-01']
    const disks = async () =>
      disksOf((await govc.json('vm.info', 'mail-01')).virtualMachines[0]).map(
        ({ key, capacityInBytes, backing }) => [key, capacityInBytes / GiB, backing.uuid],
      )
    const [[, , uuid]] = (await disks()) as [[number, number, string]]
    await govc('vm.disk.create', ...machine, '-ds', 'vmfs-fra-01', '-name', 'mail-01/more', '-size', '1G')
    expect(await disks()).toEqual([
      [2000, 40, uuid],
      [2001, 1, expect.any(String)],
    ])
    await govc('vm.disk.change', ...machine, '-disk.key', '2001', '-size', '2G')
    await govc('device.remove', ...machine, 'disk-1000-0')
    expect(await disks()).toEqual([[2001, 2, expect.any(String)]])
    await govc('vm.disk.create', ...machine, '-ds', 'vmfs-fra-01', '-name', 'mail-01/new', '-size', '40G')
    const [[key, size, other]] = (await disks()) as [[number, number, string]]
    expect([key, size]).toEqual([2000, 40])
    expect(other).not.toBe(uuid)
  })

  it('prints role.ls, permissions.ls and role.usage', async () => {
    const roles = linesOf(await govc('role.ls'))
    expect(roles).toHaveLength(6)
    expect(roles.at(0)).toMatch(/^NoAccess +Used for restricting granted access/)
    expect(linesOf(await govc('role.ls', 'ReadOnly'))).toEqual([
      'System.Anonymous',
      'System.Read',
      'System.View',
    ])
    expect(await govc('permissions.ls', '/')).toMatch(/^Admin +\/ +user +Yes$/m)
    expect(await govc('role.usage', 'Admin')).toMatch(/^Admin +\/ +user +Yes$/m)
    await govc('role.create', 'Starter', 'VirtualMachine.Interact.PowerOn')
    await govc('permissions.set', '-principal', 'other', '-role', 'Starter', '/Frankfurt')
    expect(await govc('permissions.ls', '/Frankfurt/vm/Production/Web')).toMatch(
      /^Starter +\/Frankfurt +other +Yes$/m,
    )
    await govc('permissions.remove', '-principal', 'other', '/Frankfurt')
    await govc('role.remove', 'Starter')
    expect(linesOf(await govc('role.ls'))).toEqual(roles)
  })

  it('fails with a wrong password', async () => {
    const wrong = govcAt((await simulator.listen({ tls })).url.replace('//', '//user:hunter2@'))
    await expect(wrong('ls')).rejects.toThrow(/incorrect user name or password/)
  })

  const find = async (...argv: string[]) => linesOf(await govc('find', ...argv))
})

describe.skipIf(govcPath === undefined)('simulate in a separate process', () => {
  it('serves govc, which can pin its certificate', async () => {
    const executable = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url))
    const argv = [
      executable,
      'simulate',
      '--port',
      '0',
      '--vms',
      '40',
      '--tls',
      '--username',
      'me',
      '--password',
      'x',
    ]
    const program = await startProgram(
      process.execPath,
      argv,
      /(https:\S+) \(user: me, certificate thumbprint: ([\w:]+)\) \*/,
    )
    onTestFinished(async () => void (await program.stop('SIGKILL')))
    const [, url, thumbprint] = program.match
    const { host } = new URL(url!)
    const withUser = url!.replace('//', '//me:x@')
    const find = ['find', '/', '-type', 'm'] as const
    await expect(govcAt(withUser, { GOVC_INSECURE: '0' })(...find)).rejects.toThrow('certificate')

    const knownHosts = join(mkdtempSync(join(tmpdir(), 'interop-')), 'known-hosts')
    onTestFinished(() => rmSync(dirname(knownHosts), { recursive: true }))
    writeFileSync(knownHosts, `${host} ${thumbprint}\n`)
    const govc = govcAt(withUser, { GOVC_INSECURE: '0', GOVC_TLS_KNOWN_HOSTS: knownHosts })
    expect(linesOf(await govc(...find))).toHaveLength(40)
    expect(await program.stop('SIGINT')).toBe(0)
  })
})

const disksOf = ({ config }: Untyped): Untyped[] =>
  config.hardware.device.filter(({ capacityInBytes }: Untyped) => capacityInBytes !== undefined)
