// The button that loads the next page of a connection, or says why it cannot.

import { useState } from 'react'
import { appendPage } from '../paging/append-page.ts'
import { nextPage } from '../paging/next-page.ts'
import { useResultServices } from '../result-context.ts'
import type { ViewContext } from '../view.ts'
import { type Connection, describeMore } from './row-set.ts'

interface Props {
  readonly connection: Connection
  readonly context: ViewContext
}

export function NextPageButton({ connection, context }: Props) {
  const { send, changeResult } = useResultServices()
  const [state, setState] = useState<{ readonly isLoading?: boolean; readonly problem?: string }>({})
  if (!mayHaveMore(connection)) return null
  const page = pageOf(connection, context)
  if ('reason' in page)
    return (
      <p className="rv-note">
        {describeMore(connection)} {page.reason}
      </p>
    )

  async function load(): Promise<void> {
    if ('reason' in page) return
    setState({ isLoading: true })
    try {
      const { result, bytes } = await send(page.operation)
      setState({})
      changeResult((current) => {
        const joined = appendPage({
          result: current,
          connection: connection.value,
          page: result,
          pagePath: page.path,
        })
        if (!('reason' in joined)) return joined
        setState({ problem: joined.reason })
        return undefined
      }, bytes)
    } catch (error) {
      setState({ problem: error instanceof Error ? error.message : String(error) })
    }
  }

  return (
    <div className="rv-next">
      <button
        type="button"
        className="rv-button rv-primary"
        disabled={state.isLoading === true}
        onClick={() => void load()}
      >
        {state.isLoading ? 'Loading …' : 'Load the next page'}
      </button>
      <span className="rv-note">{describeMore(connection)}</span>
      {state.problem !== undefined && (
        <span className="rv-problem" role="alert">
          The next page could not be loaded: {state.problem}
        </span>
      )}
    </div>
  )
}

/** Without hasNextPage, a list that is shorter than its total has more rows. */
function mayHaveMore({ hasNextPage, items, rows, totalCount }: Connection): boolean {
  if (!items) return false
  return hasNextPage ?? (totalCount !== undefined && totalCount > rows.rows.length + rows.nullCount)
}

function pageOf({ value, endCursor }: Connection, { result, run }: ViewContext) {
  if (!result.root || !result.schema) return { reason: 'The schema is not loaded.' }
  return nextPage({
    root: result.root,
    path: value.path,
    endCursor,
    document: run.document,
    operationName: run.operationName,
    variables: run.variables,
    schema: result.schema,
  })
}
