// XML text -> events while it arrives: for answers, which may be too large to be held whole. Stands beside xml.ts, which reads
// everything else; the only importer of saxes. A test holds both to the same reading.

import { SaxesParser } from 'saxes'
import { type ReplyLimits, replyLimits, replyTooLarge } from './reply-limits.ts'
import { SoapError } from './soap-error.ts'
import { countControls, localName, withoutControls, type XmlElement } from './xml.ts'

/**
 * What is told of an element when it begins: the facts of an XmlElement without its content. Its name may still have a
 * prefix: outside the envelope none has, and searching each for one takes longer than anything else here.
 */
export type XmlTag = Pick<XmlElement, 'name' | 'type' | 'xsiType' | 'serverGuid'>

export interface XmlHandler {
  open(tag: XmlTag): void
  /** A piece of the text directly inside; there may be several, also between children. */
  text(piece: string): void
  close(): void
}

export interface XmlReader {
  /** Takes the next piece of the document, cut anywhere. */
  write(piece: string): void
  /** Nothing more will come. */
  end(): void
}

/** The parser makes an error of each, which takes as long as several elements. */
const mostMalformed = 100_000

/** The parser keeps every attribute of an element that begins. */
const mostAttributes = 64

/**
 * Reads a document in pieces. Whatever is wrong with it is a SoapError, thrown by the call that finds it.
 * @throws ReplyTooLargeError
 */
export function createXmlReader(
  handler: XmlHandler,
  { elements: mostElements, characters: mostCharacters }: ReplyLimits = replyLimits,
): XmlReader {
  const parser = new SaxesParser<{ xmlns: false; position: false }>({ xmlns: false, position: false })
  /** In this piece; the text that they stand in may end in a later one. */
  let disallowed = 0
  let hadControls = false
  let malformed = 0
  let elements = 0
  let attributes = 0
  /** Characters of the markup or text that has not ended yet: the parser keeps them. */
  let pending = 0
  parser.on('error', ({ message }) => {
    // A reference to a character that XML cannot carry stays as it came; see xml.ts.
    if (message === 'malformed character entity.') {
      malformed += 1
      if (malformed > mostMalformed)
        throw replyTooLarge('references to characters outside XML', mostMalformed)
      return
    }
    // Nor must one that came as it is take the inventory away; see xml.ts. Whether it is that one is looked at when the piece
    // is read: to search each piece for such characters takes longer than all that is done with its elements.
    if (message === 'disallowed character.') {
      disallowed += 1
      hadControls = true
      return
    }
    throw new SoapError(`the body is not well-formed XML: ${message}`)
  })
  // No DTD is ever legitimate in SOAP; see xml.ts.
  parser.on('doctype', () => {
    throw new SoapError('the body has a document type declaration')
  })
  // Attributes are noted as they come, as most elements have none.
  let type: string | undefined
  let xsiType: string | undefined
  let serverGuid: string | undefined
  const clean = (text: string) => (hadControls ? withoutControls(text) : text)
  parser.on('attribute', ({ name, value: raw }) => {
    attributes += 1
    if (attributes > mostAttributes)
      throw new SoapError(`an element has more than ${mostAttributes} attributes`)
    const value = clean(raw)
    if (name === 'type') type = value
    else if (name === 'serverGuid') serverGuid = value
    // The prefix is the server's own choice; see xml.ts.
    else if (name.endsWith(':type') && !name.startsWith('xmlns:')) xsiType = localName(value)
  })
  parser.on('opentag', ({ name }) => {
    const tag = { name, type, xsiType, serverGuid }
    type = xsiType = serverGuid = undefined
    attributes = pending = 0
    if (++elements > mostElements) throw replyTooLarge('elements', mostElements)
    handler.open(tag)
  })
  const text = (piece: string) => handler.text(clean(piece))
  parser.on('text', text)
  parser.on('cdata', text)
  parser.on('closetag', () => handler.close())
  return {
    write: (piece) => {
      disallowed = 0
      // To have the parser report each of many takes a hundred times as long.
      const readable = clean(piece)
      if (pending > mostCharacters) throw replyTooLarge('characters in a row', mostCharacters)
      pending += piece.length
      parser.write(readable)
      if (disallowed > 0 && disallowed > countControls(readable))
        throw new SoapError('the body is not well-formed XML: disallowed character.')
    },
    end: () => {
      parser.close()
    },
  }
}

/** Tells an element that was read whole, as the reader would have told it. */
export function replay(element: XmlElement, handler: XmlHandler): void {
  handler.open(element)
  handler.text(element.text)
  for (const child of element.children) replay(child, handler)
  handler.close()
}
