// Rejects a captureChanges that cannot succeed, with everything that prevents it.

import type { ManagedObject } from '../../planner/managed-object.ts'
import { eligibilityOf } from '../changed-areas/eligibility.ts'
import type { VCenterContext } from '../context.ts'
import { nameAndMoid } from '../core/names.ts'
import { encodeId } from '../core/nodes/ids.ts'
import { ApiError, type ErrorCode } from '../errors/api-error.ts'
import { blockersOfMachine } from '../virtual-machine/change-tracking/blockers.ts'
import { type ReasonCodeName, remedyOf } from '../virtual-machine/change-tracking/reason-codes.ts'
import type { ChangeTrackingReason } from '../virtual-machine/change-tracking/reasons.ts'
import { diskId } from '../virtual-machine/disks/disk.ts'
import type { MarkedMachine } from './capture-marker.ts'
import { markedMachine } from './held-captures.ts'

/** The error codes of blockers. @default CONFLICT */
const errorCodeOf: Partial<Readonly<Record<ReasonCodeName, ErrorCode>>> = {
  HARDWARE_TOO_OLD: 'CBT_UNSUPPORTED',
  INDEPENDENT_DISK: 'CBT_UNSUPPORTED',
  PHYSICAL_RDM: 'CBT_UNSUPPORTED',
  SHARED_BUS: 'CBT_UNSUPPORTED',
  BACKING_UNSUPPORTED: 'CBT_UNSUPPORTED',
  NOT_ENABLED: 'CBT_NOT_ENABLED',
  NOT_ACTIVATED: 'CBT_NOT_ENABLED',
  MISSING_PRIVILEGE: 'FORBIDDEN',
}

/**
 * Checks whether a capture can be taken. Needs the paths of planEligibility, and `name`.
 * @throws ApiError with the code of the first blocker, and all of them in `blockers`
 */
export async function assertCanCapture(
  machine: ManagedObject<'VirtualMachine'>,
  context: VCenterContext,
): Promise<void> {
  const { isEligible, blockers } = await eligibilityOf(machine, 'CAPTURE', context)
  if (isEligible !== true) throw blockedError(machine, blockers, context)
}

/**
 * Returns what the marker of a capture is signed for. Needs the paths of planHeldCaptures too.
 * @throws ApiError with all blockers if the configuration cannot be read
 */
export async function requireMarkedMachine(
  machine: ManagedObject<'VirtualMachine'>,
  context: VCenterContext,
): Promise<MarkedMachine> {
  const marked = markedMachine(machine, context.vcenter)
  if (marked) return marked
  await assertCanCapture(machine, context)
  throw new ApiError('CONFLICT', `the instanceUuid of ${machine.ref.value} cannot be read`, {
    retryable: true,
    remedy: 'Check its connectionState, and the privilege System.Read.',
  })
}

function blockedError(
  machine: ManagedObject<'VirtualMachine'>,
  blockers: readonly ChangeTrackingReason[],
  context: VCenterContext,
): ApiError {
  // What concerns one disk only does not prevent a capture of the others.
  const forMachine = blockersOfMachine(blockers)
  const deciding = forMachine.length > 0 ? forMachine : blockers
  const [first] = deciding
  const subject = `the changes of ${nameAndMoid(machine)} cannot be captured`
  if (!first)
    return new ApiError('CBT_UNSUPPORTED', `${subject}: it has no disk`, {
      remedy: 'Capture virtual machines that have disks.',
      blockers: [],
    })
  const { privilege, task } = first
  return new ApiError(
    errorCodeOf[first.code] ?? 'CONFLICT',
    `${subject}: ${deciding.map(({ message }) => message).join(' ')}`,
    {
      // A task ends by itself.
      retryable: deciding.every(({ code }) => code === 'TASK_RUNNING'),
      remedy: [...new Set(deciding.map(({ code }) => remedyOf(code)))].join(' '),
      ...(privilege !== undefined && { privilege, object: `VirtualMachine ${machine.ref.value}` }),
      ...(task && { task: { id: encodeId(context.vcenter, task.task), moid: task.task.value } }),
      blockers: blockers.map(({ code, message, disk, privilege }) => ({
        code,
        message,
        remedy: remedyOf(code),
        ...(disk && { disk: diskId(context, disk) }),
        ...(privilege !== undefined && { privilege }),
      })),
    },
  )
}
