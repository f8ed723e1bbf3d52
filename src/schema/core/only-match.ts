// The result of a lookup that must not match several objects.

import { ApiError, type ErrorDetails, maxCandidates } from '../errors/api-error.ts'

type Candidate = NonNullable<ErrorDetails['candidates']>[number]

/**
 * Returns the only match of a lookup; undefined if nothing matches.
 *
 * @param message - returns the error message for a number of matches
 * @param candidateOf - describes a match for the error
 * @throws ApiError AMBIGUOUS with up to 20 candidates if there are several matches
 */
export function onlyMatch<T>(
  matches: readonly T[],
  message: (count: number) => string,
  candidateOf: (match: T) => Candidate,
): T | undefined {
  if (matches.length <= 1) return matches[0]
  throw new ApiError('AMBIGUOUS', message(matches.length), {
    candidates: matches.slice(0, maxCandidates).map(candidateOf),
    // The remedy names ids because a path need not be unique either.
    remedy: 'Send the request again with the id of one of the candidates.',
  })
}
