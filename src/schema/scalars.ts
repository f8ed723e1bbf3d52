// Custom scalars: exact 64-bit integers (BigInt) and points in time (DateTime).

import { GraphQLError } from 'graphql'
import { builder } from './builder.ts'
import { ApiError } from './errors/api-error.ts'

const describe = (value: unknown): string =>
  typeof value === 'string' ? JSON.stringify(value.slice(0, 40)) : String(value)

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
  parseValue: (value) => {
    const number = typeof value === 'string' && /^[+-]?\d+$/.test(value) ? Number(value) : value
    if (typeof number === 'number' && Number.isSafeInteger(number)) return number
    throw new GraphQLError(
      `BigInt cannot represent ${describe(value)}: expected an integer below 2^53, as a number or a decimal string`,
    )
  },
})

builder.scalarType('DateTime', {
  description:
    'A point in time in UTC with milliseconds (RFC 3339, `xsd:dateTime`), such as `2026-01-05T08:00:00.000Z`. Input may omit the fraction and may use another UTC offset.',
  specifiedByURL: 'https://scalars.graphql.org/andimarek/date-time.html',
  serialize: (value) => {
    if (value instanceof Date && !Number.isNaN(value.getTime())) return value.toISOString()
    throw new ApiError('VSPHERE_FAULT', `the vCenter reported ${describe(value)} instead of a date and time`)
  },
  parseValue: (value) => {
    const date =
      typeof value === 'string' && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/.test(value)
        ? new Date(value)
        : undefined
    if (date && !Number.isNaN(date.getTime())) return date
    throw new GraphQLError(
      `DateTime cannot represent ${describe(value)}: expected a date and time such as 2026-01-05T08:00:00Z`,
    )
  },
})
