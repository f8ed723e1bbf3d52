// Says when a connection is incomplete, and why.

import { fieldNamed, rawField, type TypedObject } from '../typed-value.ts'

export function CoverageNotice({ of }: { readonly of: TypedObject }) {
  const coverage = fieldNamed(of, 'coverage')?.value
  if (coverage?.kind !== 'list') return null
  return coverage.items.map((item) =>
    item.kind === 'object' ? <VCenterCoverage key={item.path.join('.')} coverage={item} /> : null,
  )
}

function VCenterCoverage({ coverage }: { readonly coverage: TypedObject }) {
  const error = fieldNamed(coverage, 'error')?.value
  const reason = error?.kind === 'object' ? error : undefined
  const text = (name: string) => (reason ? rawField(reason, name) : undefined)
  const vcenter = rawField(coverage, 'vcenter')
  const undecided = Number(rawField(coverage, 'undecidedCount') ?? 0)
  const isIncomplete = rawField(coverage, 'isComplete') === false
  if (!isIncomplete && undecided === 0) return null
  return (
    <div className="rv-notice" data-incomplete={isIncomplete} role="note">
      {isIncomplete && (
        <p>
          <strong>Incomplete{typeof vcenter === 'string' && `: ${vcenter}`}.</strong>{' '}
          {String(
            text('message') ??
              'Not everything was examined. Select coverage { error { message } } for the reason.',
          )}{' '}
          {text('remedy') !== undefined && text('remedy') !== null && String(text('remedy'))}
        </p>
      )}
      {undecided > 0 && (
        <p>
          {undecided.toLocaleString('en-US')} {undecided === 1 ? 'object was' : 'objects were'} left out
          because a value that the filter needs cannot be read.
        </p>
      )}
    </div>
  )
}
