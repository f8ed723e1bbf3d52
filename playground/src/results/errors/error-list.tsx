// Lists the errors of a result with their code, message, remedy and path, and leads to their field and value.

import { type GraphQLFormattedError, getNamedType } from 'graphql'
import { useState } from 'react'
import { IdView } from '../ids/id-view.tsx'
import { useResultServices } from '../result-context.ts'
import { pathKey } from '../typed/error-index.ts'
import { type TypedValue, valueAt } from '../typed/typed-value.ts'

/** The most errors that are shown at first. */
const maxShown = 5

interface Props {
  readonly errors: readonly GraphQLFormattedError[]
  readonly root: TypedValue | undefined
}

export function ErrorList({ errors, root }: Props) {
  const [showsAll, setShowsAll] = useState(false)
  const shown = showsAll ? errors : errors.slice(0, maxShown)
  return (
    <section className="rv-errors" aria-label="Errors">
      <h3>
        {errors.length} {errors.length === 1 ? 'error' : 'errors'}
      </h3>
      <ul>
        {shown.map((error, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the list of a result is only appended to.
          <ErrorItem key={index} error={error} root={root} />
        ))}
      </ul>
      {shown.length < errors.length && (
        <button type="button" className="rv-link" onClick={() => setShowsAll(true)}>
          Show all {errors.length} errors
        </button>
      )}
    </section>
  )
}

function ErrorItem({ error, root }: { readonly error: GraphQLFormattedError } & Pick<Props, 'root'>) {
  const { goToField } = useResultServices()
  const [wasEdited, setWasEdited] = useState(false)
  const { code, remedy, retryable, candidates } = error.extensions ?? {}
  const canLocate = error.path !== undefined || (error.locations?.length ?? 0) > 0
  return (
    <li className="rv-error">
      <p>
        {typeof code === 'string' && <code className="rv-code">{code}</code>} {error.message}
      </p>
      {typeof remedy === 'string' && <p className="rv-remedy">{remedy}</p>}
      {retryable === true && <p className="rv-remedy">The same request may succeed later.</p>}
      {Array.isArray(candidates) && <Candidates of={error} root={root} candidates={candidates} />}
      <p className="rv-error-links">
        {error.path && <span className="rv-path">{error.path.join(' › ')}</span>}
        {canLocate && (
          <button type="button" className="rv-link" onClick={() => setWasEdited(!goToField(error))}>
            Go to the field
          </button>
        )}
        {error.path && (
          <button type="button" className="rv-link" onClick={() => goToValue(error.path ?? [])}>
            Go to the value
          </button>
        )}
        {wasEdited && <span role="status">The operation in the editor is not the one that ran.</span>}
      </p>
    </li>
  )
}

interface CandidatesProps extends Pick<Props, 'root'> {
  readonly of: GraphQLFormattedError
  readonly candidates: readonly { readonly id?: unknown; readonly path?: unknown }[]
}

/** The objects that an ambiguous name matches. */
function Candidates({ of, root, candidates }: CandidatesProps) {
  const type = root && valueAt(root, of.path ?? [])?.type
  const typeName = type ? getNamedType(type).name : 'Node'
  return (
    <ul>
      {candidates.map(
        ({ id, path }) =>
          typeof id === 'string' && (
            <li key={id} className="rv-candidate">
              {typeof path === 'string' && path} <IdView id={id} typeName={typeName} isCompact />
            </li>
          ),
      )}
    </ul>
  )
}

/** Scrolls to the value of a path, or to the nearest value around it that is shown, and marks it. */
function goToValue(path: NonNullable<GraphQLFormattedError['path']>): void {
  for (let length = path.length; length > 0; length--) {
    const selector = `.rv-content [data-path="${CSS.escape(pathKey(path.slice(0, length)))}"]`
    const element = document.querySelector<HTMLElement>(selector)
    if (!element) continue
    element.tabIndex = -1
    element.scrollIntoView({ block: 'center', inline: 'center' })
    element.focus({ preventScroll: true })
    return
  }
}
