// The captureChanges mutation: takes a snapshot by CreateSnapshot_Task for a backup, once for each idempotency key, and returns for each
// disk what to copy.

import { createHash } from 'node:crypto'
import { withSignal, withTimeout } from '../../concurrency/timing.ts'
import type { InventoryReader } from '../../planner/inventory-reader.ts'
import { isXmlText } from '../../soap/xml/xml.ts'
import type { TaskInfo } from '../../vim25/tasks/task-watcher.ts'
import { TaskError } from '../../vim25/vim-fault-error.ts'
import type { Context, VCenterContext } from '../context.ts'
import type { LookupInput } from '../core/lookup.ts'
import { encodeId } from '../core/nodes/ids.ts'
import { ApiError, badInput } from '../errors/api-error.ts'
import { declareMutation } from '../mutations/declare-mutation.ts'
import { toVimSnapshotName } from '../mutations/snapshot-details.ts'
import { requireVirtualMachine, virtualMachineArgOptions } from '../mutations/targets.ts'
import { assertWaitSeconds, waitSecondsOptions } from '../mutations/task-mutation.ts'
import { awaitTask } from '../tasks/run-task.ts'
import { type Capture, CaptureType } from './capture.ts'
import { decodeTokens } from './capture-token.ts'
import { type CaptureAttempt, captureOnce } from './take-capture.ts'

interface CaptureChangesResult {
  readonly capture: Capture | null
  readonly task: TaskInfo | undefined
  readonly reader: InventoryReader
}

declareMutation('captureChanges', {
  description:
    'Begins a backup of a virtual machine: checks whether its changes can be captured, removes captures whose lease has ended, takes a snapshot, and returns for each disk what to copy and a token to store. Never enables change tracking, and takes at most one snapshot for each idempotencyKey. Fails with the code of the first blocker; extensions.blockers lists all of them. Needs the privileges VirtualMachine.State.CreateSnapshot, VirtualMachine.State.RemoveSnapshot and VirtualMachine.Provisioning.DiskRandomRead. Source: `CreateSnapshot_Task`.',
  input: {
    description: 'What to capture, and how long to hold it.',
    fields: (t) => ({
      virtualMachine: t.field(virtualMachineArgOptions),
      idempotencyKey: t.string({
        required: true,
        description:
          'A text of 1 to 128 characters, without control characters, that the client chooses, such as the id of a backup job. While its capture exists, a request with the same key and the same arguments returns it again. With other arguments, it fails with CONFLICT.',
      }),
      tokens: t.stringList({
        required: true,
        defaultValue: [],
        description:
          'The stored tokens of the disks, at most one of each disk, in any order. A disk without one is captured in full.',
      }),
      name: t.string({
        required: true,
        defaultValue: 'vsphere-graphql capture',
        description:
          'Display name of the snapshot. Need not be unique. The characters / \\ and % are escaped for vSphere.',
      }),
      quiesce: t.boolean({
        required: true,
        defaultValue: false,
        description:
          'Whether VMware Tools quiesces the file systems of the guest before the snapshot. Fails, or stalls the guest, if VMware Tools does not work properly.',
      }),
      leaseSeconds: t.int({
        required: true,
        defaultValue: 86_400,
        description:
          'How long the snapshot may stay, in seconds, 60 to 604,800 (a week). Then the gateway removes it. It counts from the request, by the clock of the vCenter.',
      }),
      waitSeconds: t.int({
        ...waitSecondsOptions,
        defaultValue: 60,
        description:
          'How long to wait for the snapshot, in seconds, 0 to 600. If it does not exist by then, `capture` is null, without an error, and the same request can be repeated.',
      }),
    }),
  },
  resolve: (input, context) => captureChanges(input, context),
  payload: {
    description: 'The capture, once its snapshot exists.',
    fields: (t) => ({
      capture: t.field({
        type: CaptureType,
        description:
          'The capture. Null until the snapshot exists: repeat the request with the same idempotencyKey.',
        resolve: ({ capture }) => capture,
      }),
      task: t.field({
        type: 'Task',
        description:
          'The task that takes the snapshot. Null if the capture existed already, and before the task was started. Source: `CreateSnapshot_Task`.',
        resolve: ({ task, reader }) => (task ? { ...task, source: reader.source } : null),
      }),
    }),
  },
})

interface CaptureChangesInput {
  readonly virtualMachine: LookupInput
  readonly idempotencyKey: string
  readonly tokens: readonly string[]
  readonly name: string
  readonly quiesce: boolean
  readonly leaseSeconds: number
  readonly waitSeconds: number
}

async function captureChanges(
  input: CaptureChangesInput,
  requestContext: Context,
): Promise<CaptureChangesResult> {
  const { idempotencyKey: key, quiesce, leaseSeconds, waitSeconds } = input
  assertWaitSeconds(waitSeconds)
  if (leaseSeconds < 60 || leaseSeconds > 604_800)
    throw badInput(
      `leaseSeconds is ${leaseSeconds}, but must be from 60 to 604,800`,
      'Pass the time after which an abandoned capture may be removed: longer than the backup takes.',
    )
  if (key === '' || key.length > 128 || !isXmlText(key) || /\p{Cc}/u.test(key))
    throw badInput(
      'idempotencyKey must have 1 to 128 characters, and no control characters',
      'Pass a new key, such as a random UUID, for each capture, and the same one to repeat the request.',
    )
  const name = toVimSnapshotName(input.name)
  const tokens = decodeTokens(input.tokens)
  const deadline = performance.now() + waitSeconds * 1_000
  const { ref: vm, context } = await requireVirtualMachine(input.virtualMachine, requestContext)
  const digest = digestOf([[...input.tokens].sort(), name, quiesce, leaseSeconds])
  const leaseMs = leaseSeconds * 1_000
  const attempt = captureOnce({ vm, key, digest, tokens, name, quiesce, leaseMs }, context)
  const taken = await untilTaken(attempt, deadline, context)
  const reader = context.vcenter.resetReader()
  if (taken)
    return {
      capture: { ...taken, requestedAt: taken.marker.expiresAt - leaseMs, vm, tokens, reader },
      task: taken.task,
      reader,
    }
  const { started } = attempt
  if (!started) return { capture: null, task: undefined, reader }
  const task = await awaitTask(started.task, 0, started.effectCheck, reader, context)
  if (task.error) throw new TaskError(started.task, task.error, task.descriptionId)
  return { capture: null, task, reader }
}

/** How long a request without a wait waits until the task was started. */
const startTimeoutMs = 5_000

/** Resolves to undefined if the deadline passes first. The attempt continues in any case. */
async function untilTaken(attempt: CaptureAttempt, deadline: number, context: VCenterContext) {
  const { signal } = context.callOptions
  const remainingMs = () => Math.max(0, deadline - performance.now())
  try {
    const started = Promise.race([attempt.onStart, attempt.done])
    await withTimeout(started, Math.max(startTimeoutMs, remainingMs()), signal)
    if (remainingMs() > 0) return await withTimeout(attempt.done, remainingMs(), signal)
    // The snapshot may have been found at once.
    return await withSignal(Promise.race([attempt.done, Promise.resolve(undefined)]), signal)
  } catch (error) {
    const { exceededError } = context.budget
    throw exceededError && error === exceededError ? continuesError(attempt, exceededError, context) : error
  }
}

/** The error for an operation that exceeded its limit. Its attempt continues. */
function continuesError(
  { request: { vm, key }, started }: CaptureAttempt,
  cause: Error,
  context: VCenterContext,
): ApiError {
  const task = started?.task
  return new ApiError(
    'OUTCOME_UNKNOWN',
    `${cause.message} while the capture ${JSON.stringify(key)} of ${vm.value} was being taken`,
    {
      ...(task && { task: { id: encodeId(context.vcenter, task), moid: task.value } }),
      remedy: 'The gateway continues. Repeat the request with the same idempotencyKey.',
    },
    { cause },
  )
}

const digestOf = (parts: readonly unknown[]): string =>
  createHash('sha256').update(JSON.stringify(parts)).digest('base64url')
