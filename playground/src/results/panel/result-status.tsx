// The line above the response: whether the operation runs, how long it took, and the size of its response.

import type { Run } from '../../execution/runs.ts'
import type { TypedResult } from '../typed/typed-result.ts'
import { formatBytes } from '../values/format.ts'
import { countRows } from './count-rows.ts'

interface Props {
  readonly run: Run
  readonly last: TypedResult | undefined
}

export function ResultStatus({ run, last }: Props) {
  const rows = last?.root ? countRows(last.root) : 0
  const events = run.results.length + run.droppedResults
  const parts = [
    last?.operation === 'subscription' && `${events} ${events === 1 ? 'event' : 'events'}`,
    last?.operation !== 'subscription' &&
      rows > 0 &&
      `${rows.toLocaleString('en-US')} ${rows === 1 ? 'row' : 'rows'}`,
    run.endedAt !== undefined && `${(run.endedAt - run.startedAt).toLocaleString('en-US')} ms`,
    run.bytes > 0 && formatBytes(run.bytes),
    run.httpStatus !== undefined && run.httpStatus !== 200 && `HTTP ${run.httpStatus}`,
  ]
  return (
    <p className="rv-status" role="status">
      {run.state === 'running' && <progress aria-label="The operation runs" />}
      {run.state === 'failed' && <strong className="rv-failed">failed</strong>}
      {parts.filter((part) => part !== false).join(' · ')}
    </p>
  )
}
