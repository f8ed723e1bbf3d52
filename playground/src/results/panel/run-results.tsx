// The views of a run: errors first, then each field of the operation by its best view.

import type { Run } from '../../execution/runs.ts'
import { ErrorList } from '../errors/error-list.tsx'
import type { TypedResult } from '../typed/typed-result.ts'
import { isPlain } from '../typed/typed-value.ts'
import { ValueView } from '../value-view.tsx'
import { hasPicture, type RunView, type RunViewProps, type ViewContext } from '../view.ts'
import { runViews, views } from '../views.ts'
import { ViewErrorBoundary } from './error-boundary.tsx'

export function RunResults({ run, typed }: RunViewProps) {
  const last = run.results.at(-1)
  const result = last && typed(last)
  const WholeRun = bestRunView(run, result)?.component
  return (
    <ViewErrorBoundary>
      {run.failure !== undefined && (
        <p className="rv-notice" role="alert">
          {run.failure}
        </p>
      )}
      {!WholeRun && run.note !== undefined && (
        <p className="rv-notice" role="status">
          {run.note}
        </p>
      )}
      {result && result.errors.length > 0 && <ErrorList errors={result.errors} root={result.root} />}
      {!WholeRun && !last && run.state === 'running' && <p className="rv-hint">Waiting for the response …</p>}
      {WholeRun ? <WholeRun run={run} typed={typed} /> : result && <ResultView run={run} result={result} />}
    </ViewErrorBoundary>
  )
}

function ResultView({ run, result }: { readonly run: Run; readonly result: TypedResult }) {
  const { root } = result
  const context: ViewContext = {
    run,
    result,
    hasPicture: (value) =>
      hasPicture(
        views.filter(({ isPicture }) => isPicture),
        value,
        context,
      ),
  }
  if (!root) return null
  if (root.kind !== 'object') return <ValueView value={root} label="data" context={context} />
  const plain = root.fields.filter((field) => isPlain(field.value))
  return (
    <>
      {plain.length > 0 && (
        <ValueView value={{ ...root, raw: root.raw, fields: plain }} label="result" context={context} />
      )}
      {root.fields
        .filter((field) => !plain.includes(field))
        .map((field) => (
          <ViewErrorBoundary key={field.key}>
            <ValueView value={field.value} label={field.key} context={context} />
          </ViewErrorBoundary>
        ))}
    </>
  )
}

function bestRunView(run: Run, last: TypedResult | undefined): RunView | undefined {
  const scored = runViews.flatMap((view) => {
    const score = view.matches(run, last)
    return score === false ? [] : [{ view, score }]
  })
  return scored.sort((a, b) => b.score - a.score)[0]?.view
}
