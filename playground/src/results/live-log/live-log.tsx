// The log of a subscription: each event a line, the newest first, with the progress of tasks and scans above it.

import './live-log.css'
import { useMemo, useState } from 'react'
import type { AreaMap } from '../disk-map/area-map.ts'
import { formatShare } from '../disk-map/byte-scale.ts'
import { DiskMap } from '../disk-map/disk-map.tsx'
import { Picture } from '../picture/picture.tsx'
import type { RunView, RunViewProps } from '../view.ts'
import type { LineKind, LogLine } from './log-lines.ts'
import { type Log, LogReader } from './log-reader.ts'
import { recentProgress } from './progress.ts'
import { ProgressList } from './progress-list.tsx'
import { frozen, mapOfStream } from './streamed-map.ts'

/** A mark and a word for each kind of line. */
const marks: Readonly<Record<LineKind, readonly [mark: string, word: string]>> = {
  start: ['●', 'start'],
  enter: ['+', 'new'],
  update: ['~', 'change'],
  leave: ['−', 'removed'],
  event: ['●', 'event'],
  warning: ['!', 'warning'],
  error: ['✕', 'error'],
}

function LiveLog({ run, typed }: RunViewProps) {
  const [reader] = useState(() => new LogReader())
  const current = reader.read(run, typed)
  const [paused, setPaused] = useState<Log>()
  const [cleared, setCleared] = useState(0)
  const log = paused ?? current
  const lines = log.lines.filter(({ key }) => key >= cleared)
  const waiting = current.nextKey - log.nextKey
  return (
    <>
      {log.progress.length > 0 && <RecentProgress log={log} />}
      {log.map && <StreamedDiskMap log={log} />}
      <Picture
        kind="live-log"
        title="Log"
        caption={captionOf(log, run)}
        table={() => <LogTable lines={lines} />}
        actions={
          <>
            <button
              type="button"
              className="rv-picture-button"
              aria-pressed={paused !== undefined}
              onClick={() => setPaused(paused ? undefined : pausedLog(current))}
            >
              {paused ? `Resume${waiting > 0 ? ` (${waiting} new)` : ''}` : 'Pause'}
            </button>
            <button
              type="button"
              className="rv-picture-button"
              disabled={lines.length === 0}
              onClick={() => setCleared(log.nextKey)}
            >
              Clear
            </button>
          </>
        }
      >
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls has to be reachable with the keyboard. */}
        <div className="rv-log" role="log" aria-label="Log, the newest line first" tabIndex={0}>
          <ol>
            {lines.map((line) => (
              <li key={line.key} data-kind={line.kind}>
                <time dateTime={new Date(line.at).toISOString()}>{clock.format(line.at)}</time>
                <span className="rv-log-mark" title={marks[line.kind][1]}>
                  <span aria-hidden="true">{marks[line.kind][0]}</span>
                  <span className="rv-log-word">{marks[line.kind][1]}</span>
                </span>
                <span className="rv-log-text">
                  {line.subject !== undefined && <strong>{line.subject}</strong>} {line.text}
                </span>
              </li>
            ))}
          </ol>
        </div>
        {lines.length === 0 && <p className="rv-note">Nothing has happened yet.</p>}
      </Picture>
    </>
  )
}

/** The log as it is now: the areas of a map are appended to in place. */
const pausedLog = (log: Log): Log => ({ ...log, map: log.map && frozen(log.map) })

function RecentProgress({ log: { progress } }: { readonly log: Log }) {
  const { shown, hidden } = recentProgress(progress)
  return (
    <>
      <ProgressList progress={shown} />
      {hidden > 0 && <p className="rv-note">{hidden} others are not shown.</p>}
    </>
  )
}

const clock = new Intl.DateTimeFormat(undefined, { timeStyle: 'medium' })

function captionOf({ results, dropped, nextKey }: Log, { state, note }: RunViewProps['run']): string {
  const parts = [
    `${nextKey} ${nextKey === 1 ? 'line' : 'lines'} of ${results} ${results === 1 ? 'result' : 'results'}.`,
    dropped > 0 && `The oldest ${dropped} lines are not kept.`,
    state === 'running' ? 'New lines appear at the top.' : (note ?? 'The subscription has ended.'),
  ]
  return parts.filter(Boolean).join(' ')
}

function LogTable({ lines }: { readonly lines: readonly LogLine[] }) {
  return (
    <table className="rv-log-table">
      <thead>
        <tr>
          {['Time', 'Kind', 'Object', 'What happened'].map((heading) => (
            <th scope="col" key={heading}>
              {heading}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {lines.map((line) => (
          <tr key={line.key}>
            <td>{clock.format(line.at)}</td>
            <td>{marks[line.kind][1]}</td>
            <td>{line.subject}</td>
            <td>{line.text}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

function StreamedDiskMap({ log: { map } }: { readonly log: Log }) {
  const maps = useMemo(() => (map ? [mapOfStream(map)] : []), [map])
  return (
    <DiskMap
      title="Areas that have arrived"
      maps={maps}
      table={() => maps.map((each) => <AreaTable key={each.name} map={each} />)}
    />
  )
}

/** Rows of a table of streamed areas; a stream can have millions. */
const maxRows = 500

function AreaTable({ map: { areas, capacity, isCapacityKnown } }: { readonly map: AreaMap }) {
  return (
    <>
      {areas.length > maxRows && (
        <p className="rv-note">
          The last {maxRows} of {areas.length.toLocaleString('en-US')} areas.
        </p>
      )}
      <table className="rv-log-table">
        <thead>
          <tr>
            <th scope="col">Start, in bytes</th>
            <th scope="col">Length, in bytes</th>
            {isCapacityKnown && <th scope="col">Share of the disk</th>}
          </tr>
        </thead>
        <tbody>
          {areas.slice(-maxRows).map(({ start, length }) => (
            <tr key={start}>
              <td>{start.toLocaleString('en-US')}</td>
              <td>{length.toLocaleString('en-US')}</td>
              {isCapacityKnown && <td>{formatShare(length, capacity)}</td>}
            </tr>
          ))}
        </tbody>
      </table>
    </>
  )
}

/** A subscription that the gateway has rejected has one result, without data; the list of errors shows it. */
const isRejected = ({ results, droppedResults }: RunViewProps['run']): boolean =>
  results.length + droppedResults === 1 && !results[0]?.result.data

export const liveLogView: RunView = {
  name: 'live-log',
  matches: (run, last) => (last?.operation === 'subscription' && !isRejected(run) ? 20 : false),
  component: LiveLog,
}
