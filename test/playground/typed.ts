// Types a result as the playground does, for the tests of its views.

import { readFileSync } from 'node:fs'
import { buildSchema, type ExecutionResult } from 'graphql'
import type { Run } from '../../playground/src/execution/runs.ts'
import { type TypedResult, typeResult } from '../../playground/src/results/typed/typed-result.ts'
import { type TypedValue, valueAt } from '../../playground/src/results/typed/typed-value.ts'

const schema = buildSchema(readFileSync(new URL('../../schema/schema.graphql', import.meta.url), 'utf8'))

export const typed = (document: string, data: unknown, errors?: ExecutionResult['errors']): TypedResult =>
  typeResult({ result: { data, ...(errors && { errors }) } as ExecutionResult, document, schema })

export function typedAt(document: string, data: unknown, ...path: (string | number)[]): TypedValue {
  const { root, problem } = typed(document, data)
  const value = root && valueAt(root, path)
  if (!value) throw new Error(problem ?? `nothing at ${path.join('.')}`)
  return value
}

/** A run with results that arrived a second apart. */
export const runOf = (results: readonly unknown[], more: Partial<Run> = {}): Run => ({
  id: 1,
  tabId: 'a',
  document: '',
  startedAt: 0,
  results: results.map((data, index) => ({ at: 1000 * index, result: { data } as ExecutionResult })),
  droppedResults: 0,
  state: 'running',
  bytes: 0,
  ...more,
})
