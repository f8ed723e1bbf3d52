// TriggeredAlarm: an alarm that is triggered on an object. Its state is in a property of the object; name and description are in the
// definition of the alarm.

import { PlanNode } from '../../planner/plan-node.ts'
import { builder } from '../builder.ts'
import { noRequirements } from '../core/field-requirements.ts'
import { EntityStatus } from '../core/managed-entity.ts'
import { encodeId } from '../core/nodes/ids.ts'
import { loadManagedObjects } from '../core/nodes/load-node.ts'
import { type NodeKey, registerNode } from '../core/nodes/node-registry.ts'
import { required } from '../core/units.ts'
import { loadDefinition, loadEntity } from './alarm-details.ts'
import { alarmDefinitions, alarmEntities, alarmsOf, nameOf, TriggeredAlarm } from './alarm-model.ts'

declare module '../builder.ts' {
  interface ObjectTypes {
    TriggeredAlarm: TriggeredAlarm
  }
}

registerNode<TriggeredAlarm>({
  name: 'TriggeredAlarm',
  managedTypes: ['ManagedEntity'],
  isKey: (key): key is NodeKey => typeof key === 'string' && key !== '' && key.length <= 256,
  isTypeOf: (value) => value instanceof TriggeredAlarm,
  load: loadManagedObjects({
    planNode: (type) => new PlanNode(type, 'triggeredAlarmState'),
    toValue: (object, { key }) => alarmsOf(object).find(({ isOwn, state }) => isOwn && state.key === key),
  }),
})

builder.objectType('TriggeredAlarm', {
  description: 'An alarm that is triggered on an object. vim25: `AlarmState`, with `AlarmInfo` of its alarm.',
  interfaces: ['Node'],
  fields: (t) => ({
    id: t.id({
      ...noRequirements,
      nullable: false,
      description:
        'Global id, made from `AlarmState.key`. An alarm that is triggered on the same object again may have the same id.',
      resolve: (alarm, _args, { vcenters }) =>
        encodeId(vcenters.of(alarm), alarm.state.entity, {
          typeName: 'TriggeredAlarm',
          key: alarm.state.key,
        }),
    }),
    name: t.string({
      ...noRequirements,
      derives: {
        group: true,
        read: {
          plan: (position) => position.follow(alarmDefinitions).read('info.name'),
          value: ({ definition }: TriggeredAlarm) => nameOf(definition),
        },
      },
      nullable: false,
      description:
        'Name of the alarm, such as "Datastore usage on disk", or its moid if the definition cannot be read. One retrieval for the names of all alarms of a response. Source: `Alarm.info.name`.',
      resolve: async (alarm, _args, context) => nameOf(await loadDefinition(alarm, 'info.name', context)),
    }),
    description: t.string({
      ...noRequirements,
      derives: {
        only: 'filter',
        isUnknown: ({ definition }: TriggeredAlarm) => !definition.isLoaded,
        read: {
          plan: (position) => position.follow(alarmDefinitions).read('info.description'),
          value: ({ definition }: TriggeredAlarm) => definition.read('info.description'),
        },
      },
      description: 'Description of the alarm. Read together with the name. Source: `Alarm.info.description`.',
      resolve: async (alarm, _args, context) =>
        (await loadDefinition(alarm, 'info.description', context)).read('info.description'),
    }),
    status: t.field({
      ...noRequirements,
      type: EntityStatus.type,
      nullable: false,
      description: 'How serious it is: YELLOW for a warning, RED for an alert. Source: `overallStatus`.',
      resolve: ({ state }) =>
        required(EntityStatus.decode(state.overallStatus) ?? undefined, 'an alarm state without its status'),
    }),
    triggeredAt: t.field({
      ...noRequirements,
      type: 'DateTime',
      nullable: false,
      description: 'When it was triggered, or last changed its status. Source: `time`.',
      resolve: ({ state }) => required(state.time, 'an alarm state without its time'),
    }),
    entity: t.field({
      ...noRequirements,
      derives: {
        read: {
          plan: (position) => position.follow(alarmEntities),
          value: ({ entity }: TriggeredAlarm) => (entity.isMissing ? null : entity),
        },
      },
      type: 'ManagedEntity',
      description:
        'The object that it is triggered on. Null if it is not visible. One retrieval for the objects of all alarms of a response. Source: `entity`.',
      resolve: (alarm, _args, context, info) => loadEntity(alarm, context, info),
    }),
    acknowledged: t.boolean({
      ...noRequirements,
      nullable: false,
      description:
        'Whether a user has acknowledged it. It stays triggered, but its actions have stopped. False if vSphere reports nothing. Source: `acknowledged`.',
      resolve: ({ state }) => isAcknowledged(state),
    }),
    acknowledgedAt: t.field({
      ...noRequirements,
      type: 'DateTime',
      description: 'When it was acknowledged. Null while it is not acknowledged. Source: `acknowledgedTime`.',
      resolve: ({ state }) => (isAcknowledged(state) ? (state.acknowledgedTime ?? null) : null),
    }),
    acknowledgedBy: t.string({
      ...noRequirements,
      description:
        'The user who acknowledged it, such as `CORP\\ann`. Null while it is not acknowledged. Source: `acknowledgedByUser`.',
      resolve: ({ state }) => (isAcknowledged(state) ? state.acknowledgedByUser || null : null),
    }),
    vcenter: t.field({
      ...noRequirements,
      derives: { nothing: 'root fields take the names of vCenters as an argument' },
      type: 'VCenter',
      nullable: false,
      description: 'The vCenter that reported it.',
      resolve: (alarm, _args, { vcenters }) => vcenters.of(alarm),
    }),
  }),
})

const isAcknowledged = ({ acknowledged }: TriggeredAlarm['state']): boolean => acknowledged === true
