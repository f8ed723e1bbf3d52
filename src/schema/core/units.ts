// Converts the numbers of vim25. A size in MB counts 1,048,576 bytes per MB, and some values mean "no value". The schema reports
// sizes in bytes, and null for a missing number.

import { ApiError } from '../errors/api-error.ts'

const largestLong = 2n ** 63n - 1n

/** Converts a number that is never negative. Returns null for -1 and for the largest long, which vSphere uses for "no value". */
export const nonNegative = <T extends number | bigint>(value: T): T | null =>
  value < 0 || value === largestLong ? null : value

/**
 * Converts a whole number to a GraphQL Int.
 *
 * @throws ApiError if the number exceeds 32 bits
 */
export function int32(value: number | bigint): number {
  const number = Number(value)
  if ((number | 0) === number) return number
  throw new ApiError(
    'VSPHERE_FAULT',
    `the vCenter reported ${value}, which is not a 32-bit integer and cannot be returned as Int`,
  )
}

/**
 * Returns a value that vim25 requires.
 *
 * @param lacking - what lacks it, such as "a disk controller without a bus number"
 * @throws ApiError if the server left it out
 */
export function required<T>(value: T | undefined, lacking: string): T {
  if (value !== undefined) return value
  throw new ApiError('VSPHERE_FAULT', `the vCenter reported ${lacking}`)
}

/** Converts a number that is never negative to a GraphQL Int. Returns null for "no value". */
export function nonNegativeInt(value: number | bigint): number | null {
  const known = nonNegative(value)
  return known === null ? null : int32(known)
}

/** Returns a function that converts a size to bytes without rounding. It returns null for "no value". */
const toBytes =
  (unit: number) =>
  (size: number | bigint): number | bigint | null => {
    const known = nonNegative(size)
    if (known === null) return null
    return typeof known === 'bigint' ? known * BigInt(unit) : known * unit
  }

/** Converts KB (1,024 bytes) to bytes. Returns null for "no value". */
export const kilobytesToBytes = toBytes(1024)

/** Converts MB (1,048,576 bytes) to bytes. Returns null for "no value". */
export const megabytesToBytes = toBytes(1_048_576)

const dayMs = 24 * 60 * 60 * 1000

/** Converts a point in time. Returns null for 1970-01-01, which vSphere reports for an unknown one. */
export const knownDate = (date: Date): Date | null => (date.getTime() < dayMs ? null : date)

/** The largest unsigned 32-bit integer, which older programs write for "no limit". */
const noLimit = 2 ** 32 - 1

/** Converts a limit. Returns null if there is none. */
export const finiteLimit = <T extends number | bigint>(limit: T): T | null =>
  limit === noLimit ? null : nonNegative(limit)

type Whole = number | bigint

/** Returns the number as a bigint only if a number cannot represent it exactly. */
const exact = (value: bigint): Whole => (Number.isSafeInteger(Number(value)) ? Number(value) : value)

/** Adds two whole numbers without rounding. Returns null if one is unknown. */
export const add = (a: Whole | null, b: Whole | null): Whole | null =>
  a === null || b === null ? null : exact(BigInt(a) + BigInt(b))

/** Subtracts a whole number without rounding. Returns null if one is unknown or the result is negative. */
export const subtract = (a: Whole | null, b: Whole | null): Whole | null =>
  a === null || b === null || a < b ? null : exact(BigInt(a) - BigInt(b))

/** Returns a part in percent of the whole. Returns null if one is unknown or the whole is 0. */
export const percentOf = (part: Whole | null, whole: Whole | null): number | null =>
  part === null || whole === null || Number(whole) === 0 ? null : (Number(part) / Number(whole)) * 100
