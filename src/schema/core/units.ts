// What the numbers of vim25 mean: sizes in MB are of 1,048,576 bytes each, and some values stand for none. The schema counts all in
// bytes, and has null for a number that there is not.

import { ApiError } from '../errors/api-error.ts'

const largestLong = 2n ** 63n - 1n

/** A number of a field that is never negative: null for -1 and the largest long, which vSphere writes for none. */
export const unsigned = <T extends number | bigint>(count: T): T | null =>
  count < 0 || count === largestLong ? null : count

/** A whole number as Int has it. @throws ApiError when it has more than 32 bits. */
export function int32(value: number | bigint): number {
  const number = Number(value)
  if ((number | 0) === number) return number
  throw new ApiError(
    'VSPHERE_FAULT',
    `the vCenter gave ${value}, which is no whole number of 32 bits as Int is`,
  )
}

/** The same of a field that is never negative; null for none. */
export function count(value: number | bigint): number | null {
  const known = unsigned(value)
  return known === null ? null : int32(known)
}

/** MB in bytes. */
export function megabytesToBytes(count: number | bigint): number | bigint | null {
  const known = unsigned(count)
  if (known === null) return null
  return typeof known === 'bigint' ? known * 1_048_576n : known * 1_048_576
}

/** What the largest unsigned int is for older programs: no limit. */
const noLimit = 2 ** 32 - 1

/** A limit: null where there is none. */
export const limited = <T extends number | bigint>(limit: T): T | null =>
  limit === noLimit ? null : unsigned(limit)
