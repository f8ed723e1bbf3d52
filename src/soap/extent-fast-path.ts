// Changed areas one behind the other, in the one form in which servers write them, are read without the event parser: a disk
// may have a million, and parsing each as XML costs ten times what is done with it.
//
//   the parser reads up to the end of an area -> here are read those that follow in that very form -> the parser reads on
//
// Nothing is taken on trust: the parser is between two elements if the last character that it was given has ended one, and
// whether a whole element in front of it is shown to it or not makes no difference to what it says of all others. Whatever is
// of any other form, or cut, it gets as it came.

import type { ItemHandler } from './value-decoder.ts'
import type { XmlReader } from './xml-events.ts'

/** The field of DiskChangeInfo that holds the areas, each a DiskChangeExtent. */
export const extentField = 'changedArea'

const head = `<${extentField}><start>`
const middle = '</start><length>'
const end = `</${extentField}>`
const tail = `</length>${end}`

/** So many any number of them is exact in. */
const maxDigits = 15

/** Both sides of a reader whose areas somebody takes. */
interface ExtentFastPath {
  /** For the decoder behind the reader: takes the areas that come that way. */
  readonly onItem: ItemHandler
  /** What stands before the reader: takes pieces cut anywhere, and hands on what it does not read itself. */
  wrap(reader: XmlReader): XmlReader
}

/** `take` is given all areas in their order, whoever has read them. */
export function createExtentFastPath(onExtent: ItemHandler): ExtentFastPath {
  let sawExtent = false
  /** Whether the reader stands directly behind an area. */
  let isAfterExtent = false

  /** Shows the reader what ends with the end tag of an area, or with something that looks like one. */
  function passThrough(reader: XmlReader, text: string): void {
    reader.write(text.slice(0, -1))
    sawExtent = false
    reader.write(text.slice(-1))
    // Only that last character can have ended it: in a comment, say, it ends nothing.
    isAfterExtent = sawExtent
  }

  return {
    onItem(extent) {
      sawExtent = true
      onExtent(extent)
    },
    wrap: (reader) => ({
      write(chunk) {
        let at = 0
        for (;;) {
          if (isAfterExtent) at = readExtents(chunk, at, onExtent)
          if (at === chunk.length) return
          const found = chunk.indexOf(end, at)
          if (found < 0) break
          passThrough(reader, chunk.slice(at, found + end.length))
          at = found + end.length
        }
        isAfterExtent = false
        reader.write(chunk.slice(at))
      },
      end: () => reader.end(),
    }),
  }
}

/** Takes the areas that begin at a place in the text, and tells where the first thing is that is none, or not whole. */
function readExtents(text: string, from: number, onItem: ItemHandler): number {
  for (let at = from; ; ) {
    if (!text.startsWith(head, at)) return at
    const start = at + head.length
    const startEnd = digitsEnd(text, start)
    if (startEnd === start || !text.startsWith(middle, startEnd)) return at
    const length = startEnd + middle.length
    const lengthEnd = digitsEnd(text, length)
    if (lengthEnd === length || !text.startsWith(tail, lengthEnd)) return at
    onItem({
      _typeName: 'DiskChangeExtent',
      start: numberIn(text, start, startEnd),
      length: numberIn(text, length, lengthEnd),
    })
    at = lengthEnd + tail.length
  }
}

/** Where the digits end that begin at a place; there where they begin, if there are none or too many. */
function digitsEnd(text: string, from: number): number {
  let at = from
  while (isDigit(text.charCodeAt(at))) at += 1
  return at - from > maxDigits ? from : at
}

function numberIn(text: string, from: number, to: number): number {
  let number = 0
  for (let at = from; at < to; at += 1) number = number * 10 + text.charCodeAt(at) - zero
  return number
}

const zero = 48
const isDigit = (code: number): boolean => code >= zero && code <= zero + 9
