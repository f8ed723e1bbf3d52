// Says when a connection is incomplete, and why.

import type { TypedObject } from '../typed/typed-value.ts'
import { coverageOf } from './read-coverage.ts'

export function CoverageNotice({ of }: { readonly of: TypedObject }) {
  return coverageOf(of)?.map(({ isIncomplete, heading, explanation, undecidedCount }) => {
    if (!isIncomplete && undecidedCount === 0) return null
    return (
      <div key={heading} className="rv-notice" data-incomplete={isIncomplete} role="note">
        {isIncomplete && (
          <p>
            <strong>{heading}</strong> {explanation}
          </p>
        )}
        {undecidedCount > 0 && (
          <p>
            {undecidedCount.toLocaleString('en-US')} {undecidedCount === 1 ? 'object was' : 'objects were'}{' '}
            left out because a value that the filter needs cannot be read.
          </p>
        )}
      </div>
    )
  })
}
