// Capture: the snapshot that captureChanges holds, and for each of its disks what to copy.

import type { InventoryReader } from '../../planner/inventory-reader.ts'
import { type ManagedObject, readOr } from '../../planner/managed-object.ts'
import { PlanNode } from '../../planner/plan-node.ts'
import { planSelection } from '../../planner/selection.ts'
import type { ManagedObjectReference } from '../../soap/vim-types.ts'
import { builder } from '../builder.ts'
import { planEndPoint, planStartingPoint } from '../changed-areas/changed-area-fields.ts'
import type { Context } from '../context.ts'
import { noRequirements } from '../core/field-requirements.ts'
import { loadReference } from '../core/nodes/load-node.ts'
import { ApiError, notFoundError } from '../errors/api-error.ts'
import { ChangeTrackingReasonType } from '../virtual-machine/change-tracking/change-tracking.ts'
import {
  type ChangeTrackingReason,
  planTrackingReasons,
  trackingReasonsOf,
} from '../virtual-machine/change-tracking/reasons.ts'
import { backingOf, type Disk, diskOwnerNode, disksOf, frozenDisksOf } from '../virtual-machine/disks/disk.ts'
import { virtualMachineNode } from '../virtual-machine/disks/virtual-disk.ts'
import { type SnapshotNode, snapshotByRef, snapshotOf } from '../virtual-machine/snapshots/snapshot-tree.ts'
import { type CapturedDisk, capturedDisk } from './capture-basis.ts'
import { planCaptureHistory, readCaptureHistory } from './capture-history.ts'
import type { CaptureToken } from './capture-token.ts'
import { CapturedDiskType } from './captured-disk.ts'
import { markedMachine, planHeldCaptures } from './held-captures.ts'
import type { TakenCapture } from './take-capture.ts'

/** A capture, as a request reads it. */
export interface Capture extends TakenCapture {
  readonly vm: ManagedObjectReference
  /** When its snapshot was requested, by the clock of the vCenter, in ms since 1970. */
  readonly requestedAt: number
  readonly tokens: readonly CaptureToken[]
  /** A reader without data from before the capture. */
  readonly reader: InventoryReader
}

export const CaptureType = builder.objectRef<Capture>('Capture').implement({
  description:
    'A snapshot that is held for a backup. Copy what `disks` lists, store the tokens, and end the capture with releaseCapture.',
  fields: (t) => ({
    snapshot: t.field({
      ...noRequirements,
      type: 'Snapshot',
      nullable: false,
      description:
        'The snapshot. releaseCapture takes its id. Its `quiesced` reports whether the file systems of the guest were quiesced.',
      resolve: async ({ snapshot, reader }, _args, context, info) => {
        const found = await loadReference(snapshot, reader, context, info)
        if (found) return found as SnapshotNode
        throw notFoundError(`Snapshot ${snapshot.value}`)
      },
    }),
    leaseExpiresAt: t.field({
      type: 'DateTime',
      nullable: false,
      description:
        'When the gateway removes the snapshot if it was not released before, by the clock of the vCenter. A snapshot whose areas are being read stays until they have been read. Source: the description of the snapshot.',
      resolve: ({ marker }) => new Date(marker.expiresAt),
    }),
    disks: t.field({
      ...noRequirements,
      type: [CapturedDiskType],
      nullable: { list: false, items: false },
      description:
        'The disks that are in the capture, with what to copy of each. If tokens were given, one collector reads the history of tasks. Source: `config.hardware.device` of the snapshot.',
      resolve: async (capture, _args, context, info) => {
        const node = diskOwnerNode('VirtualMachineSnapshot')
        planCaptureHistory(planHeldCaptures(virtualMachineNode(node)))
        planEndPoint(node)
        planStartingPoint(node)
        planSelection(info, 'CapturedDisk', node, context)
        return capturedDisks(capture, node, context)
      },
    }),
    leftOut: t.field({
      ...noRequirements,
      type: [ChangeTrackingReasonType],
      nullable: { list: false, items: false },
      description:
        'The disks of the virtual machine that are not in the capture, and why: back them up in another way. Source: as `ChangeTracking.reasons`.',
      resolve: async ({ vm, snapshot, reader }, _args, context, info) => {
        const node = planTrackingReasons(new PlanNode('VirtualMachine'))
        planSelection(info, 'ChangeTrackingReason', node, context)
        const machine = await reader.object(vm, node)
        if (!machine) throw notFoundError(`VirtualMachine ${vm.value}`)
        return leftOutOf(machine, snapshot)
      },
    }),
  }),
})

async function capturedDisks(
  { snapshot: ref, task, requestedAt, tokens, reader }: Capture,
  node: PlanNode,
  context: Context,
): Promise<CapturedDisk[]> {
  const object = await reader.object(ref, node)
  const snapshot = object && snapshotOf(object as ManagedObject<'VirtualMachineSnapshot'>)
  if (!snapshot) throw notFoundError(`Snapshot ${ref.value}`)
  const vcenter = context.vcenters.of(reader)
  const machine = markedMachine(snapshot.vm, vcenter)
  const disks = frozenDisksOf(snapshot)
  if (!machine || !disks)
    throw new ApiError('VSPHERE_FAULT', `the configuration of ${ref.value} cannot be read`, {
      retryable: true,
      remedy: 'Check the privilege System.Read on the virtual machine.',
    })
  const history = await readCaptureHistory({ snapshot, task, requestedAt }, tokens, vcenter)
  return Promise.all(
    disks.filter(isTracked).map((disk) =>
      capturedDisk(
        disk,
        tokens.find(({ key }) => key === disk.device.key),
        machine,
        history,
        context,
      ),
    ),
  )
}

const isTracked = (disk: Disk): boolean => Boolean(backingOf(disk).changeId)

/** Returns a reason for each disk, now or in the snapshot, whose changes are not tracked in the snapshot. */
function leftOutOf(
  machine: ManagedObject<'VirtualMachine'>,
  ref: ManagedObjectReference,
): ChangeTrackingReason[] {
  const snapshot = snapshotByRef(machine, ref)
  const frozen = (snapshot && frozenDisksOf(snapshot)) ?? []
  const captured = new Set(frozen.filter(isTracked).map(({ device }) => device.key))
  const reasons = readOr(() => trackingReasonsOf(machine), []).filter(
    ({ disk }) => disk && !captured.has(disk.device.key),
  )
  const explained = new Set([...captured, ...reasons.map(({ disk }) => disk?.device.key)])
  const others = new Map(
    [...frozen, ...(disksOf(machine) ?? [])].map((disk) => [disk.device.key, disk] as const),
  )
  for (const [key, disk] of others)
    if (!explained.has(key))
      reasons.push({
        code: 'NOT_ACTIVATED',
        message: `${disk.device.deviceInfo?.label ?? `Disk ${key}`} was not tracked when the snapshot was taken.`,
        disk,
      })
  return reasons
}
