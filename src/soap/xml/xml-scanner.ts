// Scans a SOAP response that arrives in pieces, without building a tree. It accepts the XML that servers write, and rejects
// what an XML parser rejects, in skipped elements too. A test compares it with another parser.
//
//   document    = BOM? declaration? misc* element misc*       misc = space | comment | instruction
//   element     = '<' name attribute* space? ('/>' | '>' content '</' name space? '>')
//   content     = (element | text | cdata | comment | instruction)*
//   attribute   = space name space? '=' space? ('"' value '"' | "'" value "'"), each name once, no '<' in a value
//   text        = (any character but '<' and '&', no ']]>' | reference)*
//   reference   = '&' ('amp' | 'lt' | 'gt' | 'quot' | 'apos' | '#' digits | '#x' hexadecimal digits) ';'
//   cdata       = '<![CDATA[' … ']]>'       comment     = '<!--' … '-->', without another '--'
//   instruction = '<?' name … '?>'          declaration = '<?xml' version encoding? standalone? '?>'
//   rejected    : a document type declaration, other entities, a lone surrogate, a control character in a name or space
//   replaced    : a control character in a text or value, by U+FFFD; see xml.ts
//
//                     start tag                                end tag of the root
//   before the root ─────────────> in an element: text, cdata, ────────────────────> after the root
//     misc                         misc, tags of its children                          misc
//                                      │           ▲
//                        open: false   ▼           │ end tag of that element
//                                  in a skipped element: all checked, nothing reported
//
//   write(piece): [text] [run of tags] [text] [run of tags] … [unfinished]
// An unfinished token at the end of a piece is held until its end arrives. Text is not held, but reported in several pieces.

import { SoapError } from '../soap-error.ts'
import { maxDepth, type ReplyLimits, replyLimits, replyTooLarge, tooDeep } from './reply-limits.ts'
import { ComparedText, findRun, type TagRun, tableLength } from './tag-runs.ts'
import type { XmlHandler, XmlReader } from './xml.ts'
import {
  checkInstruction,
  decodeCdata,
  decodeText,
  endOfFinishedText,
  notWellFormed,
  rejectLoneSurrogates,
} from './xml-text.ts'

/** Maximum number of references to characters that XML cannot represent. */
const maxMalformedReferences = 100_000

/** Held tokens longer than this are scanned again only when they have doubled, so that they cost linear time. */
const shortToken = 1_024

/** The run that followed the last time, by a hash of the runs before it. It is tried first, and nearly always right. */
const expectedRuns: (TagRun | undefined)[] = new Array(tableLength).fill(undefined)

/** 1 for the characters that text may have without further checks. The others have a meaning or are rare. */
const isPlain = Uint8Array.from({ length: 0x10000 }, (_, code) =>
  code === 9 || code === 10 || (code >= 32 && code < 0xd800 && !'<&]'.includes(String.fromCharCode(code)))
    ? 1
    : 0,
)

const lessThan = 60
const exclamation = 33
const question = 63

/**
 * Creates a reader that parses a document piece by piece.
 * `write` and `end` throw a SoapError if the document is malformed, and a ReplyTooLargeError if it exceeds a limit.
 */
export const createXmlReader = (handler: XmlHandler, limits: ReplyLimits = replyLimits): XmlReader =>
  new XmlScanner(handler, limits)

class XmlScanner implements XmlReader {
  readonly #handler: XmlHandler
  readonly #limits: ReplyLimits
  /** The unfinished token at the end of the last piece, and the length from which it is scanned again. */
  #held = ''
  #retryLength = 0
  /** Number of characters since the last start tag. */
  #pending = 0
  /** Whether nothing was read, and whether an XML declaration may follow. */
  #isEmpty = true
  #isAtStart = true
  #sawRoot = false
  /** The names of the open elements; only the first `#depth` are valid. */
  readonly #open: string[] = []
  #depth = 0
  /** The depth of the element that is skipped; 0 if none is. */
  #skippedDepth = 0
  #elements = 0
  #malformed = 0
  /** A hash of the last runs. */
  #history = 0
  /** The text that is scanned. */
  readonly #compared = new ComparedText()

  constructor(handler: XmlHandler, limits: ReplyLimits) {
    this.#handler = handler
    this.#limits = limits
  }

  write(piece: string): void {
    const { characters } = this.#limits
    if (this.#pending > characters) throw replyTooLarge('characters in a single tag or text', characters)
    this.#pending += piece.length
    if (piece === '') return
    const elements = this.#elements
    let at = this.#isEmpty && piece.startsWith('\ufeff') ? 1 : 0
    this.#isEmpty = false
    // Only the end of the held token is appended to it, because reading a concatenation of strings takes longer.
    while (this.#held !== '' && at < piece.length) {
      const from = at
      at = piece.indexOf('>', at) + 1 || piece.length
      this.#held += piece.slice(from, at)
      if (this.#held.length >= this.#retryLength) this.#scanHeld()
    }
    if (at < piece.length) this.#held = piece.slice(this.#scan(piece, at))
    if (this.#elements > elements) this.#pending = 0
  }

  end(): void {
    this.#scanHeld()
    if (!this.#sawRoot) throw notWellFormed('there is no element')
    if (this.#depth > 0 || /\S/.test(this.#held)) throw notWellFormed('unexpected end')
  }

  #scanHeld(): void {
    const text = this.#held
    this.#held = text.slice(this.#scan(text, 0))
    this.#retryLength = this.#held.length > shortToken ? this.#held.length * 2 : 0
  }

  /** Scans complete tokens from an index on, and returns the index of the first unfinished one. */
  #scan(text: string, from: number): number {
    const { length } = text
    this.#compared.set(text)
    const { ascii } = this.#compared
    for (let at = from; ; ) {
      let end = at
      while (end < length && isPlain[text.charCodeAt(end)] === 1) end += 1
      const isOther = end < length && text.charCodeAt(end) !== lessThan
      if (isOther || (end > at && this.#depth === 0)) {
        end = this.#otherText(text, at)
        if (text.charCodeAt(end) !== lessThan) return end
      } else if (end > at && this.#skippedDepth === 0) this.#handler.text(text, at, end, ascii)
      if (end === length) return length

      let run = expectedRuns[this.#history]
      if (run === undefined || !this.#compared.startsWith(run, end)) {
        const code = text.charCodeAt(end + 1)
        if (code === exclamation || code === question) {
          at = this.#otherMarkup(text, end)
          if (at < 0) return end
          this.#isAtStart = false
          continue
        }
        run = findRun(text, end, this.#onMalformed)
        if (run === undefined) return end
        // Not a run that was cut at the end of a piece, because it would match the start of the whole run.
        const next = text.charCodeAt(end + run.source.length)
        if (run.isKept && next !== lessThan && !Number.isNaN(next)) expectedRuns[this.#history] = run
      }
      this.#history = ((this.#history << 1) ^ run.hash) & (tableLength - 1)
      this.#take(run)
      at = end + run.source.length
    }
  }

  /** Opens and closes the elements of a run. */
  #take({ steps }: TagRun): void {
    for (let index = 0; index < steps.length; index += 1) {
      const { name, tag, isEmpty, isFault } = steps[index] as TagRun['steps'][number]
      if (tag === undefined) {
        if (this.#depth === 0 || this.#open[this.#depth - 1] !== name)
          throw notWellFormed(`unexpected end tag of <${name}>`)
        this.#depth -= 1
        if (this.#skippedDepth === 0) this.#handler.close()
        else if (this.#skippedDepth > this.#depth) this.#skippedDepth = 0
        continue
      }
      if (this.#depth === 0) {
        if (this.#sawRoot) throw notWellFormed('there is more than one root element')
        this.#sawRoot = true
      }
      this.#elements += 1
      if (this.#elements > this.#limits.elements) throw replyTooLarge('elements', this.#limits.elements)
      const isSkipped = this.#skippedDepth > 0
      // The decoder limits the depth of the elements that it decodes.
      if (isSkipped && this.#depth - this.#skippedDepth + 2 > maxDepth) throw tooDeep(name)
      if (isSkipped && isFault) throw new SoapError('the response contains a fault in skipped content')
      const isReported = !isSkipped && this.#handler.open(tag)
      if (!isEmpty) {
        this.#open[this.#depth] = name
        this.#depth += 1
        if (!isReported && !isSkipped) this.#skippedDepth = this.#depth
      } else if (isReported) this.#handler.close()
    }
  }

  /** Reads text that needs further checks, or is outside the root element. Returns its end, or where it is unfinished. */
  #otherText(text: string, from: number): number {
    let end = text.indexOf('<', from)
    if (end < 0) end = endOfFinishedText(text, from)
    const raw = text.slice(from, end)
    if (this.#depth > 0) {
      const decoded = decodeText(raw, this.#onMalformed)
      if (decoded !== raw) this.#report(decoded)
      else if (this.#skippedDepth === 0) this.#handler.text(text, from, end, this.#compared.ascii)
    } else if (/[^ \t\r\n]/.test(raw)) throw notWellFormed('text outside the root element')
    else if (raw !== '') this.#isAtStart = false
    return end
  }

  /** Checks a comment or an instruction, or reports a CDATA section. Returns its end; -1 if it is unfinished. */
  #otherMarkup(text: string, at: number): number {
    const startsWith = (start: string) => text.startsWith(start, at)
    if (startsWith('<!--')) {
      const end = text.indexOf('--', at + 4)
      if (end < 0 || end + 2 === text.length) return -1
      if (text[end + 2] !== '>') throw notWellFormed('malformed comment')
      rejectLoneSurrogates(text.slice(at, end))
      return end + 3
    }
    if (startsWith('<![CDATA[')) {
      if (this.#depth === 0) throw notWellFormed('text outside the root element')
      const end = text.indexOf(']]>', at + 9)
      if (end < 0) return -1
      this.#report(decodeCdata(text.slice(at + 9, end)))
      return end + 3
    }
    if (startsWith('<?')) {
      const end = text.indexOf('?>', at + 2) + 2
      if (end === 1) return -1
      checkInstruction(text.slice(at, end), this.#isAtStart && !this.#sawRoot)
      return end
    }
    const start = text.slice(at)
    if ('<!--'.startsWith(start) || '<![CDATA['.startsWith(start)) return -1
    // SOAP does not allow a DTD; see xml.ts.
    throw new SoapError('the body has a document type declaration or other markup that SOAP does not allow')
  }

  #report(text: string): void {
    if (this.#skippedDepth === 0) this.#handler.text(text, 0, text.length)
  }

  readonly #onMalformed = (): void => {
    this.#malformed += 1
    if (this.#malformed > maxMalformedReferences)
      throw replyTooLarge('invalid character references', maxMalformedReferences)
  }
}
