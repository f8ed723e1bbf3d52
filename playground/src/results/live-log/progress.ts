// The progress of tasks and scans, wherever they are in a result.

import { fieldNamed, rawField, type TypedObject, type TypedValue } from '../typed/typed-value.ts'

export interface Progress {
  readonly key: string
  readonly label: string
  /** From 0 to 1. Undefined while it is not known. */
  readonly share: number | undefined
  readonly state: 'queued' | 'running' | 'done' | 'failed'
  /** Why it failed. */
  readonly problem?: string | undefined
  /** When it was first and last reported, in milliseconds since the epoch. */
  readonly since: number
  readonly at: number
}

const states: Readonly<Record<string, Progress['state']>> = {
  QUEUED: 'queued',
  RUNNING: 'running',
  SUCCESS: 'done',
  ERROR: 'failed',
}

/** Returns the progress of an object, or of the objects below it. Lists of lists of tasks are searched too. */
export function progressOf(value: TypedValue, at: number): Progress[] {
  if (value.kind === 'list') return value.items.flatMap((item) => progressOf(item, at))
  if (value.kind !== 'object') return []
  const own = value.typeName === 'Task' ? taskProgress(value, at) : scanProgress(value, at)
  return own ? [own] : value.fields.flatMap((field) => progressOf(field.value, at))
}

export function taskProgress(task: TypedObject, at: number): Progress | undefined {
  const state = states[String(rawField(task, 'state'))]
  if (state === undefined) return undefined
  const percent = rawField(task, 'progress')
  const error = fieldNamed(task, 'error')?.value
  const problem = error?.kind === 'object' ? rawField(error, 'message') : undefined
  return {
    key: keyOf(task),
    label: labelOf(task),
    share: state === 'done' ? 1 : typeof percent === 'number' ? percent / 100 : undefined,
    state,
    problem: typeof problem === 'string' ? problem : undefined,
    since: timeOf(task, 'startedAt') ?? timeOf(task, 'queuedAt') ?? at,
    at: timeOf(task, 'completedAt') ?? at,
  }
}

const keyOf = (task: TypedObject): string => {
  const id = ['id', 'moid'].map((field) => rawField(task, field)).find((raw) => typeof raw === 'string')
  return typeof id === 'string' ? id : task.path.join('.')
}

function labelOf(task: TypedObject): string {
  const entity = fieldNamed(task, 'entity')?.value
  const named =
    rawField(task, 'entityName') ?? (entity?.kind === 'object' ? rawField(entity, 'name') : undefined)
  const what = ['label', 'description', 'operation'].map((field) => rawField(task, field))
  const parts = [what.find((raw) => typeof raw === 'string'), named]
  return parts.filter((part) => typeof part === 'string').join(' · ') || 'Task'
}

const timeOf = (task: TypedObject, field: string): number | undefined => {
  const time = Date.parse(String(rawField(task, field)))
  return Number.isNaN(time) ? undefined : time
}

/** A scan of a disk reports how far it is in bytes. */
function scanProgress(batch: TypedObject, at: number): Progress | undefined {
  const [scanned, next, capacity] = ['scannedBytes', 'nextOffset', 'capacity'].map((field) =>
    rawField(batch, field),
  )
  const done = typeof scanned === 'number' ? scanned : next
  if (batch.typeName !== 'ChangedAreaBatch' || typeof capacity !== 'number' || typeof done !== 'number')
    return undefined
  const isDone = rawField(batch, 'complete') === true || done >= capacity
  return {
    key: batch.path.join('.'),
    label: 'Scan of the disk',
    share: capacity > 0 ? done / capacity : 1,
    state: isDone ? 'done' : 'running',
    since: at,
    at,
  }
}

const maxActive = 20
const maxEnded = 3

/** Returns what is queued or running, then what ended last, and the number of the others. */
export function recentProgress(all: readonly Progress[]): { shown: Progress[]; hidden: number } {
  const isActive = ({ state }: Progress) => state === 'queued' || state === 'running'
  const ended = all.filter((each) => !isActive(each)).sort((a, b) => b.at - a.at)
  const shown = [...all.filter(isActive).slice(0, maxActive), ...ended.slice(0, maxEnded)]
  return { shown, hidden: all.length - shown.length }
}
