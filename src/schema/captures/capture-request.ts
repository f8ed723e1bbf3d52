// A request for a capture: what it compares with captures that exist, how its snapshot is recognized if the response of the call is
// lost, and the errors while its outcome is not known.

import { isReference } from '../../soap/codec.ts'
import type { ManagedObjectReference } from '../../soap/vim-types.ts'
import { provesNotExecuted } from '../../vim25/session/fault-evidence.ts'
import { TaskError } from '../../vim25/vim-fault-error.ts'
import type { VCenterContext } from '../context.ts'
import { encodeId } from '../core/nodes/ids.ts'
import { ApiError } from '../errors/api-error.ts'
import { classifyError } from '../errors/classify-error.ts'
import type { EffectCheck } from '../tasks/recover-task.ts'
import type { CaptureMarker } from './capture-marker.ts'
import { loadHeldCaptures } from './capture-removal.ts'
import type { CaptureToken } from './capture-token.ts'

/** A request for a capture. */
export interface CaptureRequest {
  readonly vm: ManagedObjectReference
  readonly key: string
  /** Digest of the other arguments. */
  readonly digest: string
  readonly tokens: readonly CaptureToken[]
  /** The name of the snapshot, as vSphere stores it. */
  readonly name: string
  readonly quiesce: boolean
  readonly leaseMs: number
}

/** @throws ApiError CONFLICT if the key was used with other arguments */
export function assertSameArguments({ digest }: { readonly digest: string }, request: CaptureRequest): void {
  if (digest === request.digest) return
  throw new ApiError(
    'CONFLICT',
    `the idempotencyKey ${JSON.stringify(request.key)} belongs to a capture with other arguments`,
    {
      state: 'otherArguments',
      remedy:
        'Repeat a request with the same tokens, name, quiesce and leaseSeconds, or choose another idempotencyKey.',
    },
  )
}

/** Applied if the snapshot that the task returned has the marker. */
export const verifyCapture = (
  vm: ManagedObjectReference,
  { nonce }: CaptureMarker,
  context: VCenterContext,
): EffectCheck => ({
  observe: async ({ task }) => {
    const held = (await loadHeldCaptures(vm, context)).find(({ marker }) => marker.nonce === nonce)
    const taken = held?.snapshot.tree.snapshot
    const description = `${vm.value} has ${taken ? `${taken.value} for` : 'no snapshot of'} this capture`
    const result = task?.result
    if (!isReference(result)) return { description, applied: undefined }
    return { description, applied: taken && taken.value === result.value }
  },
})

/** Whether the snapshot may exist, or may still be taken. An internal error proves nothing, so it counts too. */
export function mayHaveBeenTaken(error: unknown): boolean {
  // If the vCenter reports a failure because the host was slow, the host may still take the snapshot.
  if (error instanceof TaskError) return !provesNotExecuted(error, 'task')
  const { code, message } = classifyError(error)
  return code === 'OUTCOME_UNKNOWN' || message === undefined
}

const repeatRemedy =
  'Repeat the request with the same idempotencyKey later: it returns the capture if the snapshot exists, and never takes a second one.'

export function mayBeTakenError(
  { vm, key }: CaptureRequest,
  error: unknown,
  context: VCenterContext,
): ApiError {
  const { message, taskRef, code: _, ...details } = classifyError(error)
  return new ApiError(
    'OUTCOME_UNKNOWN',
    `the snapshot of the capture ${JSON.stringify(key)} of ${vm.value} may have been taken: ${message ?? 'the gateway failed with an internal error'}`,
    {
      ...(taskRef && { task: { id: encodeId(context.vcenter, taskRef), moid: taskRef.value } }),
      ...details,
      retryable: false,
      remedy: repeatRemedy,
    },
    { cause: error },
  )
}

export const copiedError = ({ vm, key }: CaptureRequest): ApiError =>
  new ApiError(
    'CONFLICT',
    `two snapshots of ${vm.value} have the description of the capture ${JSON.stringify(key)}, so that it is not known which one is the capture`,
    {
      state: 'markerCopied',
      remedy: 'Change the description of the copy, or choose another idempotencyKey.',
    },
  )

export const changedError = ({ vm, key }: CaptureRequest): ApiError =>
  new ApiError(
    'CONFLICT',
    `the description of the capture ${JSON.stringify(key)} of ${vm.value} was changed, so that its snapshot no longer belongs to the gateway`,
    {
      state: 'descriptionChanged',
      remedy:
        'Choose another idempotencyKey. Remove the snapshot with removeSnapshot when it is no longer needed.',
    },
  )

export const mayStillBeTakenError = ({ vm, key }: CaptureRequest): ApiError =>
  new ApiError(
    'CONFLICT',
    `an earlier request for the capture ${JSON.stringify(key)} of ${vm.value} has an unknown outcome, and its snapshot has not appeared yet`,
    { state: 'outcomeUnknown', retryable: true, remedy: repeatRemedy },
  )
