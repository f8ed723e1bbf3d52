// Limits on the content of a reply, in addition to the limit on its bytes: elements, values and text take many times as much
// memory as they have bytes on the wire.

import { SoapError } from '../soap-error.ts'

/** A reply exceeds a limit. It is not malformed, but nothing in it may be used, and it is not the error of a single property. */
export class ReplyTooLargeError extends Error {
  override name = 'ReplyTooLargeError' as const
}

export interface ReplyLimits {
  /** Maximum number of elements in the whole reply, including skipped ones. */
  readonly elements: number
  /** Maximum number of elements decoded to values between two streamed items; in the whole reply if it streams no items. */
  readonly values: number
  /** Maximum number of characters of these values, and of any single piece of markup or text. */
  readonly characters: number
}

/**
 * Default limits. For comparison: an inventory of 10,000 virtual machines has about 300 elements per virtual machine, and a
 * page holds 1,000 of them. One object has at most some thousand elements, and an update set some hundred objects.
 */
export const replyLimits: ReplyLimits = {
  elements: 20_000_000,
  values: 2_000_000,
  characters: 32 * 1024 * 1024,
}

/**
 * Maximum nesting depth of decoded elements, and of elements in a skipped one, far more than any real value has. All open
 * elements are kept in memory, and after a decode error all of them are searched for the affected property.
 */
export const maxDepth = 500

export const tooDeep = (name: string) =>
  new SoapError(`<${name}> is nested more than ${maxDepth} levels deep`)

export function replyTooLarge(label: string, limit: number): ReplyTooLargeError {
  return new ReplyTooLargeError(`has more than ${limit.toLocaleString('en-US')} ${label}`)
}
