// What the result views use of the page around them.

import type { ExecutionResult, GraphQLFormattedError, GraphQLSchema } from 'graphql'
import { createContext, use } from 'react'
import type { OpenTab } from '../execution/open-tab.ts'
import type { Operation } from '../execution/post-operation.ts'
import type { UseExample } from './ids/use.ts'
import type { View } from './view.ts'

export interface ResultServices {
  /** All views of values, so that a view can render nested values without an import of the others. */
  readonly views: readonly View[]
  readonly schema: GraphQLSchema | null | undefined
  /** The examples of the page, which take ids. */
  readonly examples: readonly UseExample[]
  /** Opens a new tab of GraphiQL. */
  openTab(tab: OpenTab): void
  /** Sends an operation outside of the runs. Returns the result and the size of the response in bytes. */
  send(operation: Operation): Promise<{ readonly result: ExecutionResult; readonly bytes: number }>
  /** Changes the last result of the run, such as to append a page of this size, unless `change` returns undefined. */
  changeResult(change: (result: ExecutionResult) => ExecutionResult | undefined, bytes: number): void
  /** Selects the field of an error in the query editor. Returns whether the editor still has the operation that ran. */
  goToField(error: GraphQLFormattedError): boolean
}

export const ResultContext = createContext<ResultServices | undefined>(undefined)

export function useResultServices(): ResultServices {
  const services = use(ResultContext)
  if (!services) throw new Error('The result views need a ResultContext.')
  return services
}
