// A call that changes something, sent, and its answer lost: whether vCenter carried it out, read from the tasks of what it
// was about. It is never sent again to find out.

import { setTimeout as pause } from 'node:timers/promises'
import { type DataObject, isInstance, type ManagedObjectReference } from '../../soap/vim-types.ts'
import type { Login } from '../session/login.ts'
import { retrieveProperties } from '../property-collector/property-collector.ts'
import type { Session } from '../session/session.ts'
import { hasEnded, type TaskInfo } from './task-watcher.ts'
import { UnknownProperties } from '../property-collector/unknown-properties.ts'

export interface LostChange {
  /** Such as `CreateSnapshot_Task`. */
  readonly method: string
  /** What its task is about: the virtual machine, also where the method is a snapshot's. */
  readonly entity: ManagedObjectReference
  /** When it was sent: performance.now(), which no correction of our clock moves. */
  readonly sentAt: number
  /** Whether a task that looks like it, and has ended, is it, by what that has left; undefined when nothing tells. */
  readonly isIt: (task: TaskInfo) => Promise<boolean | undefined>
  /** Before each look, in milliseconds: what was sent may still be on its way. */
  readonly delays: readonly number[]
}

/**
 * What became of a lost change, as far as the vCenter tells.
 * `adopted`: this task is it, and is noted as our own. `running`: this one may be it, but has left nothing yet to tell by.
 * `ambiguous`: several may be it, or one that has ended and whose effect does not show whether it is. `none`: no task is it,
 * which does not prove that the call was not executed, or will not be.
 */
export type Finding =
  | { readonly kind: 'adopted'; readonly task: ManagedObjectReference }
  | { readonly kind: 'running'; readonly task: ManagedObjectReference }
  | { readonly kind: 'ambiguous'; readonly tasks: readonly TaskInfo[] }
  | { readonly kind: 'none' }

/** What clocks of one server may be apart. A time without a fraction may have been rounded. */
const slackMs = ({ queueTime }: TaskInfo): number => (queueTime.getMilliseconds() === 0 ? 1_000 : 100)

/** What a session has begun itself: the tasks whose references came back, and the calls that still wait for theirs. */
class OwnChanges {
  readonly #tasks = new Set<string>()
  readonly #underWay = new Map<string, Set<Promise<unknown>>>()

  isOwn = ({ value }: ManagedObjectReference): boolean => this.#tasks.has(value)

  note({ value }: ManagedObjectReference): void {
    this.#tasks.add(value)
    if (this.#tasks.size > mostOwnTasks) this.#tasks.delete(this.#tasks.values().next().value as string)
  }

  async send(key: string, call: () => Promise<ManagedObjectReference>): Promise<ManagedObjectReference> {
    const same = this.#underWay.get(key) ?? new Set()
    this.#underWay.set(key, same)
    const sent = call()
    same.add(sent)
    try {
      const task = await sent
      this.note(task)
      return task
    } finally {
      same.delete(sent)
      if (same.size === 0) this.#underWay.delete(key)
    }
  }

  /** A task whose reference is on its way is not a lost one's. */
  async answered(key: string): Promise<void> {
    await Promise.allSettled(this.#underWay.get(key) ?? [])
  }
}

const mostOwnTasks = 10_000
const ownChanges = new WeakMap<Session, OwnChanges>()

function ownChangesOf(session: Session): OwnChanges {
  const own = ownChanges.get(session) ?? new OwnChanges()
  ownChanges.set(session, own)
  return own
}

const keyOf = ({ method, entity }: Pick<LostChange, 'method' | 'entity'>): string =>
  `${method} ${entity.value}`

/** Makes the call that begins a task, and notes the task as our own. */
export const beginOwnTask = (
  session: Session,
  change: Pick<LostChange, 'method' | 'entity'>,
  call: () => Promise<ManagedObjectReference>,
): Promise<ManagedObjectReference> => ownChangesOf(session).send(keyOf(change), call)

/**
 * Looks again after each delay until something is found; undefined when nothing is at the last look.
 * @throws what kept the last look from telling.
 */
export async function lookAgain<T>(
  delays: readonly number[],
  look: () => Promise<T | undefined>,
): Promise<T | undefined> {
  let failure: unknown
  for (const wait of delays) {
    if (wait > 0) await pause(wait, undefined, { ref: false })
    try {
      const found = await look()
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
export async function findLostTask(session: Session, lost: LostChange): Promise<Finding> {
  let last: Finding | undefined
  const adopted = await lookAgain(lost.delays, async () => {
    last = await findOnce(session, lost)
    return last.kind === 'adopted' ? last : undefined
  })
  return adopted ?? (last as Finding)
}

/** Notes a task that may be a lost call's as that; false when it is another call's already. */
export function claimTask(session: Session, task: ManagedObjectReference): boolean {
  const own = ownChangesOf(session)
  if (own.isOwn(task)) return false
  own.note(task)
  return true
}

async function findOnce(session: Session, lost: LostChange): Promise<Finding> {
  const own = ownChangesOf(session)
  const { sent, userName, tasks } = await session.run((login) => readTasks(login, lost))
  await own.answered(keyOf(lost))
  const candidates: { readonly info: TaskInfo; readonly isIt: boolean | undefined }[] = []
  for (const info of tasks) {
    const isEarlier = own.isOwn(info.task) || info.queueTime.getTime() < sent - slackMs(info)
    const isAlike =
      !isEarlier &&
      isBegunBy(userName, info) &&
      isOf(lost.method, info) &&
      info.entity?.value === lost.entity.value
    if (!isAlike) continue
    const isIt = hasEnded(info) ? await lost.isIt(info) : undefined
    if (isIt !== false) candidates.push({ info, isIt })
  }
  // No other lost one may have come between, or come before the claim.
  const [candidate, ...others] = candidates.filter(({ info }) => !own.isOwn(info.task))
  if (!candidate) return { kind: 'none' }
  const { info, isIt } = candidate
  if (others.length > 0) return { kind: 'ambiguous', tasks: [info, ...others.map(({ info }) => info)] }
  if (!isIt)
    return hasEnded(info) ? { kind: 'ambiguous', tasks: [info] } : { kind: 'running', task: info.task }
  own.note(info.task)
  return { kind: 'adopted', task: info.task }
}

/** The tasks of what it is about, and when it was sent by the vCenter's clock, at the earliest. */
async function readTasks(login: Login, { entity, sentAt }: LostChange) {
  const now = await login.call('CurrentTime', { type: 'ServiceInstance', value: 'ServiceInstance' }, {}, {})
  const sent = now.getTime() - (performance.now() - sentAt)
  return { sent, userName: login.userName, tasks: await recentTasksOf(login, entity) }
}

/** vCenter names a task by its method; vcsim leaves the end off. */
const isOf = (method: string, { name }: TaskInfo): boolean => name === method || `${name}_Task` === method

function isBegunBy(userName: string, { reason }: TaskInfo): boolean {
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
  let isThere = false
  await retrieveProperties(login, specSet, new UnknownProperties(), {}, ({ obj, propSet = [] }) => {
    if (obj.type !== 'Task') isThere = true
    for (const { name, val } of propSet) if (name === 'info') tasks.push(val as TaskInfo)
  })
  // What cannot be seen does not say that it has no tasks.
  if (!isThere) throw new Error(`${entity.value} is not there any more`)
  return tasks
}
