// Lists the errors of a result with their code, message, remedy and path.

import type { GraphQLFormattedError } from 'graphql'
import { useResultServices } from '../result-context.ts'
import type { TypedResult } from '../typed-result.ts'

interface Props {
  readonly errors: readonly GraphQLFormattedError[]
  readonly result: TypedResult
}

export function ErrorList({ errors }: Props) {
  const { goToField } = useResultServices()
  return (
    <section className="rv-errors" aria-label="Errors">
      <h3>
        {errors.length} {errors.length === 1 ? 'error' : 'errors'}
      </h3>
      <ul>
        {errors.map((error, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the list of a result never changes.
          <li key={index}>
            <strong>{textOf(error.extensions?.code)}</strong> {error.message}
            {textOf(error.extensions?.remedy) && (
              <p className="rv-remedy">{textOf(error.extensions?.remedy)}</p>
            )}
            {error.path && (
              <button type="button" className="rv-link" onClick={() => goToField(error.path ?? [])}>
                {error.path.join(' › ')}
              </button>
            )}
          </li>
        ))}
      </ul>
    </section>
  )
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '')
