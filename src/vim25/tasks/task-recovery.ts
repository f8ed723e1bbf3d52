// A call that changes something, sent, and its answer lost: whether vCenter carried it out, read from the tasks of what it
// was about. It is never sent again to find out.

import { setTimeout as pause } from 'node:timers/promises'
import { type DataObject, isInstance, type ManagedObjectReference } from '../../soap/vim-types.ts'
import { retrieveProperties } from '../property-collector/property-collector.ts'
import { UnknownProperties } from '../property-collector/unknown-properties.ts'
import type { Login } from '../session/login.ts'
import type { Session } from '../session/session.ts'
import { hasEnded, type TaskInfo } from './task-watcher.ts'

export interface LostCall {
  /** Such as `CreateSnapshot_Task`. */
  readonly method: string
  /** What its task is about: the virtual machine, also where the method is a snapshot's. */
  readonly entity: ManagedObjectReference
  /** When it was sent: performance.now(), which no correction of our clock moves. */
  readonly sentAt: number
  /** Whether a task that looks like it, and has ended, is it, by what that has left; undefined when nothing tells. */
  readonly matches: (task: TaskInfo) => Promise<boolean | undefined>
  /** Before each look, in milliseconds: what was sent may still be on its way. */
  readonly delays: readonly number[]
}

/**
 * What became of a lost change, as far as the vCenter tells.
 * `adopted`: this task is it, and is noted as our own. `running`: this one may be it, but has left nothing yet to tell by.
 * `ambiguous`: several may be it, or one that has ended and whose effect does not show whether it is. `none`: no task is it,
 * which does not prove that the call was not executed, or will not be.
 */
export type RecoveryResult =
  | { readonly kind: 'adopted'; readonly task: ManagedObjectReference }
  | { readonly kind: 'running'; readonly task: ManagedObjectReference }
  | { readonly kind: 'ambiguous'; readonly tasks: readonly TaskInfo[] }
  | { readonly kind: 'none' }

/** What clocks of one server may be apart. A time without a fraction may have been rounded. */
const clockSkewMs = ({ queueTime }: TaskInfo): number => (queueTime.getMilliseconds() === 0 ? 1_000 : 100)

/** What a session has begun itself: the tasks whose references came back, and the calls that still wait for theirs. */
class OwnTasks {
  readonly #tasks = new Set<string>()
  readonly #inFlight = new Map<string, Set<Promise<unknown>>>()

  has = ({ value }: ManagedObjectReference): boolean => this.#tasks.has(value)

  add({ value }: ManagedObjectReference): void {
    this.#tasks.add(value)
    if (this.#tasks.size > maxOwnTasks) this.#tasks.delete(this.#tasks.values().next().value as string)
  }

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

  /** A task whose reference is on its way is not a lost one's. */
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

/** Makes the call that begins a task, and notes the task as our own. */
export const startOwnTask = (
  session: Session,
  callKey: Pick<LostCall, 'method' | 'entity'>,
  call: () => Promise<ManagedObjectReference>,
): Promise<ManagedObjectReference> => ownTasksOf(session).send(keyOf(callKey), call)

/**
 * Looks again after each delay until something is found; undefined when nothing is at the last look.
 * @throws what kept the last look from telling.
 */
export async function poll<T>(
  delays: readonly number[],
  attempt: () => Promise<T | undefined>,
): Promise<T | undefined> {
  let failure: unknown
  for (const wait of delays) {
    if (wait > 0) await pause(wait, undefined, { ref: false })
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
 * Looks for the task that a lost call began: of that method, about that object, by our user, queued since it was sent,
 * and not known as another call's.
 * @throws what keeps the vCenter from telling, when it was asked as often as it makes sense.
 */
export async function findLostTask(session: Session, lostCall: LostCall): Promise<RecoveryResult> {
  let last: RecoveryResult | undefined
  const adopted = await poll(lostCall.delays, async () => {
    last = await findLostTaskOnce(session, lostCall)
    return last.kind === 'adopted' ? last : undefined
  })
  return adopted ?? (last as RecoveryResult)
}

/** Notes a task that may be a lost call's as that; false when it is another call's already. */
export function adopt(session: Session, task: ManagedObjectReference): boolean {
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
    const isAlike =
      !isEarlier &&
      isStartedBy(userName, info) &&
      isTaskOf(lostCall.method, info) &&
      info.entity?.value === lostCall.entity.value
    if (!isAlike) continue
    const matches = hasEnded(info) ? await lostCall.matches(info) : undefined
    if (matches !== false) candidates.push({ info, matches })
  }
  // No other lost one may have come between, or come before the claim.
  const [candidate, ...others] = candidates.filter(({ info }) => !ownTasks.has(info.task))
  if (!candidate) return { kind: 'none' }
  const { info, matches } = candidate
  if (others.length > 0) return { kind: 'ambiguous', tasks: [info, ...others.map(({ info }) => info)] }
  if (!matches)
    return hasEnded(info) ? { kind: 'ambiguous', tasks: [info] } : { kind: 'running', task: info.task }
  ownTasks.add(info.task)
  return { kind: 'adopted', task: info.task }
}

/** The tasks of what it is about, and when it was sent by the vCenter's clock, at the earliest. */
async function readTasks(login: Login, { entity, sentAt }: LostCall) {
  const now = await login.call('CurrentTime', { type: 'ServiceInstance', value: 'ServiceInstance' }, {}, {})
  const sent = now.getTime() - (performance.now() - sentAt)
  return { sent, userName: login.userName, tasks: await recentTasksOf(login, entity) }
}

/** vCenter names a task by its method; vcsim leaves the end off. */
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
  // What cannot be seen does not say that it has no tasks.
  if (!isFound) throw new Error(`${entity.value} is not there any more`)
  return tasks
}
