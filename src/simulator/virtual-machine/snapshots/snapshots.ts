// Snapshot operations. disk-files.ts has their effect on the disk files, methods.ts the faults and tasks.

import { isInSnapshots, markPoint } from '../../disk/disk.ts'
import type { Epoch } from '../../disk/tracking.ts'
import type { SimulatorSettings } from '../../simulation-context.ts'
import { frozenDisksOf, snapshotConfigOf } from '../config.ts'
import { snapshotsOf } from '../layout.ts'
import {
  derived,
  type Machine,
  notifyChange,
  type PowerState,
  recordGuestWrites,
  registerSnapshot,
  type Snapshot,
  stun,
} from '../machine.ts'
import { cardsAfter, networksOf, updateNetworkMembers } from '../network-cards.ts'
import { endGuestTransition } from '../power/power-state.ts'
import { addDeltaFile, hasMergeableFiles, mergeFiles } from './disk-files.ts'

export interface SnapshotRequest {
  readonly name: string
  readonly description: string
  readonly memory: boolean
  readonly quiesced: boolean
  readonly at: Date
}

/** Properties that every snapshot operation changes. */
const snapshotProperties = [
  'config',
  'layoutEx',
  'storage',
  'runtime',
  'summary',
  'snapshot',
  'rootSnapshot',
] as const

/** Takes a snapshot: freezes the current file of each disk and adds a delta file on top. */
export function takeSnapshot(
  machine: Machine,
  { name, description, memory, quiesced, at }: SnapshotRequest,
): Snapshot {
  const { objects } = machine.context
  recordGuestWrites(machine, at)
  stun(machine)
  machine.measuredAt = at
  machine.lastSnapshotId += 1
  const parent = machine.currentSnapshot
  const snapshot: Snapshot = {
    ref: { type: 'VirtualMachineSnapshot', value: objects.nextMoid('snapshot') },
    name,
    description,
    id: machine.lastSnapshotId,
    createTime: at,
    state: memory ? machine.powerState : machine.powerState === 'suspended' ? 'suspended' : 'poweredOff',
    quiesced,
    memory,
    machineName: machine.name,
    settings: machine.settings,
    disks: frozenDisksOf(machine).map((disk) => ({
      disk,
      head: disk.head,
      epoch: disk.epoch,
      number: disk.epoch?.points.length,
    })),
    parent,
    children: [],
  }
  for (const { disk } of snapshot.disks) addDeltaFile(machine, disk, disk.head)
  siblingsOf(machine, snapshot).push(snapshot)
  machine.currentSnapshot = snapshot
  const object = objects.add('VirtualMachineSnapshot', snapshot.ref.value, {
    value: [],
    availableField: [],
    config: derived(machine, `${snapshot.ref.value}.config`, () => snapshotConfigOf(machine, snapshot)),
    childSnapshot: derived(machine, `${snapshot.ref.value}.childSnapshot`, () =>
      snapshot.children.map(({ ref }) => ref),
    ),
    vm: machine.ref,
  })
  registerSnapshot(object, machine, snapshot)
  if (parent) notifySnapshotChange(machine, parent, 'childSnapshot')
  notifyChange(machine, ...snapshotProperties)
  return snapshot
}

/** Removes a snapshot, or the snapshot and all its descendants. Otherwise its children move up to its parent. */
export function removeSnapshots(
  machine: Machine,
  snapshot: Snapshot,
  { withChildren, consolidate, at }: { withChildren: boolean; consolidate: boolean; at: Date },
): Snapshot[] {
  recordGuestWrites(machine, at)
  const removed = withChildren ? subtreeOf(snapshot) : [snapshot]
  const siblings = siblingsOf(machine, snapshot)
  const successors = withChildren ? [] : snapshot.children
  siblings.splice(siblings.indexOf(snapshot), 1, ...successors)
  for (const successor of successors) successor.parent = snapshot.parent
  if (machine.currentSnapshot && removed.includes(machine.currentSnapshot))
    machine.currentSnapshot = snapshot.parent
  finishRemoval(machine, removed, consolidate, at)
  if (snapshot.parent) notifySnapshotChange(machine, snapshot.parent, 'childSnapshot')
  return removed
}

export function removeAllSnapshots(
  machine: Machine,
  { consolidate, at }: { consolidate: boolean; at: Date },
): void {
  recordGuestWrites(machine, at)
  const removed = snapshotsOf(machine)
  machine.rootSnapshots = []
  machine.currentSnapshot = undefined
  finishRemoval(machine, removed, consolidate, at)
}

function finishRemoval(machine: Machine, removed: readonly Snapshot[], consolidate: boolean, at: Date): void {
  stun(machine)
  machine.measuredAt = at
  if (machine.rootSnapshots.length === 0) machine.hasInconsistentSnapshots = false
  if (consolidate) mergeFiles(machine)
  else machine.consolidationNeeded = hasMergeableFiles(machine)
  for (const { ref } of removed) machine.context.objects.remove(ref)
  for (const remaining of snapshotsOf(machine)) notifySnapshotChange(machine, remaining, 'config')
  notifyChange(machine, ...snapshotProperties)
}

/** Restores the disks and settings of a snapshot. Writes since then are discarded. */
export function revertToSnapshot(
  machine: Machine,
  snapshot: Snapshot,
  { powerOn, at }: { powerOn: boolean; at: Date },
): void {
  recordGuestWrites(machine, at)
  endGuestTransition(machine)
  const state: PowerState = snapshot.state === 'poweredOn' && !powerOn ? 'poweredOff' : snapshot.state
  for (const frozen of snapshot.disks) {
    const { disk, head } = frozen
    disk.history.revertTo(head.until ?? disk.history.now)
    disk.head = head
    addDeltaFile(machine, disk, head)
    disk.epoch = epochAfterRevert(frozen, machine.context.settings)
  }
  const outside = machine.disks.filter((disk) => !isInSnapshots(disk))
  machine.disks = [...snapshot.disks.map(({ disk }) => disk), ...outside].toSorted((a, b) => a.key - b.key)
  const networks = networksOf(machine)
  // A snapshot without memory is taken of a running machine, and its machine is off after a revert.
  machine.settings = {
    ...snapshot.settings,
    networkCards: cardsAfter(snapshot.settings.networkCards, 'poweredOn', state),
  }
  updateNetworkMembers(machine, networks)
  machine.currentSnapshot = snapshot
  machine.powerState = state
  machine.bootTime = state === 'poweredOn' ? at : undefined
  machine.suspendTime = state === 'suspended' ? snapshot.createTime : undefined
  machine.measuredAt = at
  stun(machine)
  for (const remaining of snapshotsOf(machine)) notifySnapshotChange(machine, remaining, 'config')
  notifyChange(machine, ...snapshotProperties, 'guest', 'guestHeartbeatStatus', 'disabledMethod')
}

/** Returns the epoch in which tracking continues; undefined if a new one starts. */
function epochAfterRevert(
  { epoch, number }: Snapshot['disks'][number],
  { epochAfterRevert }: SimulatorSettings,
): Epoch | undefined {
  if (epochAfterRevert === 'new' || !epoch) return undefined
  return epochAfterRevert === 'recounted'
    ? { uuid: epoch.uuid, points: epoch.points.slice(0, number) }
    : epoch
}

export function renameSnapshot(
  machine: Machine,
  snapshot: Snapshot,
  { name, description }: { readonly name?: string | undefined; readonly description?: string | undefined },
): void {
  snapshot.name = name ?? snapshot.name
  snapshot.description = description ?? snapshot.description
  notifyChange(machine, 'snapshot')
}

/** Merges the files that no snapshot needs. */
export function consolidateDisks(machine: Machine, at: Date): void {
  recordGuestWrites(machine, at)
  machine.measuredAt = at
  mergeFiles(machine)
  for (const disk of machine.disks) markPoint(disk)
  for (const remaining of snapshotsOf(machine)) notifySnapshotChange(machine, remaining, 'config')
  notifyChange(machine, 'config', 'layoutEx', 'storage', 'runtime', 'summary')
}

function notifySnapshotChange(
  machine: Machine,
  { ref }: Snapshot,
  property: 'config' | 'childSnapshot',
): void {
  machine.derived.delete(`${ref.value}.${property}`)
  const object = machine.context.objects.find(ref)
  if (object) machine.context.objects.changed(object, property)
}

export const depthOf = (snapshot: Snapshot | undefined): number =>
  snapshot ? 1 + depthOf(snapshot.parent) : 0

const siblingsOf = (machine: Machine, { parent }: Snapshot): Snapshot[] =>
  parent?.children ?? machine.rootSnapshots

const subtreeOf = (snapshot: Snapshot): Snapshot[] => [snapshot, ...snapshot.children.flatMap(subtreeOf)]
