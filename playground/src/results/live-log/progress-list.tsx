// Tasks and scans with their progress bars, each updated in place.

import { formatNumber } from '../values/format.ts'
import type { Progress } from './progress.ts'

const words: Readonly<Record<Progress['state'], string>> = {
  queued: 'Queued',
  running: 'Running',
  done: 'Done',
  failed: 'Failed',
}

export function ProgressList({ progress }: { readonly progress: readonly Progress[] }) {
  return (
    <ul className="rv-progress" aria-label="Progress">
      {progress.map((each) => (
        <li key={each.key} data-state={each.state}>
          <span className="rv-progress-label">{each.label}</span>
          <Bar progress={each} />
          <span className="rv-progress-state">
            {words[each.state]}
            {each.share !== undefined && each.state === 'running' && ` ${Math.floor(each.share * 100)} %`}
          </span>
          <span className="rv-progress-time">
            {each.at > each.since && formatNumber((each.at - each.since) / 1000, 'seconds')}
          </span>
          {each.problem !== undefined && <span className="rv-progress-problem">{each.problem}</span>}
        </li>
      ))}
    </ul>
  )
}

/** A bar without a value is one whose progress is not known. */
function Bar({ progress: { label, share, state } }: { readonly progress: Progress }) {
  if (state === 'running' && share === undefined) return <progress aria-label={label} />
  return <progress aria-label={label} max={1} value={share ?? 0} />
}
