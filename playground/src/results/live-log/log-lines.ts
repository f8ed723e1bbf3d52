// Turns the results of a subscription, one after the other, into lines of a log.

import type { GraphQLFormattedError } from 'graphql'
import { coverageOf } from '../completeness/read-coverage.ts'
import type { TypedResult } from '../typed/typed-result.ts'
import { fieldNamed, rawField, type TypedObject, type TypedValue } from '../typed/typed-value.ts'
import { enumLabel, formatBytes } from '../values/format.ts'
import { describeChanges, type LeafValues, leavesOf } from './leaf-changes.ts'
import { type Progress, progressOf } from './progress.ts'

/** What kind of line it is. Each has a mark and a word, so that colour is not needed. */
export type LineKind = 'start' | 'enter' | 'update' | 'leave' | 'event' | 'warning' | 'error'

export interface LogLine {
  readonly key: number
  /** In milliseconds since the epoch: when the event happened, or else when the result arrived. */
  readonly at: number
  readonly kind: LineKind
  readonly subject?: string | undefined
  readonly text: string
}

/** The most lines that are kept. */
export const maxLines = 1000

export interface LogState {
  /** The newest line first. */
  readonly lines: readonly LogLine[]
  /** Number of lines that were removed from the end. */
  readonly dropped: number
  /** The tasks and scans that report their progress, in the order of their first report. */
  readonly progress: readonly Progress[]
  /** The last known values of each object, to say what changed. */
  readonly known: ReadonlyMap<string, LeafValues>
  /** The last warning about incomplete data, which is not repeated with each result. */
  readonly coverage: string
  readonly nextKey: number
}

export const emptyLog: LogState = {
  lines: [],
  dropped: 0,
  progress: [],
  known: new Map(),
  coverage: '',
  nextKey: 0,
}

type Draft = Omit<LogLine, 'key' | 'at'> & { readonly at?: number }

/** Returns the log after one more result. */
export function appendResult(state: LogState, result: TypedResult, at: number): LogState {
  const known = new Map(state.known)
  const drafts: Draft[] = result.errors.map(errorLine)
  const reports: Progress[] = []
  let { coverage } = state
  if (result.root?.kind === 'object')
    for (const { key, value } of result.root.fields) {
      if (value.kind !== 'object') continue
      const incomplete = incompleteText(value)
      if (incomplete !== undefined && incomplete !== coverage) {
        drafts.push(
          incomplete === ''
            ? { kind: 'start', text: 'Complete again.' }
            : { kind: 'warning', text: incomplete },
        )
        coverage = incomplete
      }
      if (rawField(value, 'gap') === true)
        drafts.push({ kind: 'warning', text: 'Some events before this one are lost (gap).' })
      reports.push(...progressOf(value, at))
      drafts.push(...linesOf(key, value, known))
    }
  const added = drafts.map((draft, index) => ({ at, ...draft, key: state.nextKey + index }))
  const lines = [...added.reverse(), ...state.lines]
  return {
    ...state,
    lines: lines.slice(0, maxLines),
    dropped: state.dropped + Math.max(0, lines.length - maxLines),
    progress: mergeProgress(state.progress, reports),
    known,
    coverage,
    nextKey: state.nextKey + drafts.length,
  }
}

/** Returns the log with a warning that no result has caused. */
export const appendNote = (state: LogState, text: string, at: number): LogState => ({
  ...state,
  lines: [{ key: state.nextKey, at, kind: 'warning' as const, text }, ...state.lines].slice(0, maxLines),
  nextKey: state.nextKey + 1,
})

const errorLine = ({ message, extensions }: GraphQLFormattedError): Draft => ({
  kind: 'error',
  text: [extensions?.code, message, extensions?.remedy].filter((part) => typeof part === 'string').join(': '),
})

/** Returns what is incomplete, an empty string if nothing is, or undefined if the selection does not say. */
const incompleteText = (batch: TypedObject): string | undefined =>
  coverageOf(batch)
    ?.flatMap(({ isIncomplete, heading, explanation }) => (isIncomplete ? [`${heading} ${explanation}`] : []))
    .join(' ')

function linesOf(label: string, value: TypedObject, known: Map<string, LeafValues>): Draft[] {
  const changes = fieldNamed(value, 'changes')?.value
  if (changes?.kind === 'list') return changeLines(changes.items, rawField(value, 'initial') === true, known)
  const events = fieldNamed(value, 'events')?.value
  if (events?.kind === 'list') return eventLines(events.items)
  return otherLine(label, value, known)
}

const objectsOf = (items: readonly TypedValue[]): TypedObject[] =>
  items.filter((item) => item.kind === 'object')

/** The first batches report what matches at the start: their objects are counted, because nothing happened to them. */
function changeLines(
  items: readonly TypedValue[],
  isInitial: boolean,
  known: Map<string, LeafValues>,
): Draft[] {
  const lines = objectsOf(items).map((change) => changeLine(change, known))
  if (!isInitial) return lines
  const count = lines.length
  return [{ kind: 'start', text: count === 1 ? '1 object matches.' : `${count} objects match.` }]
}

function changeLine(change: TypedObject, known: Map<string, LeafValues>): Draft {
  const subjectField = change.fields.find(({ value }) => value.kind === 'object')
  const entity = subjectField?.value.kind === 'object' ? subjectField.value : undefined
  const id = [
    rawField(change, 'entityId'),
    rawField(change, 'alarmId'),
    entity && rawField(entity, 'id'),
  ].find((raw): raw is string => typeof raw === 'string')
  const before = id === undefined ? undefined : known.get(id)
  const after = entity && leavesOf(entity)
  if (id !== undefined && after) known.set(id, after)
  const kind = rawField(change, 'kind')
  const subject = subjectOf(entity) ?? before?.get('name')?.shown ?? id
  if (kind === 'LEAVE') {
    if (id !== undefined) known.delete(id)
    return { kind: 'leave', subject, text: 'was removed or no longer matches' }
  }
  if (kind === 'ENTER' || !before)
    return { kind: 'enter', subject, text: after ? describeChanges(undefined, after) : 'matches' }
  return { kind: 'update', subject, text: after ? describeChanges(before, after) : 'changed' }
}

const nameFields = ['name', 'entityName', 'label', 'path']

/** Returns the name of an object. An alarm is named with the object that it is about. */
function subjectOf(object: TypedObject | undefined): string | undefined {
  if (!object) return undefined
  const own = nameFields
    .map((field) => rawField(object, field))
    .find((raw): raw is string => typeof raw === 'string')
  if (own !== undefined && object.typeName !== 'TriggeredAlarm') return own
  const entity = fieldNamed(object, 'entity')?.value
  const about = entity?.kind === 'object' ? subjectOf(entity) : undefined
  return [own, about].filter((part) => part !== undefined).join(' · ') || undefined
}

const eventLines = (items: readonly TypedValue[]): Draft[] =>
  objectsOf(items).map((event) => {
    const created = Date.parse(String(rawField(event, 'createdAt')))
    const severity = rawField(event, 'severity')
    const user = rawField(event, 'userName')
    const message = rawField(event, 'message') ?? rawField(event, 'type') ?? 'event'
    const entity = fieldNamed(event, 'entity')?.value
    const named =
      rawField(event, 'entityName') ?? (entity?.kind === 'object' ? rawField(entity, 'name') : undefined)
    return {
      kind: severity === 'ERROR' ? 'error' : severity === 'WARNING' ? 'warning' : 'event',
      ...(Number.isNaN(created) ? {} : { at: created }),
      subject: typeof named === 'string' ? named : undefined,
      text: `${message}${typeof user === 'string' && user !== '' ? ` (${user})` : ''}`,
    }
  })

/** An object that is sent again with each result, such as a task: one line for what changed of it. */
function otherLine(label: string, value: TypedObject, known: Map<string, LeafValues>): Draft[] {
  if (value.typeName === 'ChangedAreaBatch') return [batchLine(value)]
  const after = leavesOf(value)
  const id = rawField(value, 'id')
  const key = `${label} ${typeof id === 'string' ? id : ''}`
  const before = known.get(key)
  known.set(key, after)
  const text = describeChanges(before, after, new Set(['progress']))
  // Progress alone moves the bar, not the log.
  if (text === '') return []
  const state = rawField(value, 'state')
  return [
    {
      kind: state === 'ERROR' ? 'error' : before ? 'update' : 'start',
      subject: subjectOf(value) ?? (value.typeName ? enumLabel(value.typeName) : label),
      text,
    },
  ]
}

function batchLine(batch: TypedObject): Draft {
  const areas = rawField(batch, 'areas')
  const [start, end] = [rawField(batch, 'startOffset'), rawField(batch, 'nextOffset')]
  const count = Array.isArray(areas) ? `${areas.length} ${areas.length === 1 ? 'area' : 'areas'}` : 'a batch'
  const range = [
    typeof start === 'number' && `from ${formatBytes(start)}`,
    typeof end === 'number' && `up to ${formatBytes(end)}`,
    rawField(batch, 'complete') === true && '(the whole disk is covered)',
  ]
  return { kind: 'event', text: [count, ...range].filter(Boolean).join(' ') }
}

/** A report replaces the former one of the same task. */
function mergeProgress(known: readonly Progress[], reports: readonly Progress[]): readonly Progress[] {
  if (reports.length === 0) return known
  const byKey = new Map(known.map((each) => [each.key, each]))
  for (const report of reports)
    byKey.set(report.key, { ...report, since: byKey.get(report.key)?.since ?? report.since })
  return [...byKey.values()].slice(-maxLines)
}
