// AlarmManager: the alarms and their states, and what users do with those that are triggered.

import { infoOf } from '../alarms/alarm-events.ts'
import { type AlarmState, alarmsOf } from '../alarms/alarm-store.ts'
import { findOrFault, invalidArgument, type ServiceMethodTable } from './service-method.ts'

const entityTypes: Readonly<Record<string, string | undefined>> = {
  entityTypeAll: undefined,
  entityTypeHost: 'HostSystem',
  entityTypeVm: 'VirtualMachine',
}

const triggerTypes: readonly string[] = ['triggerTypeAll', 'triggerTypeEvent', 'triggerTypeMetric']

export const alarmManagerMethods: ServiceMethodTable = {
  GetAlarm({ objects, find, args: { entity } }) {
    if (entity) findOrFault({ find }, entity)
    return [...objects.ofType('Alarm')]
      .filter((alarm) => {
        const definedOn = infoOf(alarm).entity
        return entity ? definedOn.value === entity.value : find(definedOn) !== undefined
      })
      .map(({ ref }) => ref)
  },

  GetAlarmState: ({ objects, find, args: { entity } }) =>
    alarmsOf(objects).declaredOn(findOrFault({ find }, entity)),

  AcknowledgeAlarm({ objects, find, session, args: { alarm, entity } }) {
    const refs = [findOrFault({ find }, alarm).ref, findOrFault({ find }, entity).ref] as const
    if (!alarmsOf(objects).acknowledge(...refs, session.userName)) throw invalidArgument('alarm')
  },

  ClearTriggeredAlarms({ objects, session, args: { filter } }) {
    const { status = [], typeEntity = 'entityTypeAll', typeTrigger = 'triggerTypeAll' } = filter
    if (!Object.hasOwn(entityTypes, typeEntity)) throw invalidArgument('filter.typeEntity')
    if (!triggerTypes.includes(typeTrigger)) throw invalidArgument('filter.typeTrigger')
    // The alarms watch states and no metrics, which count as events.
    if (typeTrigger === 'triggerTypeMetric') return
    const type = entityTypes[typeEntity]
    const matches = ({ overallStatus, entity }: AlarmState) =>
      (status.length === 0 || status.includes(overallStatus)) && (type === undefined || entity.type === type)
    const alarms = alarmsOf(objects)
    alarms.clear(alarms.all.filter(matches), session.userName)
  },
}
