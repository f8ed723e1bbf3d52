// Parses XML documents to elements, and escapes text for XML. xml-scanner.ts reads responses while they arrive, as the events
// declared here. The only file that imports fast-xml-parser, so that the parser can be replaced. The only vim25 knowledge here
// is that `type` and `xsi:type` are two different attributes.

import { XMLParser, XMLValidator } from 'fast-xml-parser'
import { InvalidXmlCharacterError, SoapError } from '../soap-error.ts'

export interface XmlElement {
  /** The local name; vCenters, vcsim and govmomi use different prefixes. */
  readonly name: string
  /** The attribute `type`, without a prefix: the managed object type of a reference. */
  readonly type: string | undefined
  /** The value of the attribute `xsi:type`, with any prefix for xsi, without the prefix of the value: the dynamic type. */
  readonly xsiType: string | undefined
  /** The attribute `serverGuid` of a reference into another vCenter. */
  readonly serverGuid: string | undefined
  readonly children: readonly XmlElement[]
  /** The text directly inside the element, with entities decoded and white space kept. */
  readonly text: string
}

/** The start of an element: an XmlElement without its content. */
export interface XmlTag extends Pick<XmlElement, 'name' | 'type' | 'xsiType' | 'serverGuid'> {
  /** What a handler keeps about the tag. A tag that is repeated is usually the same object. */
  memo?: object | undefined
}

export interface XmlHandler {
  /** @returns false to skip the element: neither its content nor its end is reported */
  open(tag: XmlTag): boolean
  /**
   * Receives a piece of the text directly inside the element, as a part of a string. There may be several, also between child
   * elements.
   * @param ascii the bytes of the string, if it is ASCII, from which a part can be copied; valid only during the call
   */
  text(source: string, from: number, to: number, ascii?: Buffer): void
  close(): void
}

export interface XmlReader {
  /** Parses the next piece of the document, which may be cut anywhere. */
  write(piece: string): void
  /** Ends the document. */
  end(): void
}

/** Sends a parsed element to a handler as the events that the reader would have sent. */
export function emitEvents(element: XmlElement, handler: XmlHandler): void {
  if (!handler.open(element)) return
  handler.text(element.text, 0, element.text.length)
  for (const child of element.children) emitEvents(child, handler)
  handler.close()
}

// preserveOrder yields [{ tag: [...], ':@': { attributes } }, { '#text': '...' }]; the parser converts and trims nothing.
// It leaves entities encoded, because its own decoding has limits intended for small documents.
const parser = new XMLParser({
  preserveOrder: true,
  ignoreAttributes: false,
  attributeNamePrefix: '',
  parseTagValue: false,
  parseAttributeValue: false,
  trimValues: false,
  processEntities: false,
  ignoreDeclaration: true,
  ignorePiTags: true,
  cdataPropName: '#cdata',
  maxNestedTags: 512,
})

type ParsedNode = { ':@'?: Record<string, string> } & Record<string, unknown>

/**
 * Parses a complete document and returns its root element.
 * @throws SoapError if the document is not well-formed, is truncated or empty, or has a DTD
 */
export function parseXml(document: string): XmlElement {
  const text = replaceControlCharacters(document)
  // SOAP does not allow a DTD. Rejecting it first prevents entity expansion attacks and external entities.
  if (/<!DOCTYPE/i.test(text)) throw new SoapError('the body has a document type declaration')
  let nodes: ParsedNode[]
  try {
    const verdict = XMLValidator.validate(text)
    if (verdict !== true)
      throw new SoapError(`the body is not well-formed XML: ${verdict.err.msg} (line ${verdict.err.line})`)
    nodes = parser.parse(text) as ParsedNode[]
  } catch (error) {
    if (error instanceof SoapError) throw error
    throw new SoapError(`the body cannot be parsed as XML: ${(error as Error).message}`, { cause: error })
  }
  const root = nodes.map(toElement).find((element) => element !== undefined)
  if (!root) throw new SoapError('the body is empty')
  return root
}

function toElement(node: ParsedNode): XmlElement | undefined {
  for (const tag in node) {
    if (tag === ':@' || tag === '#text') continue
    const children: XmlElement[] = []
    let text = ''
    for (const child of node[tag] as ParsedNode[]) {
      if ('#text' in child) text += decodeEntities(String(child['#text']))
      else if ('#cdata' in child)
        text += (child['#cdata'] as { '#text': string }[]).map((part) => part['#text']).join('')
      else {
        const element = toElement(child)
        if (element) children.push(element)
      }
    }
    return { name: localName(tag), ...typeAttributes(node[':@']), children, text }
  }
  return undefined
}

function typeAttributes(attributes: Record<string, string> | undefined) {
  let type: string | undefined
  let xsiType: string | undefined
  let serverGuid: string | undefined
  for (const name in attributes) {
    // XML normalizes white space in attributes to spaces, unless it is written as a character reference.
    const value = decodeEntities(String(attributes[name]).replace(/[\t\n\r]/g, ' '))
    if (name === 'type') type = value
    else if (name === 'serverGuid') serverGuid = value
    // vcsim uses another prefix for the xsi namespace, so any prefixed `type` that is not a namespace declaration is xsi:type.
    else if (name.endsWith(':type') && !name.startsWith('xmlns:')) xsiType = localName(value)
  }
  return { type, xsiType, serverGuid }
}

/** Returns an XML name without its prefix. */
export const localName = (name: string): string => name.slice(name.lastIndexOf(':') + 1)

const namedEntities = new Map([
  ['lt', '<'],
  ['gt', '>'],
  ['amp', '&'],
  ['quot', '"'],
  ['apos', "'"],
])

function decodeEntities(text: string): string {
  if (!text.includes('&')) return text
  return text.replace(/&(?:#x([0-9a-f]{1,6})|#([0-9]{1,7})|([a-z]+));|&/gi, (entity, hex, decimal, name) => {
    const known = namedEntities.get(name)
    if (known !== undefined) return known
    const codePoint = hex ? Number.parseInt(hex, 16) : decimal ? Number.parseInt(decimal, 10) : Number.NaN
    if (!(codePoint <= 0x10ffff)) throw new SoapError(`the body has an unknown entity: ${entity}`)
    const character = String.fromCodePoint(codePoint)
    // Keep a reference to a character that XML cannot represent: a control character in one annotation must not fail the
    // whole document.
    return isXmlText(character) ? character : entity
  })
}

// XML 1.0 cannot represent control characters, not even as references, nor lone surrogates.
const illegal = /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u

/**
 * Replaces characters that XML cannot represent by U+FFFD. A control character in one annotation must not make the whole
 * inventory unreadable.
 */
export const replaceControlCharacters = (text: string): string =>
  nonXmlCodeUnit.test(text) ? text.replace(new RegExp(nonXmlCodeUnit, 'g'), '\ufffd') : text

export const countControlCharacters = (text: string): number =>
  text.match(new RegExp(nonXmlCodeUnit, 'g'))?.length ?? 0

/** Matches code units and not code points, which is twice as fast. It does not match lone surrogates. */
const nonXmlCodeUnit = /[^\t\n\r\u0020-\ufffd]/

/** Whether XML 1.0 can represent the text: it has no control characters and no lone surrogates. */
export const isXmlText = (text: string): boolean => !illegal.test(text)

const escapes: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\r': '&#13;',
}

/** Escapes text for a quoted attribute. */
export const escapeAttribute = (text: string): string =>
  escapeXml(text).replace(/[\t\n]/g, (blank) => (blank === '\t' ? '&#9;' : '&#10;'))

/** Matches printable ASCII without characters that need an escape, which nearly all text is. */
const unescaped = /^[ !#-%'-;=?-~]*$/

/**
 * Escapes text for element content.
 * @throws InvalidXmlCharacterError if XML cannot represent the text
 */
export function escapeXml(text: string): string {
  if (unescaped.test(text)) return text
  if (!isXmlText(text))
    throw new InvalidXmlCharacterError('the text has characters that XML cannot represent')
  return /[&<>"\r]/.test(text) ? text.replace(/[&<>"\r]/g, (character) => escapes[character] as string) : text
}
