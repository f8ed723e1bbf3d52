// Checks the options of the functions that other programs call. An error names the option.

import { z } from 'zod'
import { didYouMean } from '../../text/did-you-mean.ts'
import { ConfigError } from '../config-error.ts'

/**
 * Checks the options of a function.
 * @param schema the options; its messages complete the sentence “`name` …”
 * @throws ConfigError if one is unknown or invalid
 */
export function checkOptions(schema: z.ZodObject, options: unknown): void {
  const [issue] = schema.safeParse(options).error?.issues ?? []
  if (issue === undefined) return
  const name = pathText(issue.path)
  if (issue.code !== 'unrecognized_keys') throw new ConfigError(`${name || 'the options'} ${issue.message}`)
  const [unknown = ''] = issue.keys
  const suggestion = name === '' ? didYouMean(unknown, Object.keys(schema.shape)) : undefined
  throw new ConfigError(
    `unknown option ${name && `${name}.`}${unknown}${suggestion ? `; did you mean ${suggestion}?` : ''}`,
  )
}

/** Returns a path such as `users[0].password`. */
const pathText = (path: readonly PropertyKey[]): string =>
  path
    .map((key, index) => (typeof key === 'number' ? `[${key}]` : `${index ? '.' : ''}${String(key)}`))
    .join('')

/** What an error says of a value that is not an object. */
export const object = { error: 'must be an object' }

export const text = z.string({ error: 'must be a string' }).min(1, { error: 'must not be empty' })

export const flag = z.boolean({ error: 'must be true or false' })

/** An object that has these functions. */
export const withFunctions = (functions: readonly string[], error: string) =>
  z.custom<object>(
    (value) =>
      functions.every((name) => typeof (value as Record<string, unknown> | null)?.[name] === 'function'),
    { error },
  )

/** The log of a gateway. */
export const logOption = withFunctions(
  ['info', 'warn', 'error'],
  'must be a log, such as that of createLog',
).optional()
