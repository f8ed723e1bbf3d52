// Cursors of connections: the position of an item in its order, and which order and filter that is. Clients treat them as opaque.

import { decodeOpaque, encodeOpaque } from '../../text/opaque-string.ts'
import type { Order, Position, SortKey } from './sort.ts'

/** Position from a cursor, and the ID of the order it was sliced from if there are further pages. */
export interface CursorPosition extends Position {
  readonly orderId: string | undefined
}

/** Invalid pagination arguments; the message says which and why. */
export class PaginationError extends Error {
  override name = 'PaginationError' as const
  readonly remedy: string

  constructor(message: string, remedy: string) {
    super(message)
    this.remedy = remedy
  }
}

export const encodeCursor = (
  { name, filterDigest }: Order,
  { keys, moid, orderId }: CursorPosition,
): string => encodeOpaque([name, filterDigest, moid, orderId ?? null, ...keys])

/** @throws PaginationError if the cursor is malformed, or belongs to another order or filter. */
export function decodeCursor(argument: string, cursor: string, order: Order): CursorPosition {
  const remedy = `Start again without ${argument}.`
  const invalid = new PaginationError(`${argument} is not a cursor of this connection`, remedy)
  const [name, filterDigest, moid, orderId, ...keys] = decodeOpaque(cursor) ?? []
  if (
    typeof name !== 'string' ||
    typeof filterDigest !== 'string' ||
    typeof moid !== 'string' ||
    (orderId !== null && typeof orderId !== 'string')
  )
    throw invalid
  if (name !== order.name)
    throw new PaginationError(
      `${argument} is a cursor for the order ${name.slice(0, 80)}, but this connection has the order ${order.name}`,
      remedy,
    )
  if (filterDigest !== order.filterDigest)
    throw new PaginationError(`${argument} is a cursor of a connection with another filter`, remedy)
  if (
    keys.length !== order.keys.length ||
    keys.some((key, index) => key !== null && typeof key !== order.keys[index]?.keyType)
  )
    throw invalid
  return { keys: keys as SortKey[], moid, orderId: orderId ?? undefined }
}
