// The characters of XML: names, line ends, references, and characters that XML cannot represent.

import { SoapError } from '../soap-error.ts'
import { isXmlText, replaceControlCharacters } from './xml.ts'

export const notWellFormed = (what: string) => new SoapError(`the body is not well-formed XML: ${what}`)

/** A space character, and a name, as regular expressions with the flag `u`. */
export const spacePattern = '[ \\t\\r\\n]'
const nameStart =
  ':A-Z_a-z\\u{C0}-\\u{D6}\\u{D8}-\\u{F6}\\u{F8}-\\u{2FF}\\u{370}-\\u{37D}\\u{37F}-\\u{1FFF}\\u{200C}\\u{200D}\\u{2070}-\\u{218F}' +
  '\\u{2C00}-\\u{2FEF}\\u{3001}-\\u{D7FF}\\u{F900}-\\u{FDCF}\\u{FDF0}-\\u{FFFD}\\u{10000}-\\u{EFFFF}'
export const namePattern = `[${nameStart}][${nameStart}\\-.0-9\\u{B7}\\u{300}-\\u{36F}\\u{203F}-\\u{2040}]*`

/** V8 copies parts of a string that are shorter than this. A longer part refers to the whole string. */
const minSliceLength = 13

/** `toString('latin1')` calls this method of Node after checking its arguments, which takes as long as short copies. */
interface Latin1Buffer extends Buffer {
  latin1Slice(from: number, to: number): string
}

/**
 * Returns a part of a string as a copy: a slice would keep the whole string in memory as long as the part is used.
 * @param ascii the bytes of the string, if it is ASCII; copying them takes a third of the time
 */
export function copyPart(source: string, from: number, to: number, ascii?: Buffer): string {
  if (to - from < minSliceLength) return source.slice(from, to)
  if (ascii !== undefined) return (ascii as Latin1Buffer).latin1Slice(from, to)
  const part = source.slice(from, to)
  const bytes = Buffer.from(part)
  // UTF-16 preserves lone surrogates, which are checked elsewhere.
  return bytes.length === part.length
    ? bytes.toString('latin1')
    : Buffer.from(part, 'utf16le').toString('utf16le')
}

/** Called for a reference to a character that XML cannot represent. */
export type OnMalformed = () => void

/**
 * Decodes text: replaces line ends, references and control characters; see xml.ts.
 * @throws SoapError if a reference is invalid, or the text has a lone surrogate or ']]>'
 */
export function decodeText(raw: string, onMalformed: OnMalformed): string {
  if (raw.includes(']]>')) throw notWellFormed("']]>' in text")
  return resolveReferences(decodeCdata(raw), onMalformed)
}

/** Decodes the content of a CDATA section, which has no references. */
export const decodeCdata = (raw: string): string => decodeCharacters(raw).replace(/\r\n?/g, '\n')

export const decodeAttribute = (raw: string, onMalformed: OnMalformed): string =>
  resolveReferences(decodeCharacters(raw).replace(/\r\n|[\t\n\r]/g, ' '), onMalformed)

function decodeCharacters(raw: string): string {
  if (!/[^\t\n\r -\ud7ff]/.test(raw)) return raw
  rejectLoneSurrogates(raw)
  return replaceControlCharacters(raw)
}

export function rejectLoneSurrogates(text: string): void {
  if (/\p{Surrogate}/u.test(text)) throw notWellFormed('lone surrogate')
}

/** Returns the end of the text that does not depend on what follows: an unfinished reference, ']]', '\r' or surrogate does. */
export function endOfFinishedText(text: string, from: number): number {
  const reference = text.lastIndexOf('&')
  if (reference >= from && !text.includes(';', reference)) return reference
  const [unfinished] = /(?:\]{1,2}|[\r\ud800-\udbff])$/.exec(text.slice(-2)) ?? ['']
  return Math.max(from, text.length - unfinished.length)
}

const reference = /&(?:(amp|lt|gt|quot|apos)|#([0-9]+)|#x([0-9a-fA-F]+));|&/g
const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }

/** Replaces references. Those to characters that XML cannot represent are kept as they are; see xml.ts. */
function resolveReferences(text: string, onMalformed: OnMalformed): string {
  if (!text.includes('&')) return text
  return text.replace(reference, (source, name, decimal, hexadecimal) => {
    if (name !== undefined) return entities[name] as string
    if (source === '&') throw notWellFormed('invalid reference')
    const codePoint = decimal === undefined ? Number.parseInt(hexadecimal, 16) : Number.parseInt(decimal, 10)
    const character = codePoint <= 0x10ffff ? String.fromCodePoint(codePoint) : ''
    if (character !== '' && isXmlText(character)) return character
    onMalformed()
    return source
  })
}

const instruction = new RegExp(`^<\\?(${namePattern})(?:[ \\t\\r\\n?].*)?\\?>$`, 'su')
const field = (name: string, value: string) => {
  const s = spacePattern
  return `${s}+${name}${s}*=${s}*(?:"${value}"|'${value}')`
}
const declaration = new RegExp(
  `^<\\?xml${field('version', '1\\.[0-9]+')}(?:${field('encoding', '[A-Za-z][A-Za-z0-9._\\-]*')})?` +
    `(?:${field('standalone', '(?:yes|no)')})?${spacePattern}*\\?>$`,
  'u',
)

/**
 * Checks a processing instruction.
 * @param mayDeclare whether it may be an XML declaration
 * @throws SoapError if it is malformed
 */
export function checkInstruction(source: string, mayDeclare: boolean): void {
  rejectLoneSurrogates(source)
  const target = instruction.exec(source)?.[1]
  if (target === undefined) throw notWellFormed('malformed processing instruction')
  if (target.toLowerCase() === 'xml' && !(mayDeclare && declaration.test(source)))
    throw notWellFormed('malformed or misplaced XML declaration')
}
