// The tasks of one simulated vCenter, also those that are no longer in any recentTask. Task collectors read them.

import type { DataObject } from '../../soap/vim-types.ts'
import type { SimulatedInventory } from '../simulated-inventory.ts'
import { locationOf } from './event-arguments.ts'
import { recordEvent } from './event-log.ts'
import { labelOf } from './task-operations.ts'

export type TaskInfo = DataObject<'TaskInfo'>

export interface LoggedTask {
  /** Grows with each task. */
  readonly number: number
  readonly info: TaskInfo
  /** The moids of the objects that contained its object when the task was created. */
  readonly containers: ReadonlySet<string>
}

interface TaskLogSettings {
  /** Tasks are kept for this time after they were queued. @default 30 days */
  maxAgeMs: number
  /** Whether the history keeps the results of tasks. @default true */
  keepsResults: boolean
}

const dayMs = 24 * 60 * 60 * 1000

class TaskLog {
  readonly settings: TaskLogSettings = { maxAgeMs: 30 * dayMs, keepsResults: true }
  readonly #objects: SimulatedInventory
  readonly #tasks = new Map<string, LoggedTask>()
  readonly #listeners = new Set<(logged: LoggedTask) => void>()
  #lastNumber = 0

  constructor(objects: SimulatedInventory) {
    this.#objects = objects
  }

  /** All tasks that are kept, the first queued one first. */
  get tasks(): readonly LoggedTask[] {
    const oldest = this.#objects.clock.now().getTime() - this.settings.maxAgeMs
    for (const [moid, { info }] of this.#tasks) {
      if (info.queueTime.getTime() >= oldest) break
      // A task that runs is kept.
      if (info.state === 'success' || info.state === 'error') this.#tasks.delete(moid)
    }
    return [...this.#tasks.values()]
  }

  /**
   * Adds a task that was just queued, or ended in the past, and records its event, which has the task as it was when it was queued.
   * @param neighbor an object in the same place as the task's object, if that no longer exists
   */
  add(info: TaskInfo, neighbor = info.entity): void {
    this.#lastNumber += 1
    const containers = locationOf(this.#objects, {} as DataObject<'Event'>, neighbor)
    const logged = { number: this.#lastNumber, info, containers }
    this.#tasks.set(info.task.value, logged)
    recordTaskEvent(this.#objects, info)
    this.#notify(logged)
  }

  /** Replaces the state of a task. Clients are not notified of progress. */
  update(info: TaskInfo): void {
    const known = this.#tasks.get(info.task.value)
    if (!known) return
    const logged = { ...known, info }
    this.#tasks.set(info.task.value, logged)
    if (info.state !== known.info.state || info.cancelled !== known.info.cancelled) this.#notify(logged)
  }

  /**
   * Calls back for each task that is queued or whose state changes.
   * @returns a function that stops it.
   */
  subscribe(listener: (logged: LoggedTask) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  #notify(logged: LoggedTask): void {
    for (const listener of this.#listeners) listener(logged)
  }
}

/** The field of an event that refers to an object of each type. */
const argumentFields: Readonly<Record<string, string>> = {
  VirtualMachine: 'vm',
  HostSystem: 'host',
  Datastore: 'ds',
  Network: 'net',
  DistributedVirtualPortgroup: 'net',
  VmwareDistributedVirtualSwitch: 'dvs',
  ComputeResource: 'computeResource',
  ClusterComputeResource: 'computeResource',
  Datacenter: 'datacenter',
}

/** Returns the user of a task; '' if the system, an alarm or a scheduled task started it. */
export const userOf = ({ reason }: TaskInfo): string =>
  (reason as Partial<DataObject<'TaskReasonUser'>>).userName ?? ''

function recordTaskEvent(objects: SimulatedInventory, info: TaskInfo): void {
  const { startTime: _, completeTime: __, result: ___, error: ____, progress: _____, ...queued } = info
  const field = argumentFields[info.entity?.type ?? '']
  recordEvent(objects, {
    _typeName: 'TaskEvent',
    info: { ...queued, state: 'queued', cancelled: false },
    createdTime: info.queueTime,
    userName: userOf(info),
    chainId: info.eventChainId,
    ...(field !== undefined && { [field]: argumentOf(objects, info, field) }),
    fullFormattedMessage: `Task: ${labelOf(info.descriptionId)}`,
  })
}

/** Returns the object of a task as an event refers to it, with its name if it no longer exists. */
function argumentOf(objects: SimulatedInventory, { entity, entityName }: TaskInfo, field: string): unknown {
  if (!entity || objects.find(entity)) return entity
  return { name: entityName, [field]: entity }
}

const logs = new WeakMap<SimulatedInventory, TaskLog>()

/** Returns the task log of an inventory. */
export function taskLogOf(objects: SimulatedInventory): TaskLog {
  let log = logs.get(objects)
  if (!log) {
    log = new TaskLog(objects)
    logs.set(objects, log)
  }
  return log
}
