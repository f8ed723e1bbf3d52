// Finds the captures on a virtual machine by the markers of its snapshots, and the time by which their leases end.

import type { ManagedObject } from '../../planner/managed-object.ts'
import type { PlanNode } from '../../planner/plan-node.ts'
import type { RequestVCenter } from '../vcenters.ts'
import { type SnapshotNode, snapshotsOf } from '../virtual-machine/snapshots/snapshot-tree.ts'
import { type CaptureMarker, type MarkedMachine, markerIn } from './capture-marker.ts'

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

/**
 * Returns the captures on a virtual machine. A marker that is on two snapshots was copied: neither of them counts.
 * @throws VimFaultError if its snapshots cannot be read
 */
export function heldCaptures(
  machine: ManagedObject<'VirtualMachine'>,
  vcenter: RequestVCenter,
): HeldCapture[] {
  const marked = markedMachine(machine, vcenter)
  const all = snapshotsOf(machine).flatMap((snapshot) => {
    const marker = marked && markerIn(snapshot.tree.description, marked, vcenter.captures.signer)
    return marker ? [{ snapshot, marker }] : []
  })
  const isCopied = ({ marker }: HeldCapture) =>
    all.filter((each) => each.marker.nonce === marker.nonce).length > 1
  return all.filter((each) => !isCopied(each))
}

const serviceInstance = { type: 'ServiceInstance', value: 'ServiceInstance' }

/** Returns the time of the vCenter, in ms since 1970: leases end by it, so that all gateways agree. */
export async function timeOf({ session, callOptions }: RequestVCenter): Promise<number> {
  const time = await session.withLogin(
    (login) => login.call('CurrentTime', serviceInstance, {}, callOptions),
    callOptions,
  )
  return time.getTime()
}
