// The events of a document as saxes reads it, to compare the scanner with. saxes collects errors; all are rejections except
// those of characters that XML cannot represent.

import { SaxesParser } from 'saxes'
import { countControlCharacters, localName, replaceControlCharacters } from '../../src/soap/xml/xml.ts'

/** A start tag with its attributes, a text, or `null` for the end of an element. */
export type XmlEvent =
  | readonly [name: string, type?: string, xsiType?: string, serverGuid?: string]
  | string
  | null

/** A character reference that is written as XML requires, whatever its character is. */
const characterReference = /^#(?:[0-9]+|x[0-9a-fA-F]+)$/

function createParser() {
  // Every version 1.x is read as 1.0, as the 5th edition of XML 1.0 requires.
  const parser = new SaxesParser({
    xmlns: false,
    position: false,
    forceXMLVersion: true,
    defaultXMLVersion: '1.0',
  })
  // saxes takes everything up to the next ';' for the name of a reference. The method is private in its declarations.
  const internal = parser as unknown as { parseEntity(entity: string): string }
  const parseEntity = internal.parseEntity.bind(parser)
  internal.parseEntity = (entity) => {
    if (entity.startsWith('#') && !characterReference.test(entity)) parser.fail('invalid reference')
    return parseEntity(entity)
  }
  return parser
}

/** Returns the events of a document without lone surrogates; undefined if it is rejected. */
export function saxesEvents(document: string): XmlEvent[] | undefined {
  const events: XmlEvent[] = []
  const parser = createParser()
  let rejected = false
  let depth = 0
  let disallowed = 0
  parser.on('error', ({ message }) => {
    if (message === 'disallowed character.') disallowed += 1
    else if (message !== 'malformed character entity.') rejected = true
  })
  parser.on('doctype', () => {
    rejected = true
  })
  parser.on('opentag', ({ name, attributes }) => {
    depth += 1
    let [type, xsiType, serverGuid]: (string | undefined)[] = []
    for (const [attribute, raw] of Object.entries(attributes)) {
      const value = replaceControlCharacters(raw)
      if (attribute === 'type') type = value
      else if (attribute === 'serverGuid') serverGuid = value
      else if (attribute.endsWith(':type') && !attribute.startsWith('xmlns:')) xsiType = localName(value)
    }
    events.push([localName(name), type, xsiType, serverGuid] as XmlEvent)
  })
  const text = (piece: string) => addText(events, replaceControlCharacters(piece))
  parser.on('text', (piece) => {
    // White space around the root element is no content.
    if (depth > 0) text(piece)
  })
  parser.on('cdata', text)
  parser.on('closetag', () => {
    depth -= 1
    events.push(null)
  })
  parser.write(document).close()
  return rejected || disallowed > countControlCharacters(document) ? undefined : events
}

/** Adds a text to events; adjacent text is one event. */
export function addText(events: XmlEvent[], text: string): void {
  const last = events.at(-1)
  if (typeof last === 'string') events[events.length - 1] = last + text
  else if (text !== '') events.push(text)
}
