// Types the results of a run with the schema of GraphiQL, each once.

import { useGraphiQL } from '@graphiql/react'
import { useMemo } from 'react'
import type { Run, RunResult } from '../../execution/runs.ts'
import { type TypedResult, typeResult } from './typed-result.ts'

export function useTypedResults(run: Run | undefined): (result: RunResult) => TypedResult {
  const schema = useGraphiQL((state) => state.schema)
  const document = run?.document ?? ''
  const operationName = run?.operationName
  return useMemo(() => {
    const known = new WeakMap<RunResult, TypedResult>()
    return (each) => {
      let typed = known.get(each)
      if (!typed) {
        typed = typeResult({ result: each.result, document, operationName, schema })
        known.set(each, typed)
      }
      return typed
    }
  }, [schema, document, operationName])
}
