// Judges reads: compares a response with the correct one.

import type { ExecutionResult } from 'graphql'
import { errorCodes } from '../../src/schema/errors/api-error.ts'

interface WireError {
  readonly message: string
  readonly path?: readonly (string | number)[]
  readonly extensions: { readonly code: string; readonly retryable?: boolean; readonly fault?: string }
}

export const errorsOf = ({ errors = [] }: ExecutionResult): readonly WireError[] =>
  errors as unknown as readonly WireError[]

/** Codes outside the contract, and the code of internal errors. */
export const unstableCodes = (answer: ExecutionResult): string[] =>
  errorsOf(answer)
    .filter(
      ({ extensions }) => !(extensions.code in errorCodes) || extensions.code === 'INTERNAL_SERVER_ERROR',
    )
    .map(({ extensions, message }) => `the error has the code ${extensions.code}: ${message}`)

const text = (value: unknown): string => JSON.stringify(value)?.slice(0, 160) ?? 'undefined'

/** Lists the errors in a response to a read: every value must be correct, or null with an error that explains it. */
export function wrongIn(answer: ExecutionResult, truth: ExecutionResult): string[] {
  const errors = errorsOf(answer)
  const wrong: string[] = []
  const isExplained = (path: readonly (string | number)[]) =>
    errors.some(
      (error) => error.path === undefined || path.every((part, index) => error.path?.[index] === part),
    )
  const compare = (value: unknown, expected: unknown, path: readonly (string | number)[]): void => {
    if (wrong.length > 2 || Object.is(value, expected)) return
    if (value === null || value === undefined) {
      if (!isExplained(path)) wrong.push(`${path.join('.')} is null without an error, not ${text(expected)}`)
    } else if (Array.isArray(value) && Array.isArray(expected) && value.length === expected.length) {
      for (const [index, each] of value.entries()) compare(each, expected[index], [...path, index])
    } else if (isRecord(value) && isRecord(expected)) {
      for (const key of new Set([...Object.keys(value), ...Object.keys(expected)]))
        compare(value[key], expected[key], [...path, key])
    } else wrong.push(`${path.join('.')} is ${text(value)}, not ${text(expected)}`)
  }
  compare(answer.data, truth.data, [])
  return [...wrong, ...unstableCodes(answer)]
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
