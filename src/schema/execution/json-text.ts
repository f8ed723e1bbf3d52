// JSON that is written without an object for each part of it: the bytes are collected in a buffer and copied to a string once.

/** A value of a result that is JSON already. server/execution/chunked-json.ts inserts it into the response. */
export class JsonText {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }

  /** For JSON.stringify, which cannot insert text. */
  toJSON(): unknown {
    return JSON.parse(this.text)
  }
}

const initialBytes = 64 * 1024

/** The buffer is kept for the next list unless it is larger. */
const maxKeptBytes = 1024 * 1024

/** Numbers are written in parts of up to 7 digits, because V8 divides small integers faster. */
const partDigits = 7
const part = 10 ** partDigits

export class JsonWriter {
  #buffer = Buffer.allocUnsafe(initialBytes)
  #length = 0

  /** Writes a piece of JSON. */
  raw(piece: Uint8Array): void {
    const buffer = this.#reserve(piece.length)
    let at = this.#length
    // Pieces are short, so that a loop is faster than a copy.
    for (let index = 0; index < piece.length; index += 1) buffer[at++] = piece[index] as number
    this.#length = at
  }

  /** Writes a value as JSON.stringify does. It must not be undefined. */
  value(value: unknown): void {
    if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) this.#integer(value)
    else this.raw(Buffer.from(JSON.stringify(value)))
  }

  /** Returns what was written since `clear`. */
  take(): JsonText {
    return new JsonText(this.#buffer.toString('utf8', 0, this.#length))
  }

  /** Starts again, also after an error. */
  clear(): void {
    this.#length = 0
    if (this.#buffer.length > maxKeptBytes) this.#buffer = Buffer.allocUnsafe(initialBytes)
  }

  #integer(value: number): void {
    const buffer = this.#reserve(3 * partDigits)
    const high = Math.floor(value / part)
    // A number above 2^53 / 10^7 would not be a small integer; there is none.
    if (high > 0) this.#length = writeDigits(buffer, this.#length, high | 0, digitsIn(high))
    const low = (value - high * part) | 0
    this.#length = writeDigits(buffer, this.#length, low, high > 0 ? partDigits : digitsIn(low))
  }

  #reserve(bytes: number): Buffer {
    if (this.#length + bytes > this.#buffer.length) {
      const larger = Buffer.allocUnsafe(2 * (this.#length + bytes))
      this.#buffer.copy(larger, 0, 0, this.#length)
      this.#buffer = larger
    }
    return this.#buffer
  }
}

/** Writes the last `count` digits of a number, and returns the position after them. */
function writeDigits(buffer: Uint8Array, from: number, value: number, count: number): number {
  let remaining = value
  for (let at = from + count - 1; at >= from; at -= 1) {
    const next = (remaining / 10) | 0
    buffer[at] = 48 + remaining - next * 10
    remaining = next
  }
  return from + count
}

function digitsIn(value: number): number {
  let count = 1
  for (let limit = 10; value >= limit; limit *= 10) count += 1
  return count
}
