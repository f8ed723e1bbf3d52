// The subscription alarmChanges and the types of its events. alarm-change-stream.ts finds the changes.

import { builder } from '../builder.ts'
import { ChangeKind } from '../core/changes/change-kind.ts'
import { noRequirements } from '../core/field-requirements.ts'
import { encodeId } from '../core/nodes/ids.ts'
import { batchCost } from '../cost/cost-estimate.ts'
import { type AlarmChange, type AlarmChangeBatch, AlarmChangeStream } from './alarm-change-stream.ts'
import { alarms } from './alarm-connection.ts'

const AlarmChangeBatchType = builder.objectRef<AlarmChangeBatch>('AlarmChangeBatch').implement({
  extensions: { size: batchCost },
  description: 'Changes of alarms that are sent together.',
  fields: (t) => ({
    initial: t.exposeBoolean('initial', {
      nullable: false,
      description:
        'Whether the batch is part of the state at the start. The first batch that is not initial shows that the initial state is complete; it is sent at once, without changes.',
    }),
    changes: t.field({
      type: [AlarmChangeType],
      nullable: { list: false, items: false },
      description:
        'The changes, each alarm at most once. Empty if no alarm matches at the start, in the batch directly after the initial ones, and if only `coverage` has changed.',
      resolve: ({ changes }) => changes,
    }),
    coverage: t.field({
      extensions: { ...noRequirements.extensions, length: () => 1 },
      type: ['Coverage'],
      nullable: { list: false, items: false },
      description:
        'What is known of the alarms, by vCenter. When this changes, a batch without changes is sent. `isComplete` is false while the alarms cannot be read, and while the events about them cannot be followed, so that they are read only every 60 seconds. It is true again once all changes since then were found.',
      resolve: ({ coverage }) => [coverage],
    }),
  }),
})

const AlarmChangeType = builder.objectRef<AlarmChange>('AlarmChange').implement({
  description: 'A change of one alarm.',
  fields: (t) => ({
    kind: t.field({
      type: ChangeKind,
      nullable: false,
      description:
        'The kind of change. MODIFY if its status, its time or its acknowledgement has changed, whatever the selection.',
      resolve: ({ kind }) => kind,
    }),
    alarmId: t.id({
      nullable: false,
      description: 'Global id of the alarm, even if it is no longer triggered.',
      resolve: (change, _args, { vcenters }) =>
        encodeId(vcenters.of(change), change.entity, { typeName: 'TriggeredAlarm', key: change.key }),
    }),
    alarm: t.field({
      type: 'TriggeredAlarm',
      description: 'The alarm after the change. Null for LEAVE.',
      resolve: ({ alarm }) => alarm ?? null,
    }),
  }),
})

builder.subscriptionField('alarmChanges', (t) =>
  t.field({
    type: AlarmChangeBatchType,
    nullable: false,
    args: {
      filter: t.arg({ type: alarms.Filter, description: 'Follows only alarms that meet these conditions.' }),
    },
    description:
      'Sends all triggered alarms that match the filter in batches (`initial`), then each alarm that is triggered, changed, acknowledged or ends. vCenter sends no updates of alarms: the gateway reads all of them again after each event about an alarm, at most once a second, and every 60 seconds without one. If vCenter is unreachable at the start, the subscription fails with VCENTER_UNAVAILABLE. During a later outage `coverage` has the reason; afterwards it resumes with all changes since then.',
    subscribe: async (_root, { filter }, context) => {
      const vcenter = context.vcenters.only()
      await vcenter.session.ping(vcenter.callOptions)
      return new AlarmChangeStream(filter, vcenter, context).batches()
    },
    resolve: (batch) => batch,
  }),
)
