import type { CombinedError } from 'urql'

/** The errors of the gateway, or one without a code if it cannot be reached. */
export function errorsOf(error: CombinedError | undefined) {
  if (error === undefined) return []
  return error.networkError ? [error.networkError] : error.graphQLErrors
}
