// The acknowledgeAlarm mutation, by AcknowledgeAlarm, which starts no task: the change is complete when vSphere responds.

import type { InventoryReader } from '../../planner/inventory-reader.ts'
import type { ManagedObject } from '../../planner/managed-object.ts'
import { PlanNode } from '../../planner/plan-node.ts'
import { VimFaultError } from '../../vim25/vim-fault-error.ts'
import { alarmDefinitions, alarmsOf, nameOf, type TriggeredAlarm } from '../alarms/alarm-model.ts'
import { inVCenter, type VCenterContext } from '../context.ts'
import { noRequirements } from '../core/field-requirements.ts'
import { displayName } from '../core/names.ts'
import { decodeIdAfterLogin } from '../core/nodes/ids.ts'
import type { DecodedId } from '../core/nodes/node-registry.ts'
import { ApiError, notFoundError } from '../errors/api-error.ts'
import type { Observation } from '../tasks/recover-task.ts'
import { declareMutation } from './declare-mutation.ts'
import { callDescribingConflict } from './send-change.ts'

/** The source of the payload. */
interface AcknowledgedAlarm {
  readonly id: DecodedId
  readonly reader: InventoryReader
}

declareMutation('acknowledgeAlarm', {
  description:
    'Acknowledges a triggered alarm: it stays triggered, but its actions stop until the object has recovered. Nothing is sent if it is acknowledged already. Completes without a task. NOT_FOUND if the alarm is no longer triggered, and NOT_SUPPORTED on an ESXi host, which has no alarms. Needs the privileges Alarm.Acknowledge on the alarm, thus on the object that it is defined on, usually the root folder, and System.Read on the object. Source: `AcknowledgeAlarm`.',
  input: {
    description: 'The triggered alarm to acknowledge.',
    fields: (t) => ({
      alarm: t.id({ required: true, description: 'Global id of the triggered alarm.' }),
    }),
  },
  resolve: async ({ alarm }, requestContext): Promise<AcknowledgedAlarm> => {
    const id = await decodeIdAfterLogin(requestContext, alarm, ['TriggeredAlarm'])
    const context = inVCenter(requestContext, id.vcenter)
    const { content } = await context.vcenter.session.ensureLogin(context.callOptions)
    if (!content.alarmManager)
      throw new ApiError('NOT_SUPPORTED', 'this server has no alarms', {
        remedy: 'An ESXi host has none. Use the gateway of the vCenter that manages it.',
      })
    const found = await findAlarm(id, context)
    if (!found) throw notTriggeredError(id)
    const { state } = found
    context.mutation?.setSubject({ ref: state.entity, name: displayName(found.owner) })
    if (context.mutation) context.mutation.alarm = { ref: state.alarm, name: nameOf(found.definition) }
    if (state.acknowledged !== true)
      await callDescribingConflict(
        'AcknowledgeAlarm',
        content.alarmManager,
        { alarm: state.alarm, entity: state.entity },
        () => verifyAcknowledged(id, context),
        context,
        state.entity,
      ).catch((error) => {
        // vSphere has no other fault for an alarm that is not triggered on the object.
        const isNotTriggered = error instanceof VimFaultError && error.is('InvalidArgument')
        throw isNotTriggered ? notTriggeredError(id, error) : error
      })
    return { id, reader: context.vcenter.resetReader() }
  },
  payload: {
    description: 'The alarm after the change.',
    fields: (t) => ({
      alarm: t.field({
        ...noRequirements,
        type: 'TriggeredAlarm',
        description: 'The alarm, read after the change. Null if it is no longer triggered.',
        resolve: async ({ id, reader }, _args, context, info) => {
          const [alarm] = await id.nodeType.load([id], context, info, reader)
          if (alarm instanceof Error) throw alarm
          return (alarm as TriggeredAlarm | undefined) ?? null
        },
      }),
    }),
  },
})

/** Reads a triggered alarm; not with the request's own reader, whose data may be from before the change. */
async function findAlarm(
  { ref, key }: DecodedId,
  { vcenter }: VCenterContext,
): Promise<TriggeredAlarm | undefined> {
  const node = new PlanNode('ManagedEntity', 'name', 'triggeredAlarmState')
  node.follow(alarmDefinitions).read('info.name')
  const object: ManagedObject | undefined = await vcenter.freshReader().object(ref, node)
  if (!object) throw notFoundError(`${ref.type} ${ref.value}`)
  return alarmsOf(object).find(({ isOwn, state }) => isOwn && state.key === key)
}

/** AcknowledgeAlarm, which starts no task: applied once the state says so. An alarm that has recovered since shows nothing. */
async function verifyAcknowledged(id: DecodedId, context: VCenterContext): Promise<Observation> {
  const found = await findAlarm(id, context)
  const subject = `the alarm ${id.key} of ${id.ref.value}`
  if (!found) return { applied: undefined, description: `${subject} is no longer triggered` }
  const applied = found.state.acknowledged === true
  return { applied, description: `${subject} is ${applied ? '' : 'not '}acknowledged` }
}

const notTriggeredError = ({ ref, key }: DecodedId, cause?: VimFaultError): ApiError =>
  new ApiError(
    'NOT_FOUND',
    `the alarm ${key} is not triggered on ${ref.type} ${ref.value}`,
    {
      ...(cause && { fault: cause.faultName }),
      remedy: 'It may have recovered. triggeredAlarms lists the alarms that are triggered now.',
    },
    { cause },
  )
