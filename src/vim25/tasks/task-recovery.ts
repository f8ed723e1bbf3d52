// Finds the task of a write call whose response was lost, in the recent tasks of the affected object. This shows whether vCenter
// executed the call. The call itself is never sent again.

import { delay } from '../../concurrency/timing.ts'
import { isInstance } from '../../soap/type-registry.ts'
import type { DataObject, ManagedObjectReference } from '../../soap/vim-types.ts'
import { retrieveProperties } from '../property-collector/property-collector.ts'
import { UnknownProperties } from '../property-collector/unknown-properties.ts'
import type { Login } from '../session/login.ts'
import type { Session } from '../session/session.ts'
import { hasEnded, type TaskInfo } from './task-watcher.ts'

export interface LostCall {
  /** The method, such as `CreateSnapshot_Task`. */
  readonly method: string
  /** The entity of the task: the virtual machine, even if the method is called on a snapshot. */
  readonly entity: ManagedObjectReference
  /** Time at which it was sent, as performance.now(), which clock corrections do not affect. */
  readonly sentAt: number
  /** Whether an ended candidate task is the task of this call, according to its effect; undefined if the effect does not show it. */
  readonly matches: (task: TaskInfo) => Promise<boolean | undefined>
  /** Delay before each attempt, in milliseconds. The call may not have reached the vCenter yet. */
  readonly delays: readonly number[]
}

/**
 * The result of searching for the task of a lost call.
 * - `adopted`: the task was found, and is recorded as a task of this session.
 * - `running`: the only candidate is still running, so its effect cannot be checked yet.
 * - `ambiguous`: there are several candidates, or one that has ended and whose effect does not identify it.
 * - `none`: there is no candidate. This does not prove that the call was not executed, or will not be.
 */
export type RecoveryResult =
  | { readonly kind: 'adopted'; readonly task: ManagedObjectReference }
  | { readonly kind: 'running'; readonly task: ManagedObjectReference }
  | { readonly kind: 'ambiguous'; readonly tasks: readonly TaskInfo[] }
  | { readonly kind: 'none' }

/** Tolerance between two clocks of one server. A time without milliseconds may have been rounded. */
const clockSkewMs = ({ queueTime }: TaskInfo): number => (queueTime.getMilliseconds() === 0 ? 1_000 : 100)

/** The tasks that a session has started, and its calls that still wait for their task. */
class OwnTasks {
  readonly #tasks = new Set<string>()
  readonly #inFlight = new Map<string, Set<Promise<unknown>>>()

  has = ({ value }: ManagedObjectReference): boolean => this.#tasks.has(value)

  add({ value }: ManagedObjectReference): void {
    this.#tasks.add(value)
    if (this.#tasks.size > maxOwnTasks) this.#tasks.delete(this.#tasks.values().next().value as string)
  }

  /** Makes a call that starts a task, and records the task. */
  async send(key: string, call: () => Promise<ManagedObjectReference>): Promise<ManagedObjectReference> {
    const same = this.#inFlight.get(key) ?? new Set()
    this.#inFlight.set(key, same)
    const sent = call()
    same.add(sent)
    try {
      const task = await sent
      this.add(task)
      return task
    } finally {
      same.delete(sent)
      if (same.size === 0) this.#inFlight.delete(key)
    }
  }

  /** Waits for the calls in flight with this key, because their tasks are not those of a lost call. */
  async settled(key: string): Promise<void> {
    await Promise.allSettled(this.#inFlight.get(key) ?? [])
  }
}

const maxOwnTasks = 10_000
const ownTasksBySession = new WeakMap<Session, OwnTasks>()

function ownTasksOf(session: Session): OwnTasks {
  const ownTasks = ownTasksBySession.get(session) ?? new OwnTasks()
  ownTasksBySession.set(session, ownTasks)
  return ownTasks
}

const keyOf = ({ method, entity }: Pick<LostCall, 'method' | 'entity'>): string => `${method} ${entity.value}`

/** Makes a call that starts a task, and records the task as started by this session. */
export const startOwnTask = (
  session: Session,
  callKey: Pick<LostCall, 'method' | 'entity'>,
  call: () => Promise<ManagedObjectReference>,
): Promise<ManagedObjectReference> => ownTasksOf(session).send(keyOf(callKey), call)

/**
 * Repeats an attempt after each delay until it returns a value.
 * @returns undefined if no attempt returns a value
 * @throws the error of the last attempt, if it failed
 */
export async function poll<T>(
  delays: readonly number[],
  attempt: () => Promise<T | undefined>,
): Promise<T | undefined> {
  let failure: unknown
  for (const wait of delays) {
    if (wait > 0) await delay(wait, { ref: false })
    try {
      const found = await attempt()
      if (found !== undefined) return found
      failure = undefined
    } catch (error) {
      failure = error
    }
  }
  if (failure !== undefined) throw failure
  return undefined
}

/**
 * Searches for the task that a lost call started: a task with its method, entity and user, queued after the call was sent, and
 * not known to belong to another call.
 * @throws the error of the last attempt, if the tasks could not be read
 */
export async function findLostTask(session: Session, lostCall: LostCall): Promise<RecoveryResult> {
  let last: RecoveryResult | undefined
  const adopted = await poll(lostCall.delays, async () => {
    last = await findLostTaskOnce(session, lostCall)
    return last.kind === 'adopted' ? last : undefined
  })
  return adopted ?? (last as RecoveryResult)
}

/** Records a task as that of a lost call. Returns false if it already belongs to another call. */
export function adoptTask(session: Session, task: ManagedObjectReference): boolean {
  const ownTasks = ownTasksOf(session)
  if (ownTasks.has(task)) return false
  ownTasks.add(task)
  return true
}

async function findLostTaskOnce(session: Session, lostCall: LostCall): Promise<RecoveryResult> {
  const ownTasks = ownTasksOf(session)
  const { sent, userName, tasks } = await session.withLogin((login) => readTasks(login, lostCall))
  await ownTasks.settled(keyOf(lostCall))
  const candidates: { readonly info: TaskInfo; readonly matches: boolean | undefined }[] = []
  for (const info of tasks) {
    const isEarlier = ownTasks.has(info.task) || info.queueTime.getTime() < sent - clockSkewMs(info)
    const isCandidate =
      !isEarlier &&
      isStartedBy(userName, info) &&
      isTaskOf(lostCall.method, info) &&
      info.entity?.value === lostCall.entity.value
    if (!isCandidate) continue
    const matches = hasEnded(info) ? await lostCall.matches(info) : undefined
    if (matches !== false) candidates.push({ info, matches })
  }
  // Check again: another lost call may have adopted a task meanwhile. There is no await between this check and the adoption.
  const [candidate, ...others] = candidates.filter(({ info }) => !ownTasks.has(info.task))
  if (!candidate) return { kind: 'none' }
  const { info, matches } = candidate
  if (others.length > 0) return { kind: 'ambiguous', tasks: [info, ...others.map(({ info }) => info)] }
  if (!matches)
    return hasEnded(info) ? { kind: 'ambiguous', tasks: [info] } : { kind: 'running', task: info.task }
  ownTasks.add(info.task)
  return { kind: 'adopted', task: info.task }
}

/** Reads the recent tasks of the entity, and computes the earliest time at which the call was sent, by the vCenter's clock. */
async function readTasks(login: Login, { entity, sentAt }: LostCall) {
  const now = await login.call('CurrentTime', { type: 'ServiceInstance', value: 'ServiceInstance' }, {}, {})
  const sent = now.getTime() - (performance.now() - sentAt)
  return { sent, userName: login.userName, tasks: await recentTasksOf(login, entity) }
}

/** Whether the task belongs to a method. vCenter names a task after its method; vcsim omits `_Task`. */
const isTaskOf = (method: string, { name }: TaskInfo): boolean => name === method || `${name}_Task` === method

function isStartedBy(userName: string, { reason }: TaskInfo): boolean {
  return isInstance(reason, 'TaskReasonUser') && reason.userName?.toLowerCase() === userName.toLowerCase()
}

async function recentTasksOf(login: Login, entity: ManagedObjectReference): Promise<TaskInfo[]> {
  const tasks: TaskInfo[] = []
  const selectSet: DataObject<'TraversalSpec'>[] = [
    { _typeName: 'TraversalSpec', type: 'ManagedEntity', path: 'recentTask', skip: false },
  ]
  const specSet = [
    {
      propSet: [
        { type: 'Task', pathSet: ['info'] },
        { type: entity.type, pathSet: ['name'] },
      ],
      objectSet: [{ obj: entity, skip: false, selectSet }],
      reportMissingObjectsInResults: true,
    },
  ]
  let isFound = false
  await retrieveProperties(login, specSet, new UnknownProperties(), {}, ({ obj, propSet = [] }) => {
    if (obj.type !== 'Task') isFound = true
    for (const { name, val } of propSet) if (name === 'info') tasks.push(val as TaskInfo)
  })
  // If the entity cannot be read, the absence of tasks proves nothing.
  if (!isFound) throw new Error(`${entity.value} was not found`)
  return tasks
}
