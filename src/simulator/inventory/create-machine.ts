// Adds a virtual machine to the inventory, from a description of its relevant properties.

import type { ManagedObjectReference } from '../../soap/vim-types.ts'
import { createDisk, type Disk, type Storage } from '../disk/disk.ts'
import { createRandom, createUuid } from '../random.ts'
import type { SimulatedObject } from '../simulated-inventory.ts'
import type { SimulationContext } from '../simulation-context.ts'
import { scsiControllerKey, scsiDiskKey } from '../virtual-machine/devices.ts'
import { guestSystems } from '../virtual-machine/guest-systems.ts'
import {
  type Machine,
  type NetworkLocation,
  type PowerState,
  type QuiesceFault,
  registerMachine,
  stun,
} from '../virtual-machine/machine.ts'
import { type CardDescription, createCard, networksOf } from '../virtual-machine/network-cards.ts'
import { machineProperties } from '../virtual-machine/properties.ts'
import { currentToolsVersion } from '../virtual-machine/status.ts'
import { hardwareNumber } from '../virtual-machine/tracking.ts'

export const GiB = 1024 ** 3
export const dayMs = 24 * 60 * 60 * 1000

/**
 * A machine's containers, storage and network. If the pool is a vApp, the vApp is in the folder instead of
 * the machine.
 */
export interface MachineLocation {
  readonly folder: SimulatedObject
  readonly host: SimulatedObject
  readonly pool: SimulatedObject
  readonly storage: Storage
  readonly network: NetworkLocation
}

interface DiskDescription {
  readonly capacity: number
  readonly storage?: Storage
  readonly thin?: boolean
  readonly independent?: boolean
  readonly rawDevice?: 'virtualMode' | 'physicalMode'
  /** Sharing between machines: the multi-writer flag of the disk, and the bus of its controller. */
  readonly multiWriter?: boolean
  readonly bus?: number
  readonly sharedBus?: boolean
}

export interface MachineDescription extends MachineLocation {
  readonly name: string
  readonly system: keyof typeof guestSystems
  readonly cpus: number
  readonly memoryMB: number
  readonly disks: readonly DiskDescription[]
  /** @default one card of type VirtualVmxnet3 */
  readonly cards?: readonly CardDescription[]
  readonly powerState?: PowerState
  /** @default vmx-21 */
  readonly version?: string
  readonly hasTools?: boolean
  /** @default 12389, the current version */
  readonly toolsVersion?: number
  readonly quiesceFault?: QuiesceFault
  readonly annotation?: string
  readonly template?: boolean
  readonly isAccessible?: boolean
  /** Tracking `active` from the beginning, or `enabled` until the next stun activates it. @default off */
  readonly changeTracking?: 'off' | 'enabled' | 'active'
  readonly ageDays?: number
  /** How many days before the start of the simulation its guest began to write. @default 0 */
  readonly historyDays?: number
}

export function createMachine(context: SimulationContext, description: MachineDescription): Machine {
  const { objects, members, origin } = context
  const { name, folder, host, pool, storage, network, cards = [{}] } = description
  const ref = { type: 'VirtualMachine', value: objects.nextMoid('vm') }
  // Includes the moid: names are not unique.
  const seed = `${context.seed}/${ref.value}/${name}`
  const random = createRandom(seed)
  const createdAt = origin - (description.ageDays ?? 30 + random.integer(600)) * dayMs
  const powerState = description.powerState ?? 'poweredOn'
  const directory = name.replace(/%2f|%5c|%25/gi, '_')
  const version = description.version ?? 'vmx-21'
  const hasTools = description.hasTools ?? true
  const toolsVersion = hasTools ? (description.toolsVersion ?? currentToolsVersion) : 0
  const disks = describeDisks(seed, description, directory, createdAt)
  const machine: Machine = {
    context,
    ref,
    seed,
    name,
    folder: folder.ref,
    vApp: pool.type === 'VirtualApp' ? pool.ref : undefined,
    host: host.ref,
    pool: description.template ? undefined : pool.ref,
    home: storage,
    directory,
    uuid: createUuid(random, '42'),
    instanceUuid: createUuid(random, '50'),
    createDate: new Date(createdAt),
    version,
    system: guestSystems[description.system],
    hasTools,
    toolsVersion,
    quiesceFault: description.quiesceFault,
    ipAddress: `10.${random.integer(200)}.${random.integer(250)}.${1 + random.integer(250)}`,
    template: description.template ?? false,
    isAccessible: description.isAccessible ?? true,
    disks,
    datastores: unique([storage.ref, ...disks.map((disk) => disk.storage.ref)]),
    settings: {
      cpus: description.cpus,
      coresPerSocket: 1,
      memoryMB: description.memoryMB,
      memoryHotAddEnabled: false,
      cpuHotAddEnabled: false,
      cpuHotRemoveEnabled: false,
      guest: guestSystems[description.system],
      alternateGuestName: '',
      firmware: hardwareNumber({ version }) < 13 ? 'bios' : 'efi',
      tools: {
        toolsVersion,
        afterPowerOn: true,
        afterResume: true,
        beforeGuestStandby: true,
        beforeGuestShutdown: true,
        toolsUpgradePolicy: 'manual',
        syncTimeWithHostAllowed: true,
        syncTimeWithHost: false,
      },
      flags: {
        disableAcceleration: false,
        enableLogging: true,
        snapshotDisabled: false,
        snapshotLocked: false,
        diskUuidEnabled: false,
      },
      bootOptions: {
        bootDelay: 0,
        enterBIOSSetup: false,
        efiSecureBootEnabled: false,
        bootRetryEnabled: false,
        bootRetryDelay: 10_000,
        bootOrder: [],
        networkBootProtocol: 'ipv4',
      },
      networkCards: cards.map((card, index) => createCard(seed, index, powerState, { network, ...card })),
      annotation: description.annotation ?? '',
      changeTrackingEnabled: description.changeTracking === 'active',
      options: new Map(),
      modified: new Date(createdAt),
      changeVersion: 1,
    },
    powerState,
    bootTime: powerState === 'poweredOn' ? new Date(origin - (1 + random.integer(25)) * dayMs) : undefined,
    suspendTime: powerState === 'suspended' ? new Date(origin - 3 * dayMs) : undefined,
    consolidationNeeded: false,
    rootSnapshots: [],
    currentSnapshot: undefined,
    lastSnapshotId: 0,
    hasInconsistentSnapshots: false,
    writtenUpTo: origin - (description.historyDays ?? 0) * dayMs,
    measuredAt: new Date(origin),
    derived: new Map(),
  }
  if (description.changeTracking === 'active') stun(machine)
  if (description.changeTracking === 'enabled')
    machine.settings = { ...machine.settings, changeTrackingEnabled: true }
  registerMachine(objects.add('VirtualMachine', ref.value, machineProperties(machine)), machine)
  if (!machine.vApp) members.add(folder.ref, 'childEntity', ref)
  members.add(host.ref, 'vm', ref)
  if (machine.pool) members.add(machine.pool, 'vm', ref)
  for (const location of [...machine.datastores, ...networksOf(machine)]) members.add(location, 'vm', ref)
  return machine
}

/** Removes a machine, its snapshots and its disks from the inventory. */
export function destroyMachine(machine: Machine): void {
  const { objects, members } = machine.context
  objects.remove(machine.ref)
  const visit = (snapshots: Machine['rootSnapshots']): void => {
    for (const { ref, children } of snapshots) {
      objects.remove(ref)
      visit(children)
    }
  }
  visit(machine.rootSnapshots)
  if (!machine.vApp) members.remove(machine.folder, 'childEntity', machine.ref)
  members.remove(machine.host, 'vm', machine.ref)
  if (machine.pool) members.remove(machine.pool, 'vm', machine.ref)
  for (const location of [...machine.datastores, ...networksOf(machine)])
    members.remove(location, 'vm', machine.ref)
}

function unique(references: readonly ManagedObjectReference[]): readonly ManagedObjectReference[] {
  return references.filter(
    ({ value }, index) => references.findIndex((each) => each.value === value) === index,
  )
}

function describeDisks(
  seed: string,
  description: MachineDescription,
  directory: string,
  createdAt: number,
): Disk[] {
  const units = new Map<number, number>()
  return description.disks.map((each, index) => {
    const bus = each.bus ?? 0
    const next = units.get(bus) ?? 0
    // Unit 7 is the controller itself.
    const unitNumber = next === 7 ? 8 : next
    units.set(bus, unitNumber + 1)
    const key = scsiDiskKey(bus, unitNumber)
    const storage = each.storage ?? description.storage
    const diskSeed = `${seed}/disk-${key}`
    return createDisk({
      seed: diskSeed,
      key,
      label: `Hard disk ${index + 1}`,
      controllerKey: scsiControllerKey(bus),
      unitNumber,
      capacity: each.capacity,
      uuid: createUuid(createRandom(diskSeed), '6000C29'),
      storage,
      fileName: `[${storage.name}] ${directory}/${directory}${index === 0 ? '' : `_${index}`}.vmdk`,
      thin: each.thin ?? true,
      mode: each.independent ? 'independent_persistent' : 'persistent',
      rawDevice: each.rawDevice,
      multiWriter: each.multiWriter ?? false,
      sharedBus: each.sharedBus ?? false,
      createdAt,
    })
  })
}
