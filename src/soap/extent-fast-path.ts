// Decodes consecutive changed areas without the XML parser, if they have the exact form in which servers write them. A disk
// may have a million areas, and parsing each as XML costs ten times as much as processing it.
//
//   XML parser up to the end of an area -> fast path for directly following areas of that form -> XML parser for what follows
//
// This is safe: if the last character given to the parser ended an element, the parser is between two elements, and a
// complete element that it does not see cannot change how it parses the others. Everything that has another form or is cut
// off at the end of a chunk goes to the parser unchanged.

import type { ItemHandler } from './value-decoder.ts'
import type { XmlReader } from './xml-events.ts'

/** The field of DiskChangeInfo that holds the areas, each a DiskChangeExtent. */
export const extentField = 'changedArea'

const head = `<${extentField}><start>`
const middle = '</start><length>'
const end = `</${extentField}>`
const tail = `</length>${end}`

/** Every integer of up to this many digits is exact as a JS number. */
const maxDigits = 15

/** Connects to both ends of an XML reader: its input and its decoded areas. */
interface ExtentFastPath {
  /** Item handler for the decoder behind the reader; receives the areas that the XML parser has read. */
  readonly onItem: ItemHandler
  /** Wraps the reader: accepts chunks cut anywhere and forwards everything that the fast path does not decode. */
  wrap(reader: XmlReader): XmlReader
}

/** @param onExtent receives all areas in document order, from the parser and from the fast path */
export function createExtentFastPath(onExtent: ItemHandler): ExtentFastPath {
  let sawExtent = false
  /** Whether the input of the reader ends directly after an area. */
  let isAfterExtent = false

  /** Forwards text that ends with the end tag of an area, or with text that looks like one. */
  function passThrough(reader: XmlReader, text: string): void {
    reader.write(text.slice(0, -1))
    sawExtent = false
    reader.write(text.slice(-1))
    // Only the last character can end the area. Inside a comment, for example, it ends nothing.
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

/**
 * Decodes consecutive areas that start at index `from`.
 * @returns the index of the first text that is not a complete area in the exact form
 */
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

/** Returns the index after the digits that start at `from`; `from` itself if there are none or too many. */
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
