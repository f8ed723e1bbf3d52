// The log of a subscription: lines for what changed, progress in place, warnings, and its bounds.

import { describe, expect, it } from 'vitest'
import type { RunResult } from '../../playground/src/execution/runs.ts'
import {
  appendResult,
  emptyLog,
  type LogState,
  maxLines,
} from '../../playground/src/results/live-log/log-lines.ts'
import { LogReader } from '../../playground/src/results/live-log/log-reader.ts'
import { type Progress, progressOf, recentProgress } from '../../playground/src/results/live-log/progress.ts'
import { mapOfStream } from '../../playground/src/results/live-log/streamed-map.ts'
import type { TypedResult } from '../../playground/src/results/typed/typed-result.ts'
import { runOf, typed, typedAt } from './typed.ts'

/** The log after results that arrived a second apart. */
const logOf = (document: string, ...results: readonly object[]): LogState =>
  results.reduce<LogState>(
    (log, data, index) => appendResult(log, typed(document, data), 1000 * index),
    emptyLog,
  )

/** Lines in the order in which they were added. */
const linesOf = ({ lines }: LogState) =>
  [...lines].reverse().map(({ kind, subject, text }) => [kind, subject, text].filter(Boolean).join(' | '))

describe('the log of inventory changes', () => {
  const document = `subscription { inventoryChanges(filter: { virtualMachines: {} }) { initial coverage { vcenter isComplete error { message } }
    changes { kind entityId entity { name ... on VirtualMachine { powerState memory host { name } } } } } }`
  const vm = (powerState: string, more: object = {}) => ({
    name: 'web-01',
    powerState,
    memory: 2 ** 30,
    host: { name: 'h1' },
    ...more,
  })
  const batch = (initial: boolean, ...changes: object[]) => ({ inventoryChanges: { initial, changes } })
  const update = (entity: object) => ({ kind: 'MODIFY', entityId: 'a', entity })

  it('counts what matches at the start, then says what changed', () => {
    const log = logOf(
      document,
      batch(true, { kind: 'ENTER', entityId: 'a', entity: vm('POWERED_OFF') }),
      batch(false, update(vm('POWERED_ON'))),
      batch(false, update(vm('POWERED_ON', { memory: 2 ** 31, host: { name: 'h2' } }))),
      batch(false, { kind: 'LEAVE', entityId: 'a', entity: null }),
    )
    expect(linesOf(log)).toEqual([
      'start | 1 object matches.',
      'update | web-01 | Power state: Powered off → Powered on',
      'update | web-01 | Memory: 1 GiB → 2 GiB, Host name: h1 → h2',
      'leave | web-01 | was removed or no longer matches',
    ])
    expect(log.lines[0]).toMatchObject({ key: 3, at: 3000 })
    expect(log.known.size).toBe(0)
  })

  it('lists the values of an object that is new', () => {
    const log = logOf(document, batch(false, { kind: 'ENTER', entityId: 'b', entity: vm('POWERED_ON') }))
    expect(linesOf(log)).toEqual(['enter | web-01 | Power state: Powered on, Memory: 1 GiB, Host name: h1'])
  })

  it('names what was added to a list and removed from it', () => {
    const selecting = document.replace('memory', 'memory snapshots { name size } tags { id }')
    const snapshots = (...names: string[]) => names.map((name) => ({ name, size: 1 }))
    const log = logOf(
      selecting,
      batch(true, {
        kind: 'ENTER',
        entityId: 'a',
        entity: vm('POWERED_ON', { snapshots: snapshots('a', 'b'), tags: [] }),
      }),
      batch(false, update(vm('POWERED_ON', { snapshots: snapshots('b', 'c'), tags: [] }))),
      batch(false, update(vm('POWERED_ON', { snapshots: snapshots('b'), tags: [{ id: 't' }] }))),
      batch(false, update(vm('POWERED_ON', { snapshots: [{ name: 'b', size: 2 }], tags: [{ id: 't' }] }))),
    )
    expect(linesOf(log).slice(1)).toEqual([
      'update | web-01 | Snapshots: + c, − a',
      'update | web-01 | Snapshots: − c, Tags: + t',
      'update | web-01 | Snapshots: changed',
    ])
  })

  it('warns once while the data is incomplete, and when it is complete again', () => {
    const state = (isComplete: boolean) => ({
      inventoryChanges: {
        initial: false,
        changes: [],
        coverage: [{ vcenter: 'fra', isComplete, error: isComplete ? null : { message: 'no answer' } }],
      },
    })
    const log = logOf(document, state(true), state(false), state(false), state(true), state(true))
    expect(linesOf(log)).toEqual(['warning | Incomplete: fra. no answer', 'start | Complete again.'])
  })
})

it('names an alarm with the object that it is about', () => {
  const document =
    'subscription { alarmChanges { initial changes { kind alarmId alarm { name status entity { name } } } } }'
  const batch = (status: string) => ({
    alarmChanges: {
      initial: false,
      changes: [
        { kind: 'MODIFY', alarmId: 'a', alarm: { name: 'Host memory', status, entity: { name: 'h1' } } },
      ],
    },
  })
  expect(linesOf(logOf(document, batch('YELLOW'), batch('RED'))).at(-1)).toBe(
    'update | Host memory · h1 | Status: Yellow → Red',
  )
})

describe('the log of events', () => {
  const document =
    'subscription { events { gap cursor events { createdAt severity message userName entityName type } } }'

  it('has each event at its own time, and a warning about a gap', () => {
    const event = (message: string, severity: string) => ({
      createdAt: '2026-01-05T08:00:00.000Z',
      severity,
      message,
      userName: 'ann',
      entityName: 'web-01',
      type: 'VmPoweredOnEvent',
    })
    const log = logOf(document, {
      events: { gap: true, cursor: 'c', events: [event('Powered on', 'INFO'), event('Lost', 'ERROR')] },
    })
    expect(linesOf(log)).toEqual([
      'warning | Some events before this one are lost (gap).',
      'event | web-01 | Powered on (ann)',
      'error | web-01 | Lost (ann)',
    ])
    expect(log.lines[0]?.at).toBe(Date.parse('2026-01-05T08:00:00.000Z'))
  })
})

describe('the log of a task', () => {
  const document =
    'subscription { task(id: "t") { id label state progress entityName queuedAt startedAt error { message } } }'
  const task = (state: string, progress: number | null, more: object = {}) => ({
    task: {
      id: 't',
      label: 'Create snapshot',
      state,
      progress,
      entityName: 'web-01',
      queuedAt: '1970-01-01T00:00:00.000Z',
      startedAt: null,
      error: null,
      ...more,
    },
  })

  it('moves one bar, and has a line for each state', () => {
    const log = logOf(
      document,
      task('QUEUED', null),
      task('RUNNING', 10),
      task('RUNNING', 60),
      task('SUCCESS', 100),
    )
    expect(log.progress).toEqual([
      {
        key: 't',
        label: 'Create snapshot · web-01',
        share: 1,
        state: 'done',
        problem: undefined,
        since: 0,
        at: 3000,
      },
    ])
    expect(linesOf(log)).toHaveLength(3)
    expect(linesOf(log).at(-1)).toBe('update | web-01 | State: Running → Success')
  })

  it('has the reason of a failure', () => {
    const log = logOf(document, task('ERROR', 60, { error: { message: 'No space' } }))
    expect(log.progress).toMatchObject([{ state: 'failed', share: 0.6, problem: 'No space' }])
    expect(log.lines[0]?.kind).toBe('error')
  })

  it('has an unknown share while a running task does not report one', () => {
    const value = typedAt(document, task('RUNNING', null), 'task')
    expect(progressOf(value, 5)).toMatchObject([{ share: undefined, state: 'running' }])
  })
})

describe('the log of a stream of areas', () => {
  const document = `subscription { changedAreas(disk: "d") { startOffset nextOffset scannedBytes capacity complete sinceChangeId areas { start length } } }`
  const batch = (startOffset: number, nextOffset: number, ...starts: number[]) => ({
    changedAreas: {
      startOffset,
      nextOffset,
      scannedBytes: nextOffset,
      capacity: 1000,
      complete: nextOffset === 1000,
      sinceChangeId: null,
      areas: starts.map((start) => ({ start, length: 10 })),
    },
  })
  const read = (reader: LogReader, results: readonly object[], droppedResults = 0) => {
    const typings = new Map<RunResult, TypedResult>()
    const type = (result: RunResult) => {
      const known = typings.get(result) ?? typed(document, result.result.data)
      typings.set(result, known)
      return known
    }
    return reader.read(runOf(results, { droppedResults }), type)
  }

  it('joins the batches to one map, each once, with the progress of the scan', () => {
    const reader = new LogReader()
    const batches = [batch(0, 400, 0, 100), batch(400, 700), batch(700, 1000, 800)]
    expect(read(reader, batches.slice(0, 1)).progress).toMatchObject([{ share: 0.4, state: 'running' }])
    read(reader, batches)
    const log = read(reader, batches)
    expect(log.results).toBe(3)
    expect(log.progress).toMatchObject([{ share: 1, state: 'done' }])
    expect(linesOf(log)).toEqual([
      'event | 2 areas from 0 B up to 400 B',
      'event | 0 areas from 400 B up to 700 B',
      'event | 1 area from 700 B up to 1,000 B (the whole disk is covered)',
    ])
    expect(log.map && mapOfStream(log.map)).toMatchObject({
      meaning: 'in use',
      capacity: 1000,
      areas: [0, 100, 800].map((start) => ({ start, length: 10 })),
      known: [{ start: 0, end: 1000 }],
    })
  })

  it('does not show as empty what it has missed', () => {
    const log = read(new LogReader(), [batch(400, 700, 500)], 7)
    expect(log.results).toBe(8)
    expect(linesOf(log)[0]).toBe('warning | 7 earlier results are no longer kept.')
    expect(log.map && mapOfStream(log.map).known).toEqual([{ start: 400, end: 700 }])
  })
})

describe('the progress that a log shows', () => {
  const report = (key: string, state: Progress['state'], at: number): Progress => ({
    key,
    label: key,
    share: undefined,
    state,
    since: 0,
    at,
  })

  it('has what goes on and the last that ended, and counts the others', () => {
    const ended = Array.from({ length: 9 }, (_, index) => report(`done${index}`, 'done', index))
    const running = [report('a', 'running', 0), report('b', 'queued', 0)]
    const { shown, hidden } = recentProgress([...ended, ...running])
    expect(shown.map(({ key }) => key)).toEqual(['a', 'b', 'done8', 'done7', 'done6'])
    expect(hidden).toBe(6)
  })
})

describe('any log', () => {
  it('says what changed in results of other shapes', () => {
    const document = 'subscription { task(id: "t") { label } }'
    expect(
      linesOf(logOf(document, { task: { label: 'a' } }, { task: { label: 'a' } }, { task: { label: 'b' } })),
    ).toEqual(['start | a | Label: a', 'update | b | Label: a → b'])
  })

  it('has the code, message and remedy of errors', () => {
    const error = { message: 'No session', extensions: { code: 'UNAUTHENTICATED', remedy: 'Log in.' } }
    const log = appendResult(
      emptyLog,
      typed('subscription { task(id: "t") { id } }', null, [error as never]),
      0,
    )
    expect(linesOf(log)).toEqual(['error | UNAUTHENTICATED: No session: Log in.'])
  })

  it('keeps the last lines, and counts those that it dropped', () => {
    const document = 'subscription { events { events { message } } }'
    const events = Array.from({ length: 700 }, (_, index) => ({ message: `m${index}` }))
    const log = logOf(document, { events: { events } }, { events: { events } })
    expect(log.lines).toHaveLength(maxLines)
    expect(log.dropped).toBe(400)
    expect(log.lines[0]?.text).toBe('m699')
  })
})
