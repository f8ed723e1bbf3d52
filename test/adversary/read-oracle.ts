// The oracle for reads: compares a response with the correct one.

import type { ExecutionResult } from 'graphql'
import { errorCodes } from '../../src/schema/errors/api-error.ts'

interface WireError {
  readonly message: string
  readonly path?: readonly (string | number)[]
  readonly extensions: { readonly code: string; readonly retryable?: boolean; readonly fault?: string }
}

export const errorsOf = ({ errors = [] }: ExecutionResult): readonly WireError[] =>
  errors as unknown as readonly WireError[]

/** Returns error codes that the contract does not define, and the code of internal errors. */
export const codeViolations = (response: ExecutionResult): string[] =>
  errorsOf(response)
    .filter(
      ({ extensions }) => !(extensions.code in errorCodes) || extensions.code === 'INTERNAL_SERVER_ERROR',
    )
    .map(({ extensions, message }) => `the error has the code ${extensions.code}: ${message}`)

const excerpt = (value: unknown): string => JSON.stringify(value)?.slice(0, 160) ?? 'undefined'

/** Returns the violations in a response to a read: every value must be correct, or null with an error that explains it. */
export function readViolations(response: ExecutionResult, expectedResponse: ExecutionResult): string[] {
  const errors = errorsOf(response)
  const violations: string[] = []
  const isExplained = (path: readonly (string | number)[]) =>
    errors.some(
      (error) => error.path === undefined || path.every((part, index) => error.path?.[index] === part),
    )
  const compare = (value: unknown, expected: unknown, path: readonly (string | number)[]): void => {
    if (violations.length > 2 || Object.is(value, expected)) return
    if (value === null || value === undefined) {
      if (!isExplained(path))
        violations.push(`${path.join('.')} is null without an error, not ${excerpt(expected)}`)
    } else if (Array.isArray(value) && Array.isArray(expected) && value.length === expected.length) {
      for (const [index, each] of value.entries()) compare(each, expected[index], [...path, index])
    } else if (isRecord(value) && isRecord(expected)) {
      for (const key of new Set([...Object.keys(value), ...Object.keys(expected)]))
        compare(value[key], expected[key], [...path, key])
    } else violations.push(`${path.join('.')} is ${excerpt(value)}, not ${excerpt(expected)}`)
  }
  compare(response.data, expectedResponse.data, [])
  return [...violations, ...codeViolations(response)]
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
