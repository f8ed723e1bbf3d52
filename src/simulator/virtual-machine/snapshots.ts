// Snapshot operations and their effect on the disk files. Faults and tasks are in methods.ts.

import { type Disk, type DiskFile, isInSnapshots, markPoint } from '../disk/disk.ts'
import type { Epoch } from '../disk/tracking.ts'
import type { SimulatorSettings } from '../simulation-context.ts'
import { frozenDisksOf, snapshotConfigOf } from './config.ts'
import { snapshotsOf } from './layout.ts'
import {
  announce,
  derived,
  type Machine,
  type PowerState,
  recordGuestWrites,
  registerSnapshot,
  type Snapshot,
  stun,
} from './machine.ts'
import { networksOf, plugIn } from './network-cards.ts'

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
  if (parent) announceSnapshot(machine, parent, 'childSnapshot')
  announce(machine, ...snapshotProperties)
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
  if (snapshot.parent) announceSnapshot(machine, snapshot.parent, 'childSnapshot')
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
  if (machine.rootSnapshots.length === 0) machine.snapshotsAreBroken = false
  if (consolidate) mergeFiles(machine)
  else
    machine.consolidationNeeded = [...everyDisk(machine)].some((disk) => mergeable(machine, disk).length > 0)
  for (const { ref } of removed) machine.context.objects.remove(ref)
  for (const remaining of snapshotsOf(machine)) announceSnapshot(machine, remaining, 'config')
  announce(machine, ...snapshotProperties)
}

/** Restores the disks and settings of a snapshot. Writes since then are discarded. */
export function revertToSnapshot(
  machine: Machine,
  snapshot: Snapshot,
  { powerOn, at }: { powerOn: boolean; at: Date },
): void {
  recordGuestWrites(machine, at)
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
  machine.settings = snapshot.settings
  plugIn(machine, networks)
  machine.currentSnapshot = snapshot
  machine.powerState = state
  machine.bootTime = state === 'poweredOn' ? at : undefined
  machine.suspendTime = state === 'suspended' ? snapshot.createTime : undefined
  machine.measuredAt = at
  stun(machine)
  for (const remaining of snapshotsOf(machine)) announceSnapshot(machine, remaining, 'config')
  announce(machine, ...snapshotProperties, 'guest', 'guestHeartbeatStatus', 'disabledMethod')
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
  announce(machine, 'snapshot')
}

/** Merges the files that no snapshot needs. */
export function consolidateDisks(machine: Machine, at: Date): void {
  recordGuestWrites(machine, at)
  machine.measuredAt = at
  mergeFiles(machine)
  for (const disk of machine.disks) markPoint(disk)
  for (const remaining of snapshotsOf(machine)) announceSnapshot(machine, remaining, 'config')
  announce(machine, 'config', 'layoutEx', 'storage', 'runtime', 'summary')
}

function announceSnapshot(machine: Machine, { ref }: Snapshot, property: 'config' | 'childSnapshot'): void {
  machine.derived.delete(`${ref.value}.${property}`)
  const object = machine.context.objects.find(ref)
  if (object) machine.context.objects.changed(object, property)
}

export const depthOf = (snapshot: Snapshot | undefined): number =>
  snapshot ? 1 + depthOf(snapshot.parent) : 0

const siblingsOf = (machine: Machine, { parent }: Snapshot): Snapshot[] =>
  parent?.children ?? machine.rootSnapshots

const subtreeOf = (snapshot: Snapshot): Snapshot[] => [snapshot, ...snapshot.children.flatMap(subtreeOf)]

function addDeltaFile(machine: Machine, disk: Disk, parent: DiskFile): void {
  const names = new Set(filesOf(machine, disk).map(({ name }) => name))
  const since = parent.until ?? disk.history.now
  parent.until = since
  let number = 1
  const named = (): string => disk.fileName.replace(/\.vmdk$/, `-${String(number).padStart(6, '0')}.vmdk`)
  while (names.has(named())) number += 1
  disk.head = { name: named(), parent, since, until: undefined }
}

/** Returns every file of a disk that the machine or one of its snapshots uses. */
function filesOf(machine: Machine, disk: Disk): DiskFile[] {
  const files = new Set<DiskFile>()
  const visit = (head: DiskFile | undefined): void => {
    for (let each = head; each && !files.has(each); each = each.parent) files.add(each)
  }
  for (const head of headsOf(machine, disk)) visit(head)
  return [...files]
}

/** Returns the last file of each chain of the machine and its snapshots. */
function headsOf(machine: Machine, disk: Disk): Set<DiskFile> {
  const frozen = snapshotsOf(machine).flatMap((each) => each.disks.filter((other) => other.disk === disk))
  const heads = new Set(frozen.map(({ head }) => head))
  return machine.disks.includes(disk) ? heads.add(disk.head) : heads
}

/** The machine's disks, and disks that only its snapshots have. */
const everyDisk = (machine: Machine): Set<Disk> =>
  new Set([...machine.disks, ...snapshotsOf(machine).flatMap((each) => each.disks.map(({ disk }) => disk))])

/** Returns files that end no chain and are the parent of exactly one file, each with that child. */
function mergeable(machine: Machine, disk: Disk): { file: DiskFile; child: DiskFile }[] {
  const files = filesOf(machine, disk)
  const heads = headsOf(machine, disk)
  return files.flatMap((file) => {
    if (heads.has(file)) return []
    const children = files.filter((each) => each.parent === file)
    return children.length === 1 && children[0] ? [{ file, child: children[0] }] : []
  })
}

function mergeFiles(machine: Machine): void {
  for (const disk of everyDisk(machine)) {
    for (let pair = mergeable(machine, disk)[0]; pair; pair = mergeable(machine, disk)[0]) {
      // The child's blocks are written into its parent file; the merged file keeps the parent's name.
      const { file, child } = pair
      child.name = file.name
      child.parent = file.parent
      child.since = file.since
      delete child.size
    }
  }
  machine.consolidationNeeded = false
}
