// The alarms of one simulated inventory: their definitions, and on which objects they are triggered. As in a vCenter, the state of a
// triggered alarm appears on its object and on each ancestor, under the same key.

import { isManagedSubtype } from '../../soap/type-registry.ts'
import type { DataObject, ManagedObjectReference, ManagedObjectType } from '../../soap/vim-types.ts'
import type { SimulatedInventory, SimulatedObject } from '../simulated-inventory.ts'
import { infoOf, recordAlarmEvent, rootFolder } from './alarm-events.ts'

export type AlarmState = DataObject<'AlarmState'>
type AlarmStatus = 'gray' | 'green' | 'yellow' | 'red'

export const alarmManager: ManagedObjectReference = { type: 'AlarmManager', value: 'AlarmManager' }

/** What an alarm watches. */
export interface AlarmDefinition {
  readonly name: string
  /** Name that does not depend on the language, such as `alarm.HostErrorAlarm`; only predefined alarms have one. */
  readonly systemName?: string
  readonly description: string
  /** The type of the objects that it can be triggered on. */
  readonly type: ManagedObjectType
  /** The object that it is defined on. @default the root folder */
  readonly entity?: ManagedObjectReference
}

interface Trigger {
  /** @default 'red' */
  readonly status?: AlarmStatus
  /** When it was triggered. @default now */
  readonly time?: Date
  /** The user who has acknowledged it. @default it is not acknowledged */
  readonly acknowledgedBy?: string
}

const ranks: readonly string[] = ['gray', 'green', 'yellow', 'red']

/** No state is triggered: one list for all objects, so that reads of it are recognized as unchanged. */
const none: readonly AlarmState[] = []

export class AlarmStore {
  readonly #objects: SimulatedInventory
  readonly #states = new Map<string, AlarmState>()
  /** By the moid of an object: the states of the object and of those below it. */
  #byObject = new Map<string, readonly AlarmState[]>()
  readonly #types = new Map<string, ManagedObjectType>()
  #lastNumber = 0

  constructor(objects: SimulatedInventory) {
    this.#objects = objects
    objects.on('removed', ({ ref }) => {
      const own = this.all.filter(({ entity, alarm }) => [entity.value, alarm.value].includes(ref.value))
      for (const { key } of own) this.#states.delete(key)
      if (own.length > 0) this.#index()
    })
  }

  /** All triggered alarms. */
  get all(): readonly AlarmState[] {
    return [...this.#states.values()]
  }

  /** Defines an alarm. */
  define({ name, systemName, description, type, entity = rootFolder }: AlarmDefinition): SimulatedObject {
    this.#lastNumber += 1
    const ref = { type: 'Alarm', value: `alarm-${this.#lastNumber}` }
    this.#types.set(ref.value, type)
    const expression: DataObject<'StateAlarmExpression'> = {
      _typeName: 'StateAlarmExpression',
      operator: 'isEqual',
      type,
      statePath: 'overallStatus',
      yellow: 'yellow',
      red: 'red',
    }
    const info: DataObject<'AlarmInfo'> = {
      name,
      ...(systemName !== undefined && { systemName }),
      description,
      enabled: true,
      expression: { _typeName: 'OrAlarmExpression', expression: [expression] } as never,
      setting: { toleranceRange: 0, reportingFrequency: 300 },
      key: '',
      alarm: ref,
      entity,
      lastModifiedTime: this.#objects.clock.now(),
      lastModifiedUser: '',
      creationEventId: 0,
    }
    return this.#objects.add('Alarm', ref.value, { value: [], availableField: [], info })
  }

  /** Returns the definition with a name or a system name. */
  alarm(name: string): SimulatedObject {
    for (const alarm of this.#objects.ofType('Alarm')) {
      const info = infoOf(alarm)
      if (info.name === name || info.systemName === name) return alarm
    }
    throw new TypeError(`there is no alarm ${name}`)
  }

  /** Triggers an alarm on an object, or changes its status. One that was triggered in the past leaves no event. */
  trigger(
    name: string,
    entity: ManagedObjectReference,
    { status = 'red', time, acknowledgedBy }: Trigger = {},
  ): AlarmState {
    const alarm = this.alarm(name).ref
    const key = `${numberOf(alarm)}.${numberOf(entity)}`
    const from = this.#states.get(key)?.overallStatus ?? 'green'
    const event = time
      ? undefined
      : recordAlarmEvent(
          this.#objects,
          'AlarmStatusChangedEvent',
          { alarm, entity },
          { from, to: status, userName: '' },
        )
    const state: AlarmState = {
      key,
      entity,
      alarm,
      overallStatus: status,
      time: time ?? this.#objects.clock.now(),
      acknowledged: acknowledgedBy !== undefined,
      ...(acknowledgedBy !== undefined && { acknowledgedByUser: acknowledgedBy, acknowledgedTime: time }),
      ...(event && { eventKey: event.key }),
    }
    this.#set(state)
    return state
  }

  /** Acknowledges a triggered alarm. Returns false if it is not triggered on the object. */
  acknowledge(alarm: ManagedObjectReference, entity: ManagedObjectReference, userName: string): boolean {
    const state = this.find(alarm, entity)
    if (!state) return false
    this.#set({
      ...state,
      acknowledged: true,
      acknowledgedByUser: userName,
      acknowledgedTime: this.#objects.clock.now(),
    })
    recordAlarmEvent(this.#objects, 'AlarmAcknowledgedEvent', state, { userName })
    return true
  }

  /** Ends a triggered alarm: the object has recovered. */
  recover({ key }: Pick<AlarmState, 'key'>): void {
    const state = this.#states.get(key)
    if (!state) return
    this.#states.delete(key)
    this.#index()
    recordAlarmEvent(this.#objects, 'AlarmStatusChangedEvent', state, {
      from: state.overallStatus,
      to: 'green',
      userName: '',
    })
  }

  /** Ends triggered alarms at the request of a user. */
  clear(states: readonly AlarmState[], userName: string): void {
    for (const { key } of states) this.#states.delete(key)
    this.#index()
    for (const state of states)
      recordAlarmEvent(this.#objects, 'AlarmClearedEvent', state, { from: state.overallStatus, userName })
  }

  find(alarm: ManagedObjectReference, entity: ManagedObjectReference): AlarmState | undefined {
    return this.all.find((each) => each.alarm.value === alarm.value && each.entity.value === entity.value)
  }

  /** Returns the alarms that are triggered on an object and on those below it. */
  triggeredOn({ moid }: Pick<SimulatedObject, 'moid'>): readonly AlarmState[] {
    return this.#byObject.get(moid) ?? none
  }

  /** Returns the state of each alarm that applies to an object, triggered or not. */
  declaredOn(object: SimulatedObject): AlarmState[] {
    return [...this.#objects.ofType('Alarm')]
      .filter(({ moid }) => isManagedSubtype(object.type, this.#types.get(moid) ?? ''))
      .map(
        (alarm) =>
          this.find(alarm.ref, object.ref) ?? {
            key: `${numberOf(alarm.ref)}.${numberOf(object.ref)}`,
            entity: object.ref,
            alarm: alarm.ref,
            overallStatus: 'green',
            time: infoOf(alarm).lastModifiedTime,
            acknowledged: false,
          },
      )
  }

  /** Returns the worst of a status and those of the alarms that are triggered on an object and below it. */
  worstOf(object: Pick<SimulatedObject, 'moid'>, status: string): string {
    return this.triggeredOn(object)
      .map(({ overallStatus }) => overallStatus)
      .reduce((worst, each) => (ranks.indexOf(each) > ranks.indexOf(worst) ? each : worst), status)
  }

  #set(state: AlarmState): void {
    this.#states.set(state.key, state)
    this.#index()
  }

  #index(): void {
    const index = new Map<string, AlarmState[]>()
    for (const state of this.#states.values())
      for (const object of withAncestors(this.#objects, state.entity)) {
        const states = index.get(object.moid)
        if (states) states.push(state)
        else index.set(object.moid, [state])
      }
    this.#byObject = index
  }
}

/** All types share one counter, so the number of a moid identifies the object. */
const numberOf = ({ value }: ManagedObjectReference): string => value.replace(/\D/g, '')

function* withAncestors(
  objects: SimulatedInventory,
  ref: ManagedObjectReference,
): Generator<SimulatedObject> {
  for (let object = objects.find(ref); object; ) {
    yield object
    const parent = (object.get('parent') ?? object.get('parentVApp')) as ManagedObjectReference | undefined
    object = parent && objects.find(parent)
  }
}

const stores = new WeakMap<SimulatedInventory, AlarmStore>()

/** Returns the alarms of an inventory. */
export function alarmsOf(objects: SimulatedInventory): AlarmStore {
  const store = stores.get(objects) ?? new AlarmStore(objects)
  stores.set(objects, store)
  return store
}
