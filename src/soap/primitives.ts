// The text of simple types -> values. What does not fit its type is a SoapError, never another value.

import { SoapError } from './soap-error.ts'

const dateTime = /^-?\d{4,}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)?$/

/** Of nothing but a few digits, as nearly all are: a large answer has too many for a regular expression each. */
function plainInteger(text: string): number | undefined {
  if (text === '' || text.length > 15) return undefined
  let number = 0
  for (let index = 0; index < text.length; index += 1) {
    const digit = text.charCodeAt(index) - 48
    if (digit < 0 || digit > 9) return undefined
    number = number * 10 + digit
  }
  return number
}

/** The value of a simple type's text. */
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
      const plain = plainInteger(text)
      if (plain !== undefined) return plain
      if (!/^[+-]?\d{1,19}$/.test(text)) break
      const number = Number(text)
      if (Number.isSafeInteger(number)) return number
      // Only a long may be beyond what a number holds exactly, and it ends at 64 bits.
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
      // Without an offset it is UTC: a vCenter has no other time. More than three fraction digits are cut, not rounded up.
      const date = new Date(/(?:Z|[+-]\d\d:\d\d)$/.test(text) ? text : `${text}Z`)
      if (!Number.isNaN(date.getTime())) return date
      break
    }
    case 'base64Binary':
      return new Uint8Array(Buffer.from(text, 'base64'))
  }
  throw new SoapError(`<${name}> should be of type ${type} but reads ${JSON.stringify(text.slice(0, 40))}`)
}
