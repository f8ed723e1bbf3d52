// XML text <-> elements. The only importer of fast-xml-parser, so that the parser can be exchanged behind it.
// Knows nothing of SOAP but one thing: the attribute `type` means two things in vim25, told apart here.

import { XMLParser, XMLValidator } from 'fast-xml-parser'
import { SoapError, UnwritableError } from './soap-error.ts'

export interface XmlElement {
  /** The local name; vCenters, vcsim and govmomi use different prefixes. */
  readonly name: string
  /** The attribute `type` without a prefix: the managed object type of a reference. */
  readonly type: string | undefined
  /** The attribute `xsi:type`, whatever its prefix is called, without the prefix of its value: the dynamic type. */
  readonly xsiType: string | undefined
  /** The attribute `serverGuid` of a reference into another vCenter. */
  readonly serverGuid: string | undefined
  readonly children: readonly XmlElement[]
  /** The text directly inside, entities decoded, white space kept. */
  readonly text: string
}

// preserveOrder yields [{ tag: [...], ':@': { attributes } }, { '#text': '...' }]; nothing is guessed or trimmed.
// Entities stay encoded here: the parser's own decoding has limits made for small documents.
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

/** Parses a whole document. Anything not well-formed, cut, or with a DTD is a SoapError. */
export function parseXml(document: string): XmlElement {
  const text = withoutControls(document)
  // No DTD is ever legitimate in SOAP; refusing it at once closes the door to entity bombs and external entities.
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
    // XML reads white space in attributes as blanks, unless it is written as a reference.
    const value = decodeEntities(String(attributes[name]).replace(/[\t\n\r]/g, ' '))
    if (name === 'type') type = value
    else if (name === 'serverGuid') serverGuid = value
    // vcsim binds the namespace to a prefix of its own, so any prefixed `type` but a namespace declaration is xsi:type.
    else if (name.endsWith(':type') && !name.startsWith('xmlns:')) xsiType = localName(value)
  }
  return { type, xsiType, serverGuid }
}

/** Without its prefix, if it has one. */
export const localName = (name: string): string => name.slice(name.lastIndexOf(':') + 1)

const named = new Map([
  ['lt', '<'],
  ['gt', '>'],
  ['amp', '&'],
  ['quot', '"'],
  ['apos', "'"],
])

function decodeEntities(text: string): string {
  if (!text.includes('&')) return text
  return text.replace(/&(?:#x([0-9a-f]{1,6})|#([0-9]{1,7})|([a-z]+));|&/gi, (entity, hex, decimal, name) => {
    const known = named.get(name)
    if (known !== undefined) return known
    const codePoint = hex ? Number.parseInt(hex, 16) : decimal ? Number.parseInt(decimal, 10) : Number.NaN
    if (!(codePoint <= 0x10ffff))
      throw new SoapError(`the body has an entity that XML does not know: ${entity}`)
    const character = String.fromCodePoint(codePoint)
    // One that XML cannot carry stays as it came: a control character in one annotation must not take the rest away.
    return isXmlText(character) ? character : entity
  })
}

// XML 1.0 cannot carry control characters, not even as references, nor surrogates that have lost their other half.
const illegal = /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u

/** With U+FFFD for what XML cannot carry: a control character in one annotation must not take the inventory away. */
export const withoutControls = (text: string): string =>
  unknownToXml.test(text) ? text.replace(new RegExp(unknownToXml, 'g'), '\ufffd') : text

export const countControls = (text: string): number => text.match(new RegExp(unknownToXml, 'g'))?.length ?? 0

/** Code units alone, and so twice as fast: halves of characters are looked at by nobody here. */
const unknownToXml = /[^\t\n\r\u0020-\ufffd]/

/** Whether XML 1.0 can carry the text at all: no control characters, no lone surrogates. */
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

/** Printable ASCII in which nothing needs an escape: nearly every text. */
const plain = /^[ !#-%'-;=?-~]*$/

/** Escapes text for element content. Text that XML cannot carry is a SoapError. */
export function escapeXml(text: string): string {
  if (plain.test(text)) return text
  if (!isXmlText(text)) throw new UnwritableError('the text has characters that XML cannot carry')
  return /[&<>"\r]/.test(text) ? text.replace(/[&<>"\r]/g, (character) => escapes[character] as string) : text
}
