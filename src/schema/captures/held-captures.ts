// Finds the captures on a virtual machine by the markers of its snapshots, and the time by which their leases end.

import type { ManagedObject } from '../../planner/managed-object.ts'
import type { PlanNode } from '../../planner/plan-node.ts'
import { currentTime } from '../../vim25/session/repeat-once.ts'
import type { RequestVCenter } from '../vcenters.ts'
import { type SnapshotNode, snapshotsOf } from '../virtual-machine/snapshots/snapshot-tree.ts'
import { type CaptureMarker, type DescribedCapture, type MarkedMachine, markerIn } from './capture-marker.ts'

/** A snapshot of captureChanges. */
export interface HeldCapture {
  readonly snapshot: SnapshotNode
  readonly marker: CaptureMarker
}

/** Adds the requirements of heldCaptures to the plan node of a virtual machine. */
export const planHeldCaptures = <N extends PlanNode>(node: N): N =>
  node.read('snapshot', 'config.instanceUuid', 'summary.config.instanceUuid')

/** Returns what markers of a virtual machine are signed for; undefined if it cannot be read. */
export function markedMachine(
  machine: ManagedObject<'VirtualMachine'>,
  { session }: RequestVCenter,
): MarkedMachine | undefined {
  const identity = session.lastLogin?.identity
  const instanceUuid =
    machine.tryRead('config.instanceUuid') ?? machine.tryRead('summary.config.instanceUuid')
  return identity && instanceUuid ? { identity, instanceUuid } : undefined
}

/** The most ids of earlier snapshots in a marker, so that the description has a limited length. */
const maxEarlier = 100

/** Returns the ids for `CaptureMarker.earlier`, the highest first. Needs the path `snapshot`. */
export const earlierSnapshots = (machine: ManagedObject<'VirtualMachine'>): readonly number[] =>
  snapshotsOf(machine)
    .flatMap(({ tree }) => tree.id ?? [])
    .sort((one, other) => other - one)
    .slice(0, maxEarlier)

/** A snapshot whose description has the marker of a capture. */
interface MarkedSnapshot extends HeldCapture, DescribedCapture {}

/**
 * Returns the captures on a virtual machine. A marker that is on two snapshots was copied: neither of them counts. Nor does one whose
 * description was changed otherwise, which is how a user keeps its snapshot.
 * @throws VimFaultError if its snapshots cannot be read
 */
export const heldCaptures = (
  machine: ManagedObject<'VirtualMachine'>,
  vcenter: RequestVCenter,
): HeldCapture[] => {
  const all = markedSnapshots(machine, vcenter)
  return all.filter((each) => each.isUnchanged && !isCopied(each, all))
}

/** Returns the markers in descriptions that were changed. */
export const changedMarkers = (
  machine: ManagedObject<'VirtualMachine'>,
  vcenter: RequestVCenter,
): CaptureMarker[] =>
  markedSnapshots(machine, vcenter).flatMap(({ isUnchanged, marker }) => (isUnchanged ? [] : [marker]))

/** Returns the markers that are on two snapshots, so that it is not known which of them is the capture. */
export const copiedMarkers = (
  machine: ManagedObject<'VirtualMachine'>,
  vcenter: RequestVCenter,
): CaptureMarker[] => {
  const all = markedSnapshots(machine, vcenter)
  return all.filter((each) => isCopied(each, all)).map(({ marker }) => marker)
}

const isCopied = ({ marker: { nonce } }: HeldCapture, all: readonly HeldCapture[]): boolean =>
  all.filter(({ marker }) => marker.nonce === nonce).length > 1

function markedSnapshots(
  machine: ManagedObject<'VirtualMachine'>,
  vcenter: RequestVCenter,
): MarkedSnapshot[] {
  const marked = markedMachine(machine, vcenter)
  return snapshotsOf(machine).flatMap((snapshot) => {
    const { description, id } = snapshot.tree
    const described = marked && markerIn(description, marked, vcenter.captures.signer)
    const isEarlier = id !== undefined && described?.marker.earlier.includes(id)
    return described && !isEarlier ? [{ snapshot, ...described }] : []
  })
}

/** Returns the time of the vCenter, in ms since 1970: leases end by it, so that all gateways agree. */
export async function timeOf({ session, callOptions }: RequestVCenter): Promise<number> {
  const time = await currentTime(session, callOptions)
  return time.getTime()
}
