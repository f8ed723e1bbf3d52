// A simulated virtual machine's own state. Its managed object's properties are derived from here (properties.ts);
// whoever changes it says which of them read differently now.

import type { DataObject, ManagedObjectReference, PropertyName } from '../../soap/vim-types.ts'
import { type Disk, type DiskFile, markPoint, type Storage, startTracking } from '../disk/disk.ts'
import { guestWrites } from '../disk/guest.ts'
import type { Epoch } from '../disk/tracking.ts'
import type { SimulatedObject } from '../simulated-inventory.ts'
import type { SimulationContext } from '../simulation-context.ts'
import type { GuestSystem } from './guest-systems.ts'
import { isToBeTracked } from './tracking.ts'

export type PowerState = 'poweredOn' | 'poweredOff' | 'suspended'

/** What a snapshot freezes and a revert brings back. */
export interface MachineSettings {
  readonly cpus: number
  readonly coresPerSocket: number
  readonly memoryMB: number
  readonly memoryHotAddEnabled: boolean
  readonly cpuHotAddEnabled: boolean
  readonly cpuHotRemoveEnabled: boolean
  /** The guest that it is configured for, whatever runs in it. */
  readonly guest: Pick<GuestSystem, 'id' | 'fullName'>
  readonly alternateGuestName: string
  readonly firmware: string
  readonly tools: DataObject<'ToolsConfigInfo'>
  readonly flags: DataObject<'VirtualMachineFlagInfo'>
  readonly bootOptions: DataObject<'VirtualMachineBootOptions'>
  readonly networkCards: readonly NetworkCard[]
  readonly annotation: string
  /** `config.changeTrackingEnabled`; tracking.ts has what it means together with the keys in the options. */
  readonly changeTrackingEnabled: boolean
  /** The keys of the extra configuration that were set through it. */
  readonly options: ReadonlyMap<string, string>
  readonly modified: Date
  readonly changeVersion: number
}

/** A disk as of a snapshot. */
interface FrozenDisk {
  readonly disk: Disk
  head: DiskFile
  readonly epoch: Epoch | undefined
  /** Its number in the epoch; undefined if it was not tracked. */
  readonly number: number | undefined
}

export interface Snapshot {
  readonly ref: ManagedObjectReference
  name: string
  description: string
  /** Unique within its machine, never used again. */
  readonly id: number
  readonly createTime: Date
  /** What the machine goes back to. */
  readonly state: PowerState
  readonly quiesced: boolean
  readonly memory: boolean
  readonly machineName: string
  readonly settings: MachineSettings
  readonly disks: readonly FrozenDisk[]
  parent: Snapshot | undefined
  children: Snapshot[]
}

/** The guest's own script failed, or it was not done in time. */
export type QuiesceFault = 'ApplicationQuiesceFault' | 'FilesystemQuiesceFault'

/** A network that cards are plugged into; `switchUuid` if it is a portgroup of a distributed switch. */
export interface NetworkLocation {
  readonly ref: ManagedObjectReference
  readonly name: string
  readonly switchUuid: string | undefined
}

export interface NetworkCard {
  readonly key: number
  /** Such as `VirtualVmxnet3`. */
  readonly type: string
  readonly network: NetworkLocation
  readonly macAddress: string
  readonly addressType: string
  readonly wakeOnLanEnabled: boolean
  readonly startConnected: boolean
  readonly allowGuestControl: boolean
  readonly connected: boolean
}

export interface Machine {
  readonly context: SimulationContext
  readonly ref: ManagedObjectReference
  readonly seed: string
  name: string
  /** Where it is, or where its vApp is. */
  readonly folder: ManagedObjectReference
  /** Also its pool. */
  readonly vApp: ManagedObjectReference | undefined
  readonly host: ManagedObjectReference
  readonly pool: ManagedObjectReference | undefined
  readonly home: Storage
  /** The name of its directory: a machine that is renamed keeps it. */
  readonly directory: string
  readonly uuid: string
  readonly instanceUuid: string
  readonly createDate: Date
  /** Such as `vmx-19`. */
  readonly version: string
  readonly system: GuestSystem
  readonly hasTools: boolean
  /** Why its file systems cannot be brought to rest, if they cannot. */
  readonly quiesceFault: QuiesceFault | undefined
  readonly ipAddress: string
  readonly template: boolean
  readonly isAccessible: boolean
  disks: readonly Disk[]
  /** Where its files are, each once. */
  readonly datastores: readonly ManagedObjectReference[]
  settings: MachineSettings
  powerState: PowerState
  bootTime: Date | undefined
  suspendTime: Date | undefined
  consolidationNeeded: boolean
  rootSnapshots: Snapshot[]
  currentSnapshot: Snapshot | undefined
  lastSnapshotId: number
  /** Whether the files of its snapshots do not fit together: no other can be taken, and none reverted to. */
  snapshotsAreBroken: boolean
  /** Up to when its guest's writes are in the books, in milliseconds since 1970. */
  writtenUpTo: number
  /** When its statistics were taken last. */
  measuredAt: Date
  /** Properties as they were derived last; announce() drops them. */
  readonly derived: Map<string, unknown>
}

const machines = new WeakMap<SimulatedObject, Machine>()
const snapshots = new WeakMap<SimulatedObject, { machine: Machine; snapshot: Snapshot }>()

export function registerMachine(object: SimulatedObject, machine: Machine): void {
  machines.set(object, machine)
}

export function registerSnapshot(object: SimulatedObject, machine: Machine, snapshot: Snapshot): void {
  snapshots.set(object, { machine, snapshot })
}

/** The state behind a VirtualMachine. */
export function machineOf(object: SimulatedObject): Machine {
  const machine = machines.get(object)
  if (!machine) throw new TypeError(`${object.type} ${object.moid} is not a populated virtual machine`)
  return machine
}

/** The state behind a VirtualMachineSnapshot, and the machine that it is of. */
export function snapshotOf(object: SimulatedObject): { machine: Machine; snapshot: Snapshot } {
  const found = snapshots.get(object)
  if (!found) throw new TypeError(`${object.type} ${object.moid} is not a populated snapshot`)
  return found
}

/** A property that is derived once and then told until it is announced. */
export function derived<T>(machine: Machine, property: string, derive: (machine: Machine) => T): () => T {
  return () => {
    if (!machine.derived.has(property)) machine.derived.set(property, derive(machine))
    return machine.derived.get(property) as T
  }
}

/** Tells those who wait for updates which properties of the machine read differently now. */
export function announce(machine: Machine, ...properties: readonly PropertyName<'VirtualMachine'>[]): void {
  for (const property of properties) machine.derived.delete(property)
  const object = machine.context.objects.find(machine.ref)
  if (!object) return
  for (const property of properties) machine.context.objects.changed(object, property)
}

/** Writes into the books what the guest has written up to a moment. */
export function recordGuestWrites(machine: Machine, now: Date): void {
  const upTo = now.getTime()
  const after = machine.writtenUpTo
  machine.writtenUpTo = Math.max(after, upTo)
  if (machine.powerState !== 'poweredOn' || !machine.context.settings.guestsWrite || upTo <= after) return
  for (const disk of machine.disks) {
    const { origin } = machine.context
    for (const { offset, length, time } of guestWrites(disk.seed, disk.capacity, { after, upTo, origin })) {
      disk.history.record(offset, length, time)
    }
  }
}

/**
 * The moment at which a machine stands still and its disks are opened again: power on, resume, and whatever is done to its
 * snapshots. Tracking that was switched on begins now, and this point gets its number.
 */
export function stun(machine: Machine): void {
  for (const disk of machine.disks) {
    if (!disk.epoch && isToBeTracked(machine, disk)) startTracking(disk)
  }
  closeDisks(machine)
}

/** The moment at which a machine closes its disks: power off and suspend. It gets its number, and no tracking begins. */
export function closeDisks(machine: Machine): void {
  for (const disk of machine.disks) markPoint(disk)
}
