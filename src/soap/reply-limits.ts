// How much a reply may hold beside its bytes: elements, values and text cost many times the bytes that they take on the wire.

/** A reply that is larger than its reader takes. It is not wrong: nothing in it may be used, and no property stands for it. */
export class ReplyTooLargeError extends Error {
  override name = 'ReplyTooLargeError' as const
}

export interface ReplyLimits {
  /** Elements of the whole reply, also of what is skipped. */
  readonly elements: number
  /** Elements that become values between two items that are handed over; of a reply that hands nothing over, all of them. */
  readonly values: number
  /** Characters of these values, and of any one piece of markup. */
  readonly characters: number
}

/**
 * An inventory of 10,000 virtual machines has some 300 elements for each, of which one page holds 1,000; an object has some
 * thousand, and an update set some hundred objects.
 */
export const replyLimits: ReplyLimits = {
  elements: 20_000_000,
  values: 2_000_000,
  characters: 32 * 1024 * 1024,
}

export function replyTooLarge(label: string, limit: number): ReplyTooLargeError {
  return new ReplyTooLargeError(`has more than ${limit.toLocaleString('en-US')} ${label}`)
}
