// Tests the identity, hardware, allocations and usage of virtual machines: their values are those of the simulator's properties, and what
// `config` does not have comes from `summary.config`.

import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import type { SimulatedObject } from '../../../src/simulator/simulated-inventory.ts'
import { type Machine, notifyChange } from '../../../src/simulator/virtual-machine/machine.ts'
import type { DataObject } from '../../../src/soap/vim-types.ts'
import { startGateway, type TestGateway } from '../../test-gateway.ts'
import { rewriting } from '../../vim25/connect.ts'
import { execute } from '../call-budget.ts'

const MiB = 1_048_576
const allocation = '{ reservation limit unlimited expandableReservation shares sharesLevel }'
const fields = `vmPathName managedBy { extensionKey type } createdAt modifiedAt suspendedAt pendingQuestion coresPerSocket
  cpuAllocation ${allocation} memoryAllocation ${allocation} firmware secureBoot encrypted vtpm diskCount networkAdapterCount
  cpuDemand cpuReadiness maxCpuUsage balloonedMemory swappedMemory compressedMemory`

let gateway: TestGateway
beforeAll(() => {
  gateway = startGateway({ vms: 60 })
})
afterAll(() => gateway.close())

const machineNamed = (name: string): Machine => gateway.simulator.inventory.machine(name)

/** Changes a machine until the end of the test. */
function change(machine: Machine, changes: Partial<Machine>): void {
  const before = { ...machine }
  const set = (values: Partial<Machine>) => {
    Object.assign(machine, values)
    notifyChange(machine, 'config', 'summary', 'runtime')
  }
  set(changes)
  onTestFinished(() =>
    set(Object.fromEntries(Object.keys(changes).map((key) => [key, before[key as keyof Machine]]))),
  )
}

async function read(name: string, selection = fields) {
  const { ref } = machineNamed(name)
  const query = `query ($moid: String!) { virtualMachine(by: { moid: $moid }) { ${selection} } }`
  const { data, errors } = await gateway.execute(query, { moid: ref.value })
  expect(errors).toBeUndefined()
  return data.virtualMachine
}

const namesOf = async (filter: string): Promise<string[]> => {
  const { data, errors } = await gateway.execute(
    `{ virtualMachines(filter: ${filter}, first: 100) { nodes { name } } }`,
  )
  expect(errors).toBeUndefined()
  return data.virtualMachines.nodes.map(({ name }: { name: string }) => name)
}

const orNull = (value: unknown) => value ?? null
const iso = (date: Date | undefined) => (date && date.getTime() > 0 ? date.toISOString() : null)

function allocationOf(info: DataObject<'ResourceAllocationInfo'> | undefined, unit: number) {
  if (!info) return null
  const { reservation, limit, shares } = info
  return {
    reservation: Number(reservation) * unit,
    limit: limit === -1 ? null : Number(limit) * unit,
    unlimited: limit === -1,
    expandableReservation: null,
    shares: shares?.shares,
    sharesLevel: shares?.level.toUpperCase(),
  }
}

function expected(vm: SimulatedObject) {
  const config = vm.get('config') as DataObject<'VirtualMachineConfigInfo'> | undefined
  const summary = vm.get('summary') as DataObject<'VirtualMachineSummary'>
  const runtime = vm.get('runtime') as DataObject<'VirtualMachineRuntimeInfo'>
  const { quickStats } = summary
  const inBytes = (size: number | bigint | undefined, unit: number) =>
    size === undefined ? null : Number(size) * unit
  return {
    moid: vm.moid,
    vmPathName: summary.config.vmPathName,
    managedBy: orNull(summary.config.managedBy),
    createdAt: iso(config?.createDate),
    modifiedAt: iso(config?.modified),
    suspendedAt: iso(runtime.suspendTime),
    pendingQuestion: orNull(runtime.question?.text),
    coresPerSocket: orNull(config?.hardware.numCoresPerSocket),
    cpuAllocation: allocationOf(config?.cpuAllocation, 1),
    memoryAllocation: allocationOf(config?.memoryAllocation, MiB),
    firmware: orNull(config?.firmware?.toUpperCase()),
    secureBoot: orNull(config?.bootOptions?.efiSecureBootEnabled),
    encrypted: config ? config.keyId !== undefined : null,
    vtpm: orNull(summary.config.tpmPresent),
    diskCount: orNull(summary.config.numVirtualDisks),
    networkAdapterCount: orNull(summary.config.numEthernetCards),
    cpuDemand: orNull(quickStats.overallCpuDemand),
    cpuReadiness: orNull(quickStats.overallCpuReadiness),
    maxCpuUsage: orNull(runtime.maxCpuUsage),
    balloonedMemory: inBytes(quickStats.balloonedMemory, MiB),
    swappedMemory: inBytes(quickStats.swappedMemory, MiB),
    compressedMemory: inBytes(quickStats.compressedMemory, 1024),
  }
}

describe('the facts of a virtual machine', () => {
  it('are those of its properties, in one retrieval', async () => {
    // The number of virtual machines becomes known.
    await gateway.execute('{ virtualMachines(first: 1000) { nodes { moid } } }')
    const { data, errors, requested } = await execute(
      gateway,
      `{ virtualMachines(first: 1000) { nodes { moid ${fields} } } }`,
    )
    expect(errors).toBeUndefined()
    expect(requested.filter((line: string) => line.startsWith('RetrievePropertiesEx'))).toHaveLength(1)
    const nodes: ReturnType<typeof expected>[] = data.virtualMachines.nodes
    expect(nodes).toHaveLength(60)
    for (const node of nodes)
      expect(node).toEqual(
        expected(gateway.simulator.objects.find({ type: 'VirtualMachine', value: node.moid })!),
      )
    const distinct = (value: (node: (typeof nodes)[number]) => unknown) => new Set(nodes.map(value)).size
    expect(distinct(({ firmware }) => firmware)).toBe(3)
    expect(distinct(({ secureBoot }) => secureBoot)).toBe(3)
    expect(distinct(({ encrypted }) => encrypted)).toBe(3)
    expect(distinct(({ vtpm }) => vtpm)).toBe(3)
    for (const memory of ['balloonedMemory', 'swappedMemory', 'compressedMemory'] as const)
      expect(distinct((node) => node[memory])).toBeGreaterThan(2)
    expect(distinct(({ cpuReadiness }) => cpuReadiness)).toBeGreaterThan(2)
  })

  it('have the extension that manages it, and null for an ordinary one', async () => {
    const managedBy = { extensionKey: 'com.vmware.vim.eam', type: 'cluster-agent' }
    change(machineNamed('app-01'), { managedBy })
    expect(await read('app-01', 'managedBy { extensionKey type }')).toEqual({ managedBy })
    expect(await read('web-01', 'managedBy { type }')).toEqual({ managedBy: null })
  })

  it('have a pending question', async () => {
    const text = 'There is no more space for the virtual disk.'
    change(machineNamed('web-02'), {
      question: { id: '1', text, choice: { choiceInfo: [{ key: '0', label: 'Retry', summary: 'Retry' }] } },
    })
    expect(await read('web-02', 'pendingQuestion')).toEqual({ pendingQuestion: text })
    expect(await namesOf('{ pendingQuestion: { isNull: false } }')).toEqual(['web-02', 'wiki-01'])
  })

  it('have no dates when vCenter reports 1970-01-01', async () => {
    const machine = machineNamed('scada-nt4')
    change(machine, { settings: { ...machine.settings, modified: new Date(0) } })
    expect(machine.createDate).toEqual(new Date(0))
    expect(await read('scada-nt4', 'createdAt modifiedAt')).toEqual({ createdAt: null, modifiedAt: null })
    expect(await namesOf('{ createdAt: { isNull: true } }')).toEqual(['scada-nt4'])
  })

  it('come from summary.config while config is unset', async () => {
    const summary = {
      uuid: '42001234-0000-0000-0000-000000000001',
      instanceUuid: '50001234-0000-0000-0000-000000000001',
      template: false,
      annotation: 'from the summary',
      vmPathName: '[nfs-01] legacy-01/legacy-01.vmx',
      cpuCount: 3,
      memory: 2048 * MiB,
      hardwareVersion: 'vmx-13',
      configuredGuestId: 'otherGuest',
      configuredGuestFullName: 'Other',
    }
    const properties = {
      'summary.config.uuid': summary.uuid,
      'summary.config.instanceUuid': summary.instanceUuid,
      'summary.config.annotation': summary.annotation,
      'summary.config.vmPathName': summary.vmPathName,
      'summary.config.guestId': summary.configuredGuestId,
      'summary.config.guestFullName': summary.configuredGuestFullName,
      'summary.config.hwVersion': summary.hardwareVersion,
    }
    const propSet = (name: string, type: string, value: unknown) =>
      `<propSet><name>${name}</name><val xsi:type="xsd:${type}">${value}</val></propSet>`
    const added = [
      ...Object.entries(properties)
        .filter(([name]) => name !== 'summary.config.vmPathName')
        .map(([name, value]) => propSet(name, 'string', value)),
      propSet('summary.config.numCpu', 'int', 3),
      propSet('summary.config.memorySizeMB', 'int', 2048),
    ].join('')
    const rewritten = startGateway({
      wrap: rewriting((text) =>
        text.replaceAll(
          /(<name>summary\.config\.vmPathName<\/name><val xsi:type="xsd:string">)[^<]*(<\/val><\/propSet>)/g,
          `$1${summary.vmPathName}$2${added}`,
        ),
      ),
    })
    onTestFinished(() => rewritten.close())
    const { data, errors } = await rewritten.execute(
      `{ virtualMachine(by: { name: "legacy-01" }) { ${Object.keys(summary).join(' ')} } }`,
    )
    expect(errors).toBeUndefined()
    expect(data.virtualMachine).toEqual(summary)
  })

  it.each([
    ['config', 'createdAt'],
    ['config', 'encrypted'],
    ['config', 'firmware'],
    ['config', 'cpuAllocation { limit }'],
    ['summary', 'managedBy { type }'],
    ['summary', 'compressedMemory'],
    ['runtime', 'pendingQuestion'],
  ] as const)('are null with an error while %s may not be read: %s', async (property, selection) => {
    const { ref } = machineNamed('web-01')
    onTestFinished(gateway.simulator.faults.deny(ref, property))
    const name = selection.split(' ')[0]!
    const { data, errors } = await gateway.execute(
      `{ virtualMachine(by: { moid: "${ref.value}" }) { ${selection} } }`,
    )
    expect(data.virtualMachine).toEqual({ [name]: null })
    expect(errors).toMatchObject([{ path: ['virtualMachine', name], extensions: { code: 'FORBIDDEN' } }])
  })

  it('are null for properties that an older server does not know', async () => {
    const older = startGateway({
      wrap: rewriting((text) =>
        text.replaceAll(
          /<propSet><name>(?:config\.keyId|config\.createDate|config\.bootOptions\.efiSecureBootEnabled|summary\.config\.tpmPresent|summary\.quickStats\.overallCpuReadiness)<\/name>.*?<\/propSet>/gs,
          '',
        ),
      ),
    })
    onTestFinished(() => older.close())
    expect(
      await older.execute(
        '{ virtualMachine(by: { name: "desktop-01" }) { encrypted createdAt secureBoot vtpm cpuReadiness } }',
      ),
    ).toEqual({
      data: {
        // No virtual machine is encrypted before vSphere 6.5.
        virtualMachine: {
          encrypted: false,
          createdAt: null,
          secureBoot: null,
          vtpm: null,
          cpuReadiness: null,
        },
      },
    })
  })
})

describe('a filter by the facts of a virtual machine', () => {
  it('leaves out the machines that extensions manage', async () => {
    change(machineNamed('wiki-01'), {
      managedBy: { extensionKey: 'com.vmware.vim.eam', type: 'cluster-agent' },
    })
    const all = await namesOf('{}')
    const isCluster = (name: string) => name.startsWith('vCLS-') || name === 'wiki-01'
    const ordinary = all.filter((name) => !isCluster(name) && name !== 'backup-01')
    expect(ordinary).toHaveLength(all.length - 4)
    expect(await namesOf('{ not: { managedBy: {} } }')).toEqual(ordinary)
    expect(await namesOf('{ managedBy: { type: { eq: "cluster-agent" } } }')).toEqual(all.filter(isCluster))
  })

  it('finds machines that boot without secure boot, and leaves out those whose configuration is unset', async () => {
    const machines = [...gateway.simulator.objects.ofType('VirtualMachine')]
    const insecure = machines.filter((vm) => {
      const config = vm.get('config') as DataObject<'VirtualMachineConfigInfo'> | undefined
      return config?.bootOptions?.efiSecureBootEnabled === false
    })
    const names = await namesOf('{ secureBoot: { ne: true } }')
    expect(names).toHaveLength(insecure.length)
    expect(names).not.toContain('legacy-01')
    expect(await namesOf('{ encrypted: { eq: true } }')).toEqual(['desktop-01'])
  })

  it('compares amounts of allocations', async () => {
    expect(await namesOf('{ cpuAllocation: { limit: { lte: 6000 } } }')).toEqual(['erp-01'])
    expect(
      await namesOf(`{ memoryAllocation: { reservation: { gt: 0 }, sharesLevel: { eq: HIGH } } }`),
    ).toEqual(['db-01'])
    expect(await namesOf('{ cpuAllocation: { unlimited: { eq: false } } }')).toEqual(['erp-01'])
  })

  it('orders, groups and aggregates', async () => {
    const { data, errors } = await gateway.execute(`{
      virtualMachines(first: 3, orderBy: [{ field: COMPRESSED_MEMORY, direction: DESC }]) {
        nodes { compressedMemory }
        groups(by: [FIRMWARE, SECURE_BOOT, ENCRYPTED, VTPM]) { key { firmware secureBoot encrypted vtpm } count }
        aggregate { diskCount { sum } cpuReadiness { max } maxCpuUsage { min } swappedMemory { sum } }
      }
    }`)
    expect(errors).toBeUndefined()
    const { nodes, groups, aggregate } = data.virtualMachines
    const all = [...gateway.simulator.objects.ofType('VirtualMachine')].map(expected)
    const compressed = all.map(({ compressedMemory }) => compressedMemory ?? 0).sort((a, b) => b - a)
    expect(nodes.map(({ compressedMemory }: { compressedMemory: number }) => compressedMemory)).toEqual(
      compressed.slice(0, 3),
    )
    const total = groups.reduce((sum: number, { count }: { count: number }) => sum + count, 0)
    expect(total).toBe(all.length)
    expect(groups).toContainEqual({
      key: { firmware: 'EFI', secureBoot: true, encrypted: true, vtpm: true },
      count: 1,
    })
    expect(aggregate).toMatchObject({
      diskCount: { sum: all.reduce((sum, { diskCount }) => sum + Number(diskCount ?? 0), 0) },
      swappedMemory: { sum: all.reduce((sum, { swappedMemory }) => sum + (swappedMemory ?? 0), 0) },
    })
  })
})
