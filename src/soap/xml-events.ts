// XML text -> events while it arrives: for answers that are too large to be held whole. Stands beside xml.ts, which reads
// everything else; the only importer of saxes. A test holds both to the same reading.

import { SaxesParser } from 'saxes'
import { SoapError } from './soap-error.ts'
import { localName, withoutControls, type XmlElement } from './xml.ts'

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

/** Reads a document in pieces. Whatever is wrong with it is a SoapError, thrown by the call that finds it. */
export function createXmlReader(handler: XmlHandler): XmlReader {
  const parser = new SaxesParser<{ xmlns: false; position: false }>({ xmlns: false, position: false })
  parser.on('error', ({ message }) => {
    // A reference to a character that XML cannot carry stays as it came; see xml.ts.
    if (message === 'malformed character entity.') return
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
  parser.on('attribute', ({ name, value }) => {
    if (name === 'type') type = value
    else if (name === 'serverGuid') serverGuid = value
    // The prefix is the server's own choice; see xml.ts.
    else if (name.endsWith(':type') && !name.startsWith('xmlns:')) xsiType = localName(value)
  })
  parser.on('opentag', ({ name }) => {
    const tag = { name, type, xsiType, serverGuid }
    type = xsiType = serverGuid = undefined
    handler.open(tag)
  })
  parser.on('text', (piece) => handler.text(piece))
  parser.on('cdata', (piece) => handler.text(piece))
  parser.on('closetag', () => handler.close())
  return {
    write: (piece) => {
      parser.write(withoutControls(piece))
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
