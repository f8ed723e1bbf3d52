// A streaming XML parser, for responses that may be too large to hold in memory. xml.ts parses all other documents; a test
// checks that both read documents in the same way. The only file that imports saxes.

import { SaxesParser } from 'saxes'
import { type ReplyLimits, replyLimits, replyTooLarge } from './reply-limits.ts'
import { SoapError } from './soap-error.ts'
import { countControlCharacters, localName, replaceControlCharacters, type XmlElement } from './xml.ts'

/**
 * The start of an element: an XmlElement without its content. The name may still have a prefix. Only elements of the
 * envelope have one, and searching every name for a prefix would take longer than everything else here.
 */
export type XmlTag = Pick<XmlElement, 'name' | 'type' | 'xsiType' | 'serverGuid'>

export interface XmlHandler {
  open(tag: XmlTag): void
  /** Receives a piece of the text directly inside the element. There may be several, also between child elements. */
  text(piece: string): void
  close(): void
}

export interface XmlReader {
  /** Parses the next piece of the document, which may be cut anywhere. */
  write(piece: string): void
  /** Ends the document. */
  end(): void
}

/** Maximum number of invalid character references. saxes creates an Error for each, which takes as long as several elements. */
const maxMalformedReferences = 100_000

/** Maximum number of attributes of an element. saxes keeps all of them in memory. */
const maxAttributes = 64

/**
 * Creates a reader that parses a document piece by piece.
 * `write` and `end` throw a SoapError if the document is malformed, and a ReplyTooLargeError if it exceeds a limit.
 */
export function createXmlReader(
  handler: XmlHandler,
  { elements: maxElements, characters: maxCharacters }: ReplyLimits = replyLimits,
): XmlReader {
  const parser = new SaxesParser<{ xmlns: false; position: false }>({ xmlns: false, position: false })
  /** Disallowed characters in the current piece. The text that contains them may end in a later piece. */
  let disallowed = 0
  let hadControlCharacters = false
  let malformed = 0
  let elements = 0
  let attributes = 0
  /** Number of characters of the unfinished markup or text, which saxes keeps in memory. */
  let pending = 0
  parser.on('error', ({ message }) => {
    // A reference to a character that XML cannot represent is kept as it is; see xml.ts.
    if (message === 'malformed character entity.') {
      malformed += 1
      if (malformed > maxMalformedReferences)
        throw replyTooLarge('invalid character references', maxMalformedReferences)
      return
    }
    // Nor must such a character itself make the inventory unreadable; see xml.ts. `write` checks after the piece whether that
    // is what saxes has found: searching every piece in advance would take longer than processing its elements.
    if (message === 'disallowed character.') {
      disallowed += 1
      hadControlCharacters = true
      return
    }
    throw new SoapError(`the body is not well-formed XML: ${message}`)
  })
  // SOAP does not allow a DTD; see xml.ts.
  parser.on('doctype', () => {
    throw new SoapError('the body has a document type declaration')
  })
  // Attributes are recorded one by one, because most elements have none.
  let type: string | undefined
  let xsiType: string | undefined
  let serverGuid: string | undefined
  const clean = (text: string) => (hadControlCharacters ? replaceControlCharacters(text) : text)
  parser.on('attribute', ({ name, value: raw }) => {
    attributes += 1
    if (attributes > maxAttributes)
      throw new SoapError(`an element has more than ${maxAttributes} attributes`)
    const value = clean(raw)
    if (name === 'type') type = value
    else if (name === 'serverGuid') serverGuid = value
    // Servers use different prefixes; see xml.ts.
    else if (name.endsWith(':type') && !name.startsWith('xmlns:')) xsiType = localName(value)
  })
  parser.on('opentag', ({ name }) => {
    const tag = { name, type, xsiType, serverGuid }
    type = xsiType = serverGuid = undefined
    attributes = pending = 0
    if (++elements > maxElements) throw replyTooLarge('elements', maxElements)
    handler.open(tag)
  })
  const text = (piece: string) => handler.text(clean(piece))
  parser.on('text', text)
  parser.on('cdata', text)
  parser.on('closetag', () => handler.close())
  return {
    write: (piece) => {
      disallowed = 0
      // Replace such characters first if there were any before: letting saxes report many takes a hundred times as long.
      const readable = clean(piece)
      if (pending > maxCharacters) throw replyTooLarge('characters in a single tag or text', maxCharacters)
      pending += piece.length
      parser.write(readable)
      if (disallowed > 0 && disallowed > countControlCharacters(readable))
        throw new SoapError('the body is not well-formed XML: disallowed character.')
    },
    end: () => {
      parser.close()
    },
  }
}

/** Sends a parsed element to a handler as the events that the reader would have sent. */
export function emitEvents(element: XmlElement, handler: XmlHandler): void {
  handler.open(element)
  handler.text(element.text)
  for (const child of element.children) emitEvents(child, handler)
  handler.close()
}
