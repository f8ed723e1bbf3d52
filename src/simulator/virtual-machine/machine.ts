// State of a simulated virtual machine. properties.ts derives the managed object's properties from it; code
// that changes the state must call notifyChange() with the properties that changed.

import type { DataObject, ManagedObjectReference, PropertyName } from '../../soap/vim-types.ts'
import { type Disk, type DiskFile, markPoint, type Storage, startTracking } from '../disk/disk.ts'
import { guestWrites } from '../disk/guest.ts'
import type { Epoch } from '../disk/tracking.ts'
import type { SimulatedObject } from '../simulated-inventory.ts'
import type { SimulationContext } from '../simulation-context.ts'
import type { GuestSystem } from './guest-systems.ts'
import { isTrackingEnabled, type TrackingSettings } from './tracking.ts'

export type PowerState = 'poweredOn' | 'poweredOff' | 'suspended'

/** Settings that a snapshot captures and a revert restores. */
export interface MachineSettings extends TrackingSettings {
  readonly cpus: number
  readonly coresPerSocket: number
  readonly memoryMB: number
  readonly cpuAllocation: DataObject<'ResourceAllocationInfo'>
  readonly memoryAllocation: DataObject<'ResourceAllocationInfo'>
  readonly memoryHotAddEnabled: boolean
  readonly cpuHotAddEnabled: boolean
  readonly cpuHotRemoveEnabled: boolean
  /** The configured guest OS, which can differ from the installed one. */
  readonly guest: Pick<GuestSystem, 'id' | 'fullName'>
  readonly alternateGuestName: string
  readonly firmware: string
  readonly tools: DataObject<'ToolsConfigInfo'>
  readonly flags: DataObject<'VirtualMachineFlagInfo'>
  readonly bootOptions: DataObject<'VirtualMachineBootOptions'>
  /** The key that its files are encrypted with; undefined if they are not. */
  readonly keyId: DataObject<'CryptoKeyId'> | undefined
  /** Whether it has a virtual TPM. */
  readonly hasTpm: boolean
  readonly networkCards: readonly NetworkCard[]
  readonly annotation: string
  readonly modified: Date
  readonly changeVersion: number
}

/** A disk as captured by a snapshot. */
interface FrozenDisk {
  readonly disk: Disk
  head: DiskFile
  readonly epoch: Epoch | undefined
  /** The changeId number in the epoch; undefined if the disk was not tracked. */
  readonly number: number | undefined
}

export interface Snapshot {
  readonly ref: ManagedObjectReference
  name: string
  description: string
  /** Unique within its machine and never reused. */
  readonly id: number
  readonly createTime: Date
  /** The power state that a revert restores. */
  readonly state: PowerState
  readonly quiesced: boolean
  readonly memory: boolean
  readonly machineName: string
  readonly settings: MachineSettings
  readonly disks: readonly FrozenDisk[]
  parent: Snapshot | undefined
  children: Snapshot[]
}

/** Quiescing fails because a script in the guest failed, or because it timed out. */
export type QuiesceFault = 'ApplicationQuiesceFault' | 'FilesystemQuiesceFault'

/** A network that cards connect to. `port` is set for a portgroup of a distributed switch. */
export interface NetworkLocation {
  readonly ref: ManagedObjectReference
  readonly name: string
  readonly port: { readonly switchUuid: string; readonly portgroupKey: string } | undefined
  /** The id of an opaque network. */
  readonly opaqueNetworkId?: string
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

/** What the guest does at the request of VMware Tools. */
interface GuestTransition {
  readonly cancel: () => void
  /** Whether the guest does not run, between its shutdown and its next start. */
  readonly isDown: boolean
}

export interface Machine {
  readonly context: SimulationContext
  readonly ref: ManagedObjectReference
  readonly seed: string
  name: string
  /** The folder of the machine, or of its vApp. */
  readonly folder: ManagedObjectReference
  /** The vApp is also the machine's resource pool. */
  readonly vApp: ManagedObjectReference | undefined
  readonly host: ManagedObjectReference
  readonly pool: ManagedObjectReference | undefined
  readonly home: Storage
  /** Directory name; renaming the machine does not change it. */
  readonly directory: string
  readonly uuid: string
  readonly instanceUuid: string
  readonly createDate: Date
  /** The extension that manages it. */
  readonly managedBy: DataObject<'ManagedByInfo'> | undefined
  /** Such as `vmx-19`. */
  readonly version: string
  readonly system: GuestSystem
  readonly hasTools: boolean
  /** Version of VMware Tools, such as 12389 for 12.4.5; 0 without Tools. */
  readonly toolsVersion: number
  /** The fault that quiescing fails with, if it does. */
  readonly quiesceFault: QuiesceFault | undefined
  readonly ipAddress: string
  readonly template: boolean
  readonly isAccessible: boolean
  disks: readonly Disk[]
  /** Datastores that hold its files, each once. */
  readonly datastores: readonly ManagedObjectReference[]
  settings: MachineSettings
  powerState: PowerState
  bootTime: Date | undefined
  suspendTime: Date | undefined
  /** What it waits for an answer to. */
  question: DataObject<'VirtualMachineQuestionInfo'> | undefined
  /** A shutdown, restart or standby that the guest has begun. */
  guestTransition: GuestTransition | undefined
  /** Whether the guest never finishes a shutdown, restart or standby. */
  guestHangs: boolean
  consolidationNeeded: boolean
  rootSnapshots: Snapshot[]
  currentSnapshot: Snapshot | undefined
  lastSnapshotId: number
  /** Whether the snapshot files are inconsistent: no snapshot can be taken or reverted to. */
  hasInconsistentSnapshots: boolean
  /** Time up to which the guest's writes are recorded, in ms since 1970. */
  writtenUpTo: number
  /** Time of the last measurement of its statistics. */
  measuredAt: Date
  /** Cached derived properties; notifyChange() invalidates them. */
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

/** Returns the state behind a VirtualMachine. */
export function machineOf(object: SimulatedObject): Machine {
  const machine = machines.get(object)
  if (!machine) throw new TypeError(`${object.type} ${object.moid} was not created by populate()`)
  return machine
}

/** Returns the state behind a VirtualMachineSnapshot, and its machine. */
export function snapshotOf(object: SimulatedObject): { machine: Machine; snapshot: Snapshot } {
  const found = snapshots.get(object)
  if (!found) throw new TypeError(`${object.type} ${object.moid} was not created by takeSnapshot()`)
  return found
}

/** Returns a getter that derives a property once and caches it until notifyChange() invalidates it. */
export function derived<T>(machine: Machine, property: string, derive: (machine: Machine) => T): () => T {
  return () => {
    if (!machine.derived.has(property)) machine.derived.set(property, derive(machine))
    return machine.derived.get(property) as T
  }
}

/** Invalidates properties of the machine and emits their change events. */
export function notifyChange(
  machine: Machine,
  ...properties: readonly PropertyName<'VirtualMachine'>[]
): void {
  for (const property of properties) machine.derived.delete(property)
  const object = machine.context.objects.find(machine.ref)
  if (!object) return
  for (const property of properties) machine.context.objects.changed(object, property)
}

/** Records the guest's writes up to a time in the write history. */
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
 * Stuns the machine: it pauses and its disks are reopened, at power-on, resume and every snapshot operation.
 * Starts change tracking if it was enabled before, and gives this point a changeId number.
 */
export function stun(machine: Machine): void {
  for (const disk of machine.disks) {
    if (!disk.epoch && isTrackingEnabled(machine, disk)) startTracking(disk)
  }
  closeDisks(machine)
}

/** Closes the disks at power-off and suspend. Gives this point a changeId number, but does not start tracking. */
export function closeDisks(machine: Machine): void {
  for (const disk of machine.disks) markPoint(disk)
}
