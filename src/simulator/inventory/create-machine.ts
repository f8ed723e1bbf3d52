// Adds a virtual machine to the inventory, from a description of its relevant properties.

import type { ManagedObjectReference } from '../../soap/vim-types.ts'
import type { Storage } from '../disk/disk.ts'
import { createRandom, createUuid } from '../random.ts'
import type { SimulatedObject } from '../simulated-inventory.ts'
import type { SimulationContext } from '../simulation-context.ts'
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
import { createDisks, createKeyId, type DiskDescription } from './create-disks.ts'

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

interface AllocationDescription {
  readonly cpuReservationMhz?: number
  readonly cpuLimitMhz?: number
  readonly memoryReservationMB?: number
  readonly shares?: 'normal' | 'high'
}

export interface MachineDescription extends MachineLocation {
  readonly name: string
  readonly system: keyof typeof guestSystems
  readonly cpus: number
  /** @default 1 */
  readonly coresPerSocket?: number
  readonly memoryMB: number
  /** @default no reservation, no limit, and normal shares */
  readonly allocation?: AllocationDescription
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
  /** @default none */
  readonly managedBy?: Machine['managedBy']
  /** @default half of the machines that boot with UEFI */
  readonly secureBoot?: boolean
  /** Whether it has a virtual TPM, for which its files are encrypted. */
  readonly hasTpm?: boolean
  readonly isAccessible?: boolean
  /** Tracking `active` from the beginning, or `enabled` until the next stun activates it. @default off */
  readonly changeTracking?: 'off' | 'enabled' | 'active'
  /** `unknown` for a machine that is older than vCenter's record of it. */
  readonly ageDays?: number | 'unknown'
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
  const age = description.ageDays ?? 30 + random.integer(600)
  const createdAt = origin - (age === 'unknown' ? 3000 : age) * dayMs
  const powerState = description.powerState ?? 'poweredOn'
  const directory = name.replace(/%2f|%5c|%25/gi, '_')
  const version = description.version ?? 'vmx-21'
  const hasTools = description.hasTools ?? true
  const toolsVersion = hasTools ? (description.toolsVersion ?? currentToolsVersion) : 0
  const firmware = hardwareNumber({ version }) < 13 ? 'bios' : 'efi'
  const disks = createDisks(seed, description, directory, createdAt)
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
    createDate: new Date(age === 'unknown' ? 0 : createdAt),
    managedBy: description.managedBy,
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
      coresPerSocket: description.coresPerSocket ?? 1,
      memoryMB: description.memoryMB,
      ...allocationsOf(description),
      memoryHotAddEnabled: false,
      cpuHotAddEnabled: false,
      cpuHotRemoveEnabled: false,
      guest: guestSystems[description.system],
      alternateGuestName: '',
      firmware,
      keyId: description.hasTpm ? createKeyId(seed) : undefined,
      hasTpm: description.hasTpm ?? false,
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
        efiSecureBootEnabled:
          description.secureBoot ?? (firmware === 'efi' && createRandom(seed, 'secure boot').next() < 0.5),
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
    question: undefined,
    guestTransition: undefined,
    guestHangs: false,
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

/** Shares are per virtual CPU and per MB. */
function allocationsOf({
  cpus,
  memoryMB,
  allocation: { cpuReservationMhz = 0, cpuLimitMhz = -1, memoryReservationMB = 0, shares = 'normal' } = {},
}: MachineDescription): Pick<Machine['settings'], 'cpuAllocation' | 'memoryAllocation'> {
  const factor = shares === 'high' ? 2 : 1
  return {
    cpuAllocation: {
      reservation: cpuReservationMhz,
      expandableReservation: false,
      limit: cpuLimitMhz,
      shares: { shares: cpus * 1000 * factor, level: shares },
    },
    memoryAllocation: {
      reservation: memoryReservationMB,
      expandableReservation: false,
      limit: -1,
      shares: { shares: memoryMB * 10 * factor, level: shares },
    },
  }
}
