import { CombinedGraphQLErrors } from '@apollo/client'

/** The errors of the gateway, or one without a code if it cannot be reached. */
export function errorsOf(error: Error | undefined) {
  if (error === undefined) return []
  return CombinedGraphQLErrors.is(error) ? error.errors : [{ message: error.message }]
}
