// Custom scalars: exact 64-bit integers (BigInt) and points in time (DateTime).

import { GraphQLError, type ValueNode, valueFromASTUntyped } from 'graphql'
import { builder } from './builder.ts'
import { ApiError } from './errors/api-error.ts'

const describe = (value: unknown): string =>
  typeof value === 'string' ? JSON.stringify(value.slice(0, 40)) : String(value)

/** Parses a value of a document or of a variable. `node` locates the error in the document. */
type Parse<T> = (value: unknown, node?: ValueNode) => T

/** The same for values in the document. Without a node, GraphQL reports their errors without a location. */
const literalParser =
  <T>(parse: Parse<T>) =>
  (node: ValueNode, variables?: Record<string, unknown> | null): T =>
    parse(valueFromASTUntyped(node, variables), node)

const parseBigInt: Parse<number> = (value, node) => {
  const number = typeof value === 'string' && /^[+-]?\d+$/.test(value) ? Number(value) : value
  if (typeof number === 'number' && Number.isSafeInteger(number)) return number
  throw new GraphQLError(
    `BigInt cannot represent ${describe(value)}: expected an integer below 2^53, as a number or a decimal string`,
    { nodes: node ?? null },
  )
}

/** Whether the year has four digits in UTC, as in requests to a vCenter. */
const isRepresentable = (date: Date): boolean => date.getUTCFullYear() >= 1 && date.getUTCFullYear() <= 9999

/** Whether the date and the time of day exist: JavaScript takes February 30 for March 2, and 24:00 for the next day. */
const exists = (dateTime: string): boolean => {
  const date = new Date(`${dateTime}Z`)
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(dateTime)
}

const parseDateTime: Parse<Date> = (value, node) => {
  const [text, dateTime] =
    (typeof value === 'string' &&
      /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/.exec(value)) ||
    []
  const date = text && dateTime && exists(dateTime) ? new Date(text) : undefined
  if (date && isRepresentable(date)) return date
  throw new GraphQLError(
    `DateTime cannot represent ${describe(value)}: expected an existing date and time with UTC offset, such as 2026-01-05T08:00:00Z or 2026-01-05T09:00:00+01:00`,
    { nodes: node ?? null },
  )
}

builder.scalarType('BigInt', {
  description:
    'A 64-bit integer, such as a number of bytes or a byte offset (`xsd:long`). It is sent as a JSON number below 2^53; a larger value is null with an error, never rounded. As input it is accepted as a number or as a decimal string.',
  serialize: (value) => {
    const number = Number(value)
    if (Number.isSafeInteger(number)) return number
    throw new ApiError(
      'VSPHERE_FAULT',
      Number.isFinite(number)
        ? `${describe(value)} is too large for an exact number`
        : `the vCenter reported ${describe(value)} instead of a number`,
    )
  },
  parseValue: (value) => parseBigInt(value),
  parseLiteral: literalParser(parseBigInt),
})

builder.scalarType('DateTime', {
  description:
    'A point in time in UTC with milliseconds (RFC 3339, `xsd:dateTime`), such as `2026-01-05T08:00:00.000Z`. Input may omit the fraction and may use another UTC offset.',
  specifiedByURL: 'https://scalars.graphql.org/andimarek/date-time.html',
  serialize: (value) => {
    if (value instanceof Date && !Number.isNaN(value.getTime())) return value.toISOString()
    throw new ApiError('VSPHERE_FAULT', `the vCenter reported ${describe(value)} instead of a date and time`)
  },
  parseValue: (value) => parseDateTime(value),
  parseLiteral: literalParser(parseDateTime),
})
