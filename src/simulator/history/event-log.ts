// The events of one simulated vCenter. Code that changes the inventory records them with `recordEvent`; collectors and the event
// manager read them.

import { isSubtype } from '../../soap/type-registry.ts'
import type { DataObject, ManagedObjectReference } from '../../soap/vim-types.ts'
import type { SimulatedInventory } from '../simulated-inventory.ts'
import { argumentsOf, type EventArguments, entityOf, locationOf } from './event-arguments.ts'
import { eventDescription, formatMessage } from './event-classes.ts'

export const eventManager: ManagedObjectReference = { type: 'EventManager', value: 'EventManager' }

/** How many collectors of one kind a session can have, as in a vCenter. */
export const maxCollectors = 32

/** An event to record. The key, the time, the message and the objects that contain its object are added. */
export interface EventSpec extends EventArguments {
  /** Such as `VmPoweredOffEvent`. */
  readonly _typeName: string
  /** @default the user of the task that runs; otherwise '', the system */
  readonly userName?: string | undefined
  /** @default the chain of the task that runs; otherwise a new chain, which has the key of the event */
  readonly chainId?: number
  /** @default the current time */
  readonly createdTime?: Date
  /** @default the message of the class, with the values of the event */
  readonly fullFormattedMessage?: string
  /** Fields of the class. */
  readonly [field: string]: unknown
}

export type SimulatedEvent = DataObject<'Event'> & { readonly _typeName: string }

export interface LoggedEvent {
  readonly event: SimulatedEvent
  /** The most specific object that the event is about. */
  readonly entity: ManagedObjectReference | undefined
  /** The moids of the objects that contained it at that time. */
  readonly containers: ReadonlySet<string>
}

interface EventLogSettings {
  /** Events are kept for this time. @default 30 days */
  maxAgeMs: number
  /** @default 200,000 */
  maxEvents: number
}

/** Who causes the events that code records while it runs. */
export interface EventCause {
  readonly userName: string | undefined
  readonly chainId?: number | undefined
}

const dayMs = 24 * 60 * 60 * 1000

class EventLog {
  readonly settings: EventLogSettings = { maxAgeMs: 30 * dayMs, maxEvents: 200_000 }
  readonly #objects: SimulatedInventory
  readonly #listeners = new Set<(logged: LoggedEvent) => void>()
  #events: LoggedEvent[] = []
  #lastKey = 0
  #cause: EventCause | undefined
  /** Most events have the same few locations. */
  readonly #locations = new Map<string, ReadonlySet<string>>()

  constructor(objects: SimulatedInventory) {
    this.#objects = objects
  }

  /** The key of the next event. */
  get nextKey(): number {
    return this.#lastKey + 1
  }

  /** All events that are kept, the oldest first. */
  get events(): readonly LoggedEvent[] {
    this.#purge()
    return this.#events
  }

  record({ userName, chainId, createdTime, fullFormattedMessage, ...spec }: EventSpec): SimulatedEvent {
    this.#lastKey += 1
    const key = this.#lastKey
    const base = {
      ...spec,
      ...argumentsOf(this.#objects, spec),
      ...(isSubtype(spec._typeName, 'VmEvent') && spec.template === undefined && { template: false }),
      key,
      chainId: chainId ?? this.#cause?.chainId ?? key,
      createdTime: createdTime ?? this.#objects.clock.now(),
      userName: userName ?? this.#cause?.userName ?? '',
    }
    const event = {
      ...base,
      fullFormattedMessage: fullFormattedMessage ?? formatMessage(base),
    } as SimulatedEvent
    const entity = entityOf(event)
    const logged = { event, entity, containers: this.#shared(locationOf(this.#objects, event, entity)) }
    this.#events.push(logged)
    this.#purge()
    this.#objects.find(eventManager)?.set('latestEvent', event)
    for (const listener of this.#listeners) listener(logged)
    return event
  }

  /** Runs code whose events have this cause, unless they name another. */
  causedBy<T>(cause: EventCause, work: () => T): T {
    const outer = this.#cause
    this.#cause = cause
    try {
      return work()
    } finally {
      this.#cause = outer
    }
  }

  /**
   * Calls back for each event that is recorded from now on.
   * @returns a function that stops it.
   */
  subscribe(listener: (logged: LoggedEvent) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  #shared(location: ReadonlySet<string>): ReadonlySet<string> {
    const key = [...location].join()
    const known = this.#locations.get(key) ?? location
    if (this.#locations.size < 10_000) this.#locations.set(key, known)
    return known
  }

  /** Drops events that are too old. Keys and times grow together. */
  #purge(): void {
    const { maxAgeMs, maxEvents } = this.settings
    const oldest = this.#objects.clock.now().getTime() - maxAgeMs
    const kept = this.#events.findIndex(({ event }) => event.createdTime.getTime() >= oldest)
    const dropped = Math.max(kept < 0 ? this.#events.length : kept, this.#events.length - maxEvents)
    if (dropped > 0) this.#events = this.#events.slice(dropped)
  }
}

const logs = new WeakMap<SimulatedInventory, EventLog>()

/** Returns the event log of an inventory. */
export function eventLogOf(objects: SimulatedInventory): EventLog {
  let log = logs.get(objects)
  if (!log) {
    log = new EventLog(objects)
    logs.set(objects, log)
  }
  return log
}

/**
 * Records an event, such as `{ _typeName: 'VmPoweredOffEvent', userName, vm: machine.ref }`. An object of the event is a reference, or an
 * argument with the name for one that no longer exists. Record a removal before the object is removed.
 * @returns the event with its key and chain
 */
export const recordEvent = (objects: SimulatedInventory, spec: EventSpec): SimulatedEvent =>
  eventLogOf(objects).record(spec)

/** Runs code whose events have this user and chain, unless they name another. Tasks run their work with it. */
export const withEventCause = <T>(objects: SimulatedInventory, cause: EventCause, work: () => T): T =>
  eventLogOf(objects).causedBy(cause, work)

/** Adds the EventManager to the inventory. */
export function addEventManager(objects: SimulatedInventory): void {
  objects.add('EventManager', eventManager.value, {
    description: eventDescription,
    latestEvent: eventLogOf(objects).events.at(-1)?.event,
    maxCollector: maxCollectors,
  })
}
