// A call that changes something, sent, and its answer lost: whether vCenter carried it out, read from the tasks of what it
// was about. It is never sent again to find out.

import { setTimeout as pause } from 'node:timers/promises'
import { type DataObject, isInstance, type ManagedObjectReference } from '../soap/vim-types.ts'
import { retrieveProperties } from './property-collector.ts'
import type { Login, Session } from './session.ts'
import type { TaskInfo } from './task-watcher.ts'
import { UnknownProperties } from './unknown-properties.ts'

export interface LostChange {
  /** Such as `CreateSnapshot_Task`. */
  readonly method: string
  /** What its task is about: the virtual machine, also where the method is a snapshot's. */
  readonly entity: ManagedObjectReference
  /** When it was sent, by our clock, in milliseconds. */
  readonly sentAt: number
  /** Whether a task that looks like it is it, where more can be told than who began it when. */
  readonly isIt?: ((task: TaskInfo) => Promise<boolean>) | undefined
}

/** Several tasks could be it. */
class AmbiguousTasksError extends Error {
  override name = 'AmbiguousTasksError' as const
}

/** When it is looked for, in milliseconds after each other: what was sent may still be on its way. */
const looks = [0, 250, 1_000, 2_500]

/** For a queue time that was rounded; whose task is ours already is known. */
const slackMs = 1_000

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
 * Looks for the task that a lost call began: of that method, about that object, by our user, queued since it was sent,
 * and not known as another call's. It is then noted as our own. Undefined when there is none, as the vCenter says.
 * @throws AmbiguousTasksError; or what keeps the vCenter from telling, when it was asked as often as it makes sense.
 */
export async function findLostTask(
  session: Session,
  lost: LostChange,
): Promise<ManagedObjectReference | undefined> {
  const own = ownChangesOf(session)
  let failure: unknown
  for (const wait of looks) {
    if (wait > 0) await pause(wait, undefined, { ref: false })
    try {
      const found = await session.run((login) => candidatesOf(login, lost))
      await own.answered(keyOf(lost))
      // No other lost one may come between this and the note.
      const candidates = found.filter((task) => !own.isOwn(task))
      failure = undefined
      const [task, ...others] = candidates
      if (others.length > 0)
        throw new AmbiguousTasksError(`${candidates.map(({ value }) => value).join(', ')} could each be it`)
      if (!task) continue
      own.note(task)
      return task
    } catch (error) {
      if (error instanceof AmbiguousTasksError) throw error
      failure = error
    }
  }
  if (failure !== undefined) throw failure
  return undefined
}

async function candidatesOf(
  login: Login,
  { method, entity, sentAt, isIt }: LostChange,
): Promise<ManagedObjectReference[]> {
  const now = await login.call('CurrentTime', { type: 'ServiceInstance', value: 'ServiceInstance' }, {}, {})
  // By the vCenter's clock, at the earliest.
  const sent = sentAt + (now.getTime() - Date.now()) - slackMs
  const candidates: ManagedObjectReference[] = []
  for (const info of await recentTasksOf(login, entity)) {
    const isOurs =
      isBegunBy(login.userName, info) &&
      isOf(method, info) &&
      info.entity?.value === entity.value &&
      info.queueTime.getTime() >= sent
    if (isOurs && (isIt === undefined || (await isIt(info)))) candidates.push(info.task)
  }
  return candidates
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
  await retrieveProperties(login, specSet, new UnknownProperties(), {}, ({ obj, propSet = [] }) => {
    if (obj.type !== 'Task') return
    for (const { name, val } of propSet) if (name === 'info') tasks.push(val as TaskInfo)
  })
  return tasks
}
