// The backing model of triggered alarms: the states that vSphere reports of an object and of those below it, and the edges to the
// definitions of the alarms and to the objects that they are triggered on.

import type { ManagedObject } from '../../planner/managed-object.ts'
import { nestedReferences } from '../../planner/nested-edges.ts'
import type { DataObject } from '../../soap/vim-types.ts'
import { required } from '../core/units.ts'

type AlarmState = DataObject<'AlarmState'>

/** An alarm that is triggered on an object. */
export class TriggeredAlarm {
  /** The object whose property it was read from: the one that it is triggered on, or one above. */
  readonly owner: ManagedObject
  readonly state: AlarmState

  constructor(owner: ManagedObject, state: AlarmState) {
    required(state.key && state.entity && state.alarm, 'an alarm state without its key, alarm or object')
    this.owner = owner
    this.state = state
  }

  /** The inventory source that it was read from. */
  get source(): object {
    return this.owner.source
  }

  /** The definition of the alarm, as the reader of this state has read it. */
  get definition(): ManagedObject<'Alarm'> {
    return this.owner.objectCache.get(this.state.alarm)
  }

  /** The object that it is triggered on, as the reader of this state has read it. */
  get entity(): ManagedObject<'ManagedEntity'> {
    return this.owner.objectCache.get(this.state.entity)
  }

  /** Whether it is triggered on the object that it was read from, and not on one below it. */
  get isOwn(): boolean {
    return this.state.entity.value === this.owner.ref.value
  }
}

/** Converted once for each list that was read. */
const converted = new WeakMap<
  ManagedObject,
  { readonly states: readonly AlarmState[]; readonly alarms: readonly TriggeredAlarm[] }
>()

const noStates: readonly AlarmState[] = []

/**
 * Returns the alarms that are triggered on an object and on those below it; none on an ESXi host, which does not report any. Needs the
 * path `triggeredAlarmState`.
 *
 * @throws VimFaultError or SoapError if they may not be read
 */
export function alarmsOf(object: ManagedObject): readonly TriggeredAlarm[] {
  const states = (object as ManagedObject<'ManagedEntity'>).read('triggeredAlarmState') ?? noStates
  const known = converted.get(object)
  if (known?.states === states) return known.alarms
  const byKey = new Map(states.map((state) => [state.key, state]))
  const alarms = [...byKey.values()].map((state) => new TriggeredAlarm(object, state))
  converted.set(object, { states, alarms })
  return alarms
}

const nested = ['ManagedEntity', 'triggeredAlarmState'] as const

/** From an object to the definitions of the alarms that are triggered on it and below it. */
export const alarmDefinitions = nestedReferences(...nested, 'Alarm', 'alarm', (object) =>
  alarmsOf(object).map(({ state }) => state.alarm),
)

/** From an object to the objects that these alarms are triggered on. */
export const alarmEntities = nestedReferences(...nested, 'ManagedEntity', 'entity', (object) =>
  alarmsOf(object).map(({ state }) => state.entity),
)

/** Returns the name of an alarm; its moid if the definition may not be read. */
export const nameOf = (definition: ManagedObject<'Alarm'>): string =>
  definition.tryRead('info.name') ?? definition.ref.value
