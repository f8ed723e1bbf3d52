// The named machines: a fixed set that covers the interesting cases.

import type { SimulationContext } from '../simulation-context.ts'
import type { Machine, Snapshot } from '../virtual-machine/machine.ts'
import { outOfSpace } from '../virtual-machine/power/out-of-space.ts'
import { setPower } from '../virtual-machine/power/power-state.ts'
import { removeSnapshots, revertToSnapshot, takeSnapshot } from '../virtual-machine/snapshots/snapshots.ts'
import { createMachine, dayMs, GiB, type MachineDescription, type MachineLocation } from './create-machine.ts'
import type { NamedContainers } from './named-containers.ts'

/** A description with a function that selects its location. */
type Named = Omit<MachineDescription, keyof MachineLocation> &
  Partial<MachineLocation> & {
    readonly location: (containers: NamedContainers) => MachineLocation
    readonly prepare?: (machine: Machine) => void
  }

export function createNamedMachines(
  context: SimulationContext,
  containers: NamedContainers,
  limit: number,
): Machine[] {
  return namedMachines(containers)
    .slice(0, limit)
    .map(({ location, prepare, ...description }) => {
      const machine = createMachine(context, { ...location(containers), ...description })
      prepare?.(machine)
      return machine
    })
}

const small = { system: 'ubuntu', cpus: 2, memoryMB: 4096, disks: [{ capacity: 40 * GiB }] } as const

const namedMachines = (containers: NamedContainers): readonly Named[] => [
  {
    name: 'web-01',
    location: ({ web }) => web,
    ...small,
    changeTracking: 'active',
    historyDays: 20,
    annotation: 'Front end of the shop',
    prepare: (machine) => snapshotAt(machine, 12, 'before-update', 'nginx 1.27'),
  },
  {
    name: 'web-02',
    location: ({ web }) => web,
    ...small,
    cards: [{}, { network: containers.storageNetwork }],
  },
  {
    name: 'db-01',
    location: ({ databases }) => databases,
    system: 'redHat',
    cpus: 8,
    coresPerSocket: 4,
    memoryMB: 32_768,
    allocation: { cpuReservationMhz: 4000, memoryReservationMB: 16_384, shares: 'high' },
    // The last capacity is not a multiple of the tracking grain, so its last area extends past the end of the
    // disk.
    disks: [
      { capacity: 60 * GiB },
      { capacity: 200 * GiB, storage: containers.fastStorage },
      { capacity: 20 * GiB + 36 * 1024, thin: false },
    ],
    changeTracking: 'active',
    historyDays: 10,
    annotation: 'Orders',
    prepare(machine) {
      snapshotAt(machine, 8, 'nightly')
      snapshotAt(machine, 1, 'nightly')
    },
  },
  {
    name: 'erp-01',
    location: ({ production }) => production,
    system: 'windowsServer',
    cpus: 4,
    coresPerSocket: 2,
    memoryMB: 16_384,
    allocation: { cpuLimitMhz: 6000 },
    secureBoot: true,
    disks: [{ capacity: 120 * GiB }, { capacity: 80 * GiB }],
    cards: [
      { type: 'VirtualE1000e' },
      { network: containers.storageNetwork, connected: false },
      { type: 'VirtualE1000', address: { addressType: 'manual', macAddress: '00:50:56:3F:E0:01' } },
    ],
    changeTracking: 'active',
    historyDays: 30,
    // base > after-patch > base, and a second branch below the first base.
    prepare(machine) {
      const base = snapshotAt(machine, 28, 'base', 'Fresh installation')
      snapshotAt(machine, 21, 'after-patch', '', true)
      snapshotAt(machine, 14, 'base', 'The same name again')
      const at = new Date(machine.context.origin - 10 * dayMs)
      revertToSnapshot(machine, base, { powerOn: false, at })
      setPower(machine, 'poweredOn', at)
      snapshotAt(machine, 7, '50%2f50 test')
    },
  },
  { name: '007', location: ({ production }) => production, ...small, disks: [{ capacity: 16 * GiB }] },
  {
    name: 'a%2fb',
    location: ({ testing }) => testing,
    ...small,
    changeTracking: 'active',
    disks: [{ capacity: 10 * GiB }],
  },
  { name: 'app-01', location: ({ production }) => production, ...small, changeTracking: 'active' },
  { name: 'app-01', location: ({ testing }) => testing, ...small, toolsVersion: 11_333 },
  {
    name: 'file-01',
    location: ({ production }) => production,
    ...small,
    toolsVersion: 10_346,
    changeTracking: 'active',
    disks: [{ capacity: 40 * GiB }, { capacity: 500 * GiB, independent: true }],
  },
  {
    name: 'san-01',
    quiesceFault: 'ApplicationQuiesceFault',
    location: ({ databases }) => databases,
    system: 'oracle',
    cpus: 4,
    memoryMB: 16_384,
    changeTracking: 'active',
    disks: [
      { capacity: 60 * GiB },
      { capacity: 1024 * GiB, rawDevice: 'physicalMode' },
      { capacity: 100 * GiB, rawDevice: 'virtualMode' },
    ],
  },
  {
    name: 'rac-01',
    location: ({ databases }) => databases,
    system: 'oracle',
    cpus: 4,
    memoryMB: 16_384,
    changeTracking: 'active',
    disks: [
      { capacity: 60 * GiB },
      { capacity: 100 * GiB, bus: 1, sharedBus: true, multiWriter: true, thin: false },
    ],
    cards: [{}, { type: 'VirtualVmxnet3Vrdma', network: containers.storageNetwork }],
  },
  {
    name: 'mail-01',
    location: ({ production }) => production,
    ...small,
    powerState: 'poweredOff',
    changeTracking: 'active',
  },
  {
    name: 'desktop-01',
    location: ({ oregon }) => oregon,
    system: 'windows11',
    cpus: 2,
    memoryMB: 8192,
    disks: [{ capacity: 64 * GiB, isEncrypted: true }],
    powerState: 'suspended',
    secureBoot: true,
    hasTpm: true,
  },
  {
    name: 'legacy-01',
    location: ({ oregon }) => oregon,
    ...small,
    isAccessible: false,
    powerState: 'poweredOff',
  },
  {
    name: 'ubuntu-24.04',
    location: ({ templates }) => templates,
    ...small,
    template: true,
    powerState: 'poweredOff',
    disks: [{ capacity: 16 * GiB }],
  },
  // Tracking is enabled, but no stun has activated it yet.
  {
    name: 'wiki-01',
    location: ({ oregon }) => oregon,
    ...small,
    changeTracking: 'enabled',
    toolsVersion: 11_333,
    // It waits until somebody frees space or gives up.
    prepare: (machine) => {
      machine.question = outOfSpace
    },
  },
  {
    name: 'backup-01',
    location: ({ onNfs }) => onNfs,
    ...small,
    managedBy: { extensionKey: 'com.example.backup', type: 'proxy' },
    changeTracking: 'active',
    historyDays: 6,
    disks: [{ capacity: 100 * GiB }],
    // An aborted backup has removed its snapshot and left the delta file behind.
    prepare(machine) {
      const snapshot = snapshotAt(machine, 5, 'backup')
      const at = new Date(machine.context.origin - 4 * dayMs)
      removeSnapshots(machine, snapshot, { withChildren: false, consolidate: false, at })
      machine.measuredAt = new Date(machine.context.origin)
    },
  },
  {
    name: 'scada-nt4',
    location: ({ oregon }) => oregon,
    system: 'windowsNt',
    cpus: 1,
    memoryMB: 512,
    disks: [{ capacity: 4 * GiB, thin: false }],
    version: 'vmx-04',
    ageDays: 'unknown',
    // Old servers capitalize the type of the address.
    cards: [
      {
        type: 'VirtualPCNet32',
        address: { addressType: 'Generated', macAddress: '00:0c:29:4a:7d:10' },
      },
    ],
    hasTools: false,
  },
]

function snapshotAt(
  machine: Machine,
  daysAgo: number,
  name: string,
  description = '',
  memory = false,
): Snapshot {
  const at = new Date(machine.context.origin - daysAgo * dayMs)
  const snapshot = takeSnapshot(machine, { name, description, memory, quiesced: false, at })
  machine.measuredAt = new Date(machine.context.origin)
  return snapshot
}
