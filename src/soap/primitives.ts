// Decodes the text of simple types. Text that is not valid for its type is a SoapError, never some other value.

import { SoapError } from './soap-error.ts'

const dateTime = /^-?\d{4,}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)?$/

/**
 * Decodes integers of at most 15 digits without a sign, which nearly all are, from a part of a string. A large response has
 * too many integers to copy each and to match it with a regular expression. Returns undefined for other text.
 */
export function plainInteger(source: string, from: number, to: number): number | undefined {
  if (from === to || to - from > 15) return undefined
  let number = 0
  for (let index = from; index < to; index += 1) {
    const digit = source.charCodeAt(index) - 48
    if (digit < 0 || digit > 9) return undefined
    number = number * 10 + digit
  }
  return number
}

/**
 * Decodes the text of a simple type.
 * @param name the element name, for the error message
 * @returns the value; a bigint for a long that a number cannot represent exactly
 * @throws SoapError if the text is not valid for the type
 */
export function decodePrimitive(text: string, type: string, name: string): unknown {
  switch (type) {
    case 'string':
      return text
    case 'boolean':
      if (text === 'true' || text === '1') return true
      if (text === 'false' || text === '0') return false
      break
    case 'byte':
    case 'short':
    case 'int':
    case 'long': {
      const plain = plainInteger(text, 0, text.length)
      if (plain !== undefined) return plain
      if (!/^[+-]?\d{1,19}$/.test(text)) break
      const number = Number(text)
      if (Number.isSafeInteger(number)) return number
      // Only a long can exceed the exact range of a number, and it has at most 64 bits.
      if (type === 'long' && BigInt.asIntN(64, BigInt(text)) === BigInt(text)) return BigInt(text)
      break
    }
    case 'float':
    case 'double':
      if (text === 'NaN') return Number.NaN
      if (text === 'INF' || text === '-INF')
        return text === 'INF' ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY
      if (/^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?$/i.test(text)) return Number(text)
      break
    case 'dateTime': {
      if (!dateTime.test(text)) break
      // A time without an offset is UTC, as a vCenter uses no other time zone. Digits after the milliseconds are truncated.
      const date = new Date(/(?:Z|[+-]\d\d:\d\d)$/.test(text) ? text : `${text}Z`)
      if (!Number.isNaN(date.getTime())) return date
      break
    }
    case 'base64Binary':
      return new Uint8Array(Buffer.from(text, 'base64'))
  }
  throw new SoapError(`<${name}> is not a valid ${type}: ${JSON.stringify(text.slice(0, 40))}`)
}
