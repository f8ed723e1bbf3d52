// Attaches a tag to objects of one vCenter, or detaches it, in one call that is sent once. The response does not say which of the objects
// failed, and it can be lost: then the associations are read, and decide for each object.

import { readOr } from '../../../planner/managed-object.ts'
import { PlanNode } from '../../../planner/plan-node.ts'
import type { ManagedObjectReference } from '../../../soap/vim-types.ts'
import { TransportError } from '../../../transport/transport-error.ts'
import type { TagWithCategory } from '../../../vapi/tag-definitions.ts'
import type { AssociationAction, BatchResult } from '../../../vapi/tagging.ts'
import { VapiError } from '../../../vapi/vapi-error.ts'
import { poll } from '../../../vim25/tasks/task-recovery.ts'
import type { VCenterContext } from '../../context.ts'
import { ApiError } from '../../errors/api-error.ts'
import { type ClassifiedError, classifyError } from '../../errors/classify-error.ts'
import type { RequestVCenter } from '../../vcenters.ts'
import type { MutationCall } from '../mutation-record.ts'

interface Change {
  readonly action: AssociationAction
  readonly tag: TagWithCategory
  readonly refs: readonly ManagedObjectReference[]
}

/** The tag ids of the objects that exist and may be read, by moid. */
type Associations = ReadonlyMap<string, readonly string[]>

/** The result of the call, or why there is none. */
type Reply = { readonly result: BatchResult } | { readonly error: Error; readonly isLost: boolean }

/**
 * @returns the error of each object, in order; undefined for an object that has the requested state
 * @throws an error if nothing was sent
 */
export async function changeAssociations(
  change: Change,
  context: VCenterContext,
): Promise<readonly (ClassifiedError | undefined)[]> {
  const { action, tag, refs } = change
  const { vcenter, mutation, callOptions } = context
  callOptions.signal?.throwIfAborted()
  const method = action === 'attach' ? 'attach-tag-to-multiple-objects' : 'detach-tag-from-multiple-objects'
  const calls = refs.map((ref) => {
    const call = mutation?.recordCall(vcenter, method, ref)
    return call && Object.assign(call, { tag: `${tag.category.name}/${tag.name}` })
  })
  // Not aborted when the client disconnects: the audit still reports the outcome.
  return vcenter.backgroundJobs.run(async () => {
    const reply = await send(change, calls, context)
    if ('result' in reply && reply.result.isSuccess) return refs.map((_ref, index) => settle(calls[index]))
    if ('error' in reply && !reply.isLost) {
      const error = classifyError(reply.error)
      return refs.map((_ref, index) => settle(calls[index], error))
    }
    // Also above a limit of the operation: the client must learn what became of each object.
    const { vcenter: background } = context.forBackground()
    const associations = await readAfter(change, reply, background).catch(
      (failure: unknown) => failure as Error,
    )
    return refs.map((ref, index) => settle(calls[index], errorOf(ref, change, reply, associations)))
  })
}

async function send(
  { action, tag, refs }: Change,
  calls: readonly (MutationCall | undefined)[],
  { vcenter, callOptions }: VCenterContext,
): Promise<Reply> {
  let wasSent = false
  const onSent = (isSent: boolean) => {
    wasSent = isSent
    for (const call of calls) if (call) call.state = isSent ? 'sent' : 'rejected'
  }
  const { onCall, caller } = callOptions
  // Page orders of filters by tags end with it.
  vcenter.session.recordChange()
  try {
    return { result: await vcenter.tags.tagging.change(action, tag.id, refs, { onCall, caller }, onSent) }
  } catch (error) {
    // The failure of a login is not that of the call.
    if (!wasSent) throw error
    if (error instanceof VapiError) return { error, isLost: error.mayHaveBeenExecuted }
    if (error instanceof TransportError && error.mayHaveBeenSent) return { error, isLost: true }
    for (const call of calls) if (call) call.state = 'unsent'
    throw error
  } finally {
    vcenter.session.recordChange()
  }
}

/** Reads the associations; after a lost response repeatedly, until all objects have the requested state or the time is up. */
async function readAfter(change: Change, reply: Reply, vcenter: RequestVCenter): Promise<Associations> {
  const { onCall } = vcenter.callOptions
  const visible = await visibleOf(change.refs, vcenter)
  let last: Associations | undefined
  const delays = 'error' in reply ? vcenter.recovery.lostResponse : [0]
  await poll(delays, async () => {
    last = undefined
    const found = await vcenter.tags.tagging.tagsOn(visible, { onCall })
    const associations = new Map(visible.map(({ value }) => [value, found.get(value) ?? []]))
    last = associations
    return change.refs.every((ref) => isApplied(ref, change, associations)) || undefined
  })
  return last as Associations
}

/** Returns the objects that the account may read: it sees no tags on the others, which does not prove that they have none. */
async function visibleOf(
  refs: readonly ManagedObjectReference[],
  vcenter: RequestVCenter,
): Promise<readonly ManagedObjectReference[]> {
  const reader = vcenter.freshReader()
  // It needs System.Read, as the tags do; a name only System.View.
  const node = new PlanNode('ManagedEntity', 'overallStatus')
  const objects = await Promise.all(refs.map((ref) => reader.object(ref, node)))
  return refs.filter((_ref, index) => {
    const object = objects[index]
    return object?.isLoaded && readOr(() => [object.read('overallStatus')], undefined)
  })
}

const isApplied = (
  { value }: ManagedObjectReference,
  { action, tag }: Change,
  found: Associations,
): boolean => found.get(value)?.includes(tag.id) === (action === 'attach')

function errorOf(
  ref: ManagedObjectReference,
  change: Change,
  reply: Reply,
  associations: Associations | Error,
): ClassifiedError | undefined {
  const { action, tag } = change
  const isRead = !(associations instanceof Error)
  if (isRead && isApplied(ref, change, associations)) return undefined
  if ('error' in reply || !isRead) {
    const reason = 'error' in reply ? `: ${reply.error.message}` : ''
    return classifyError(
      new ApiError('OUTCOME_UNKNOWN', `it is unknown whether ${ref.value} was changed${reason}`, {
        remedy: 'Read the tags of the object before you retry. To attach or detach again does no harm.',
      }),
    )
  }
  const { messages } = reply.result
  const text = messages.map((each) => each.text || each.id).join(' ')
  const failed = `${tag.category.name}/${tag.name} was not ${action === 'attach' ? 'attached to' : 'detached from'} ${ref.value}`
  if (action === 'attach' && isCardinality(messages))
    return classifyError(
      new ApiError('CONFLICT', `${failed}, which has another tag of the category: ${text}`, {
        state: tag.category.cardinality,
        remedy: 'Detach the other tag first: an object can have one tag of this category.',
      }),
    )
  return classifyError(
    new ApiError('VSPHERE_FAULT', `${failed}${text ? `: ${text}` : ''}`, {
      remedy: 'The message of the vCenter gives the reason. The object may have been removed.',
    }),
  )
}

/** The message names no object, so it counts for all that were not changed. */
const isCardinality = (messages: BatchResult['messages']): boolean =>
  messages.length > 0 && messages.every(({ id }) => id.endsWith('cardinality.error'))

/** Records the outcome of one object. */
function settle(call: MutationCall | undefined, error?: ClassifiedError): ClassifiedError | undefined {
  if (call) call.state = !error ? 'done' : error.code === 'OUTCOME_UNKNOWN' ? 'sent' : 'rejected'
  return error
}
