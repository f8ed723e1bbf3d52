// Parses runs of adjacent tags: the markup between two pieces of text. Servers repeat some hundred runs, so a run that was
// parsed before is recognized by its characters, and its tags are checked only once.

import { SoapError } from '../soap-error.ts'
import { localName, type XmlTag } from './xml.ts'
import {
  copyPart,
  decodeAttribute,
  namePattern,
  notWellFormed,
  type OnMalformed,
  rejectLoneSurrogates,
  spacePattern as s,
} from './xml-text.ts'

/** The start of an element, or its end, which has no XmlTag. */
interface Step {
  readonly name: string
  readonly tag: XmlTag | undefined
  readonly isEmpty: boolean
  /** Whether it is a `Fault`, with any prefix. */
  readonly isFault: boolean
}

export interface TagRun {
  /** The characters from the first '<' to the last '>'. */
  readonly source: string
  readonly steps: readonly Step[]
  readonly hash: number
  /** The source as ASCII, four characters a number, with the last four once more; undefined if it is too short or not ASCII. */
  readonly words: Int32Array | undefined
  /** Whether its strings are copies, so that the run may be kept. */
  readonly isKept: boolean
}

/** The length of the tables of runs, a power of two. */
export const tableLength = 4_096

/** Recently parsed runs, by a hash of their characters. */
const knownRuns: (TagRun | undefined)[] = new Array(tableLength).fill(undefined)

/** The hashes of runs that were parsed once. Only a run that comes again is kept, because keeping it takes longer. */
const seenHashes = new Int32Array(tableLength)

/** Longer runs are split or not kept, which limits the memory for known runs. */
const maxRunLength = 256

/** Maximum number of attributes of an element. */
const maxAttributes = 64

const lessThan = 60
const greaterThan = 62
const slash = 47
const exclamation = 33
const question = 63

const startTagName = new RegExp(`<(${namePattern})`, 'uy')
const attribute = new RegExp(`${s}+(${namePattern})${s}*=${s}*(?:"([^"<]*)"|'([^'<]*)')`, 'uy')
const startTagEnd = new RegExp(`${s}*(/?)>$`, 'uy')
const endTag = new RegExp(`^</(${namePattern})${s}*>$`, 'u')

/**
 * Finds or parses the run of tags at an index.
 * @returns undefined if its first tag is unfinished
 * @throws SoapError if a tag is malformed
 */
export function findRun(text: string, at: number, onMalformed: OnMalformed): TagRun | undefined {
  let [end, hash, endHash] = [at, 0, 0]
  for (let index = at; index < text.length; index += 1) {
    const code = text.charCodeAt(index)
    hash = Math.imul(hash ^ code, 0x01000193)
    if (code !== greaterThan) continue
    if (end > at && index - at >= maxRunLength) break
    end = index + 1
    endHash = hash
    if (!startsTag(text, end)) break
  }
  const slot = (endHash ^ (endHash >>> 16)) & (tableLength - 1)
  const known = knownRuns[slot]
  if (known !== undefined && text.slice(at, end) === known.source) return known
  let isMalformed = false
  const steps: Step[] = []
  let to = at
  do {
    const next = text.charCodeAt(to + 1) === slash ? text.indexOf('>', to) + 1 : endOfStartTag(text, to)
    if (next <= 0) break
    const step = parseTag(copyPart(text, to, next), () => {
      isMalformed = true
      onMalformed()
    })
    steps.push(step)
    to = next
  } while (to < end)
  if (steps.length === 0) return undefined
  const run = { source: text.slice(at, to), steps, hash: slot, words: undefined, isKept: false }
  // A run with malformed references is parsed each time, so that they are counted.
  if (isMalformed || to !== end || end - at > maxRunLength) return run
  if (seenHashes[slot] === endHash) return keep(run)
  seenHashes[slot] = endHash
  return run
}

/** Keeps a run, with copies of its strings: slices would keep the whole text in memory. */
function keep(run: TagRun): TagRun {
  const steps = run.steps.map((step) => ({
    ...step,
    name: intern(step.name),
    tag: step.tag && copyTag(step.tag),
  }))
  const source = copy(run.source)
  const kept = { source, steps, hash: run.hash, words: wordsOf(source), isKept: true }
  knownRuns[run.hash] = kept
  return kept
}

const copyTag = ({ name, type, xsiType, serverGuid }: XmlTag): XmlTag => ({
  name: intern(name),
  type: type && copy(type),
  xsiType: xsiType && copy(xsiType),
  serverGuid: serverGuid && copy(serverGuid),
  memo: undefined,
})

/** Whether the text at an index is a tag, and neither a text nor another kind of markup. */
function startsTag(text: string, at: number): boolean {
  if (text.charCodeAt(at) !== lessThan) return false
  const next = text.charCodeAt(at + 1)
  return next !== exclamation && next !== question
}

/** Returns the index after the start tag at an index; -1 if it is unfinished. */
function endOfStartTag(text: string, at: number): number {
  let quote = 0
  for (let end = at + 1; end < text.length; end += 1) {
    const code = text.charCodeAt(end)
    if (code === lessThan) throw notWellFormed("'<' in a tag")
    if (quote !== 0) {
      if (code === quote) quote = 0
    } else if (code === greaterThan) return end + 1
    else if (code === 34 || code === 39) quote = code
  }
  return -1
}

function parseTag(source: string, onMalformed: OnMalformed): Step {
  if (source.charCodeAt(1) === slash) {
    const name = endTag.exec(source)?.[1]
    if (name === undefined) throw notWellFormed('invalid end tag')
    return { name, tag: undefined, isEmpty: false, isFault: false }
  }
  rejectLoneSurrogates(source)
  startTagName.lastIndex = 0
  const name = startTagName.exec(source)?.[1]
  if (name === undefined) throw notWellFormed('invalid tag name')
  let [type, xsiType, serverGuid]: (string | undefined)[] = []
  const names = new Set<string>()
  let at = startTagName.lastIndex
  for (;;) {
    attribute.lastIndex = at
    const found = attribute.exec(source)
    if (!found) break
    at = attribute.lastIndex
    const [, attributeName = '', double, single = ''] = found
    if (names.has(attributeName)) throw notWellFormed(`duplicate attribute ${attributeName}`)
    names.add(attributeName)
    if (names.size > maxAttributes)
      throw new SoapError(`an element has more than ${maxAttributes} attributes`)
    const value = decodeAttribute(double ?? single, onMalformed)
    if (attributeName === 'type') type = value
    else if (attributeName === 'serverGuid') serverGuid = value
    // Servers use different prefixes; see xml.ts.
    else if (attributeName.endsWith(':type') && !attributeName.startsWith('xmlns:'))
      xsiType = localName(value)
  }
  startTagEnd.lastIndex = at
  const end = startTagEnd.exec(source)
  if (!end) throw notWellFormed('invalid attribute')
  const tag = { name: localName(name), type, xsiType, serverGuid, memo: undefined }
  return { name, tag, isEmpty: end[1] === '/', isFault: tag.name === 'Fault' }
}

const copy = (slice: string): string => Buffer.from(slice).toString()

const names = new Map<string, string>()

/** Returns the same string for the same name, which makes comparing faster. */
function intern(name: string): string {
  const known = names.get(name)
  if (known !== undefined) return known
  if (names.size >= tableLength) names.clear()
  const copied = copy(name)
  names.set(copied, copied)
  return copied
}

function wordsOf(source: string): Int32Array | undefined {
  const bytes = Buffer.from(source)
  if (bytes.length < 4 || bytes.length > source.length) return undefined
  const count = bytes.length >> 2
  return Int32Array.from({ length: count + 1 }, (_, index) =>
    bytes.readInt32LE(index < count ? index * 4 : bytes.length - 4),
  )
}

/** A text to compare runs with. If it is ASCII, it is compared as bytes; comparing parts of strings takes twice as long. */
export class ComparedText {
  #text = ''
  #bytes = Buffer.alloc(0)
  #view = new DataView(this.#bytes.buffer)
  #isAscii = false

  set(text: string): void {
    this.#text = text
    this.#isAscii = false
    if (text.length < 1_024) return
    if (this.#bytes.length < text.length) {
      this.#bytes = Buffer.allocUnsafeSlow(text.length)
      this.#view = new DataView(this.#bytes.buffer)
    }
    // Other text may fill the buffer before its end.
    const { read, written } = encoder.encodeInto(text, this.#bytes)
    this.#isAscii = read === text.length && written === text.length
  }

  /** The bytes of the text, if it is ASCII and not too short; valid until the next text is set. */
  get ascii(): Buffer | undefined {
    return this.#isAscii ? this.#bytes : undefined
  }

  startsWith({ source, words }: TagRun, at: number): boolean {
    const end = at + source.length
    if (end > this.#text.length) return false
    if (words === undefined || !this.#isAscii) return this.#text.slice(at, end) === source
    const last = words.length - 1
    for (let index = 0; index < last; index += 1)
      if (this.#view.getInt32(at + index * 4, true) !== words[index]) return false
    return this.#view.getInt32(end - 4, true) === words[last]
  }
}

const encoder = new TextEncoder()
