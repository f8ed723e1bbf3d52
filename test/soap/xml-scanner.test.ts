// The scanner reads every document as saxes does, or rejects it as saxes does: recorded responses, a document with all markup of
// the grammar, and mutations of both, cut anywhere, with any elements skipped. MUTATIONS sets their number (1,000,000 for a long
// run), SEED the first one.

import { beforeAll, describe, expect, it } from 'vitest'
import { SoapError } from '../../src/soap/soap-error.ts'
import { createXmlReader } from '../../src/soap/xml/xml-scanner.ts'
import { recordReplies } from './recorded-replies.ts'
import { addText, saxesEvents, type XmlEvent } from './saxes-events.ts'

const count = Number(process.env.MUTATIONS ?? 10_000)
const firstSeed = Number(process.env.SEED ?? 1)

const allMarkup =
  '\ufeff<?xml version="1.0" encoding="UTF-8" standalone=\'yes\' ?>\r\n<!-- a - b --><?pi a?b ??>\n' +
  '<s:a xmlns:s="u" xmlns="v" a.b-c = \'1"\'\r\n\t d="\'&lt;&#10;&#x41;&amp;\ta\r\nb" xsi:type="xsd:string">\r\n' +
  '<b type="T" serverGuid="g">1 &lt; 2 &amp;&gt;&quot;&apos; &#65;&#x1F600; &#1;&#xfffe; ] ]] > ]]&gt;\r\n\r</b>' +
  '<é ü="ö" q:type="x:y"/><c/><c /><d></d ><![CDATA[<x>&amp;]] > \r\n]]]><![CDATA[]]>text\u0001\u{1f4be}\ufffe' +
  '<!----><?x?><e\n><f><g>12</g><g>34</g><h>5</h><g>6</g></f></e></s:a>\n<!-- end --> <?p?>\r'

const fragments = [
  ...'<>&;"\'=/!?[]-: \t\r\n\u0001\ufffe\u{1f4be}éx#'.match(/./gsu)!,
  ...[
    '&amp;',
    '&lt',
    '&#65;',
    '&#x;',
    '&#;',
    '&#xd800;',
    '&#1;',
    '&#x110000;',
    '&#0000000000065;',
    '&foo;',
    '&#X41;',
  ],
  ...[
    '<![CDATA[',
    ']]>',
    ']]',
    '<!--',
    '-->',
    '--',
    '<?x ',
    '?>',
    '<?xml version="1.0"?>',
    '<!DOCTYPE a>',
    '<!ENTITY',
  ],
  ...[
    '<a>',
    '</a>',
    '<a/>',
    '</',
    '/>',
    ' a="b"',
    ' type="x"',
    " x:type='y'",
    ' xmlns:type="z"',
    '\ufeff',
    '\r\n',
  ],
]

/** A pseudo-random generator of integers below a limit. */
function randomFrom(seed: number): (limit: number) => number {
  let state = seed
  return (limit) => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit
  }
}

/** Applies one to four mutations to the bytes of a document. */
function mutate(document: string, random: (limit: number) => number): string {
  let bytes = Buffer.from(document)
  for (let left = 1 + random(4); left > 0; left -= 1) {
    const at = random(bytes.length + 1)
    const to = Math.min(bytes.length, at + 1 + random(random(4) === 0 ? 200 : 6))
    const [before, cut, after] = [bytes.subarray(0, at), bytes.subarray(at, to), bytes.subarray(to)]
    const fragment = Buffer.from(fragments[random(fragments.length)] as string)
    switch (random(7)) {
      case 0:
        if (cut[0] !== undefined) cut[0] ^= 1 << random(8)
        break
      case 1:
        bytes = Buffer.concat([before, after])
        break
      case 2:
        bytes = Buffer.concat([before, cut, cut, after])
        break
      case 3:
        bytes = Buffer.concat([before, fragment, cut, after])
        break
      case 4:
        bytes = Buffer.concat([before, fragment, after])
        break
      case 5: {
        // Breaks a reference, or the end of a tag, where there is one.
        const special = bytes.indexOf(random(2) === 0 ? '&' : '>', at)
        if (special >= 0)
          bytes = Buffer.concat([bytes.subarray(0, special + random(4)), bytes.subarray(special + 4)])
        break
      }
      default:
        if (random(4) === 0) bytes = before
    }
  }
  return bytes.toString()
}

type Skip = (opened: number) => boolean

/** The scanner's events; undefined if it rejects the document. */
function scannerEvents(pieces: readonly string[], skip: Skip): XmlEvent[] | undefined {
  const events: XmlEvent[] = []
  let opened = 0
  const reader = createXmlReader({
    open({ name, type, xsiType, serverGuid }) {
      events.push([name, type, xsiType, serverGuid] as XmlEvent)
      opened += 1
      return !skip(opened)
    },
    text: (source, from, to) => addText(events, source.slice(from, to)),
    close: () => events.push(null),
  })
  try {
    for (const piece of pieces) reader.write(piece)
    reader.end()
  } catch (error) {
    expect(error).toBeInstanceOf(SoapError)
    return undefined
  }
  return events
}

/** Leaves out the content and the ends of skipped elements; undefined if there is a fault in them. */
function withoutSkipped(events: readonly XmlEvent[], skip: Skip): XmlEvent[] | undefined {
  const left: XmlEvent[] = []
  let [opened, skipping] = [0, 0]
  for (const event of events) {
    const isStart = event !== null && typeof event !== 'string'
    if (skipping > 0 && isStart && event[0] === 'Fault') return undefined
    if (skipping > 0) skipping += isStart ? 1 : event === null ? -1 : 0
    else if (typeof event === 'string') addText(left, event)
    else {
      left.push(event)
      if (isStart) {
        opened += 1
        if (skip(opened)) skipping = 1
      }
    }
  }
  return left
}

function inPieces(document: string, cuts: readonly number[]): string[] {
  const ends = [...new Set(cuts), document.length].sort((a, b) => a - b)
  return ends.map((end, index) => document.slice(ends[index - 1] ?? 0, end))
}

const neverSkip: Skip = () => false

/** Compares both readers. Returns whether they accept the document. */
function compare(document: string, pieces: readonly string[], skip: Skip, label: string): boolean {
  const expected = saxesEvents(document)
  const found = scannerEvents(pieces, skip)
  expect(found, label).toEqual(expected && withoutSkipped(expected, skip))
  return expected !== undefined
}

describe('the scanner agrees with saxes', () => {
  let documents: readonly string[]
  beforeAll(async () => {
    documents = [allMarkup, ...new Set((await recordReplies()).map(({ text }) => text))]
  })

  it('on recorded responses, and on all markup, whole and in pieces of one character', () => {
    expect(documents.length).toBeGreaterThan(20)
    for (const document of documents) {
      for (const pieces of [[document], document.split('')])
        expect(compare(document, pieces, neverSkip, document)).toBe(true)
    }
  })

  it('on a document that is cut at any character, and on each of its beginnings', () => {
    for (const document of [allMarkup, ...documents.slice(1, 4)]) {
      for (let at = 0; at <= document.length; at += document === allMarkup ? 1 : 7) {
        compare(document, inPieces(document, [at]), neverSkip, `cut at ${at}`)
        // A character outside the basic plane is only half there.
        const beginning = document.slice(0, at)
        if (!/\p{Surrogate}/u.test(beginning)) compare(beginning, [beginning], neverSkip, `ends at ${at}`)
      }
    }
  })

  it(`on ${count.toLocaleString('en-US')} mutations`, { timeout: 120_000 + count * 20 }, () => {
    const accepted = [0, 0]
    for (let seed = firstSeed; seed < firstSeed + count; seed += 1) {
      const random = randomFrom(seed)
      const original = documents[random(3) === 0 ? 0 : random(documents.length)] as string
      const document = mutate(original, random)
      const cuts = Array.from({ length: random(6) }, () => random(document.length + 1))
      const pieces = random(8) === 0 ? document.split('') : inPieces(document, cuts)
      const salt = random(1_000)
      const ratio = random(3)
      const skip: Skip = ratio === 0 ? neverSkip : (opened) => randomFrom(salt + opened)(8) < ratio
      accepted[Number(compare(document, pieces, skip, `SEED=${seed} MUTATIONS=1`))]! += 1
    }
    // Both outcomes must be frequent, otherwise only one of them is tested.
    if (count >= 1_000) expect(Math.min(...accepted)).toBeGreaterThan(count / 10)
  })
})

describe('the scanner', () => {
  const read = (document: string) => scannerEvents([document], neverSkip)

  it.each([
    ['a character reference that is not one', '<a>&#x;</a>'],
    ['a character reference with other characters', '<a>&#1<b/>;</a>'],
    ['a hexadecimal reference in upper case', '<a>&#X41;</a>'],
    ['the end of CDATA in a text', '<a>x]]>y</a>'],
    ['an attribute twice', '<a b="" b=""/>'],
    ['attributes without space between them', '<a b=""c=""/>'],
    ["'<' in an attribute", '<a b="<"/>'],
    ["'--' in a comment", '<a><!-- -- --></a>'],
    ['a lone surrogate in a text', '<a>\ud800</a>'],
    ['a lone surrogate in an attribute', '<a b="\udc00"/>'],
    ['a lone surrogate in a comment', '<a><!-- \ud800 --></a>'],
    ['a lone surrogate in CDATA', '<a><![CDATA[\udc00]]></a>'],
    ['a control character in a name', '<a\u0001/>'],
    ['a control character between attributes', '<a \u0001b=""/>'],
    ['a document type declaration', '<!DOCTYPE a><a/>'],
    ['another version of XML', '<?xml version="2.0"?><a/>'],
  ])('rejects %s', (_, document) => {
    expect(read(document)).toBeUndefined()
    expect(scannerEvents(document.split(''), neverSkip)).toBeUndefined()
    const inSkipped = `<root><skipped>${document}</skipped></root>`
    expect(scannerEvents([inSkipped], (opened) => opened === 2)).toBeUndefined()
  })

  it('accepts one byte order mark, at the start', () => {
    expect(read('\ufeff<a/>')).toEqual([['a', undefined, undefined, undefined], null])
    for (const document of ['\ufeff\ufeff<a/>', ' \ufeff<a/>', '<a/>\ufeff']) {
      expect(read(document)).toBeUndefined()
      expect(scannerEvents(document.split(''), neverSkip)).toBeUndefined()
    }
  })

  it('recognizes the end of a long list after any number of characters that are not ASCII', () => {
    const documentOf = (name: string) => `<a><b>${name}</b><c>${'<d>1234</d>'.repeat(300)}</c><e>5</e></a>`
    for (let count = 0; count < 40; count += 1) {
      // The runs are known and predicted from the second document on.
      expect(read(documentOf('u'.repeat(count)))).toBeDefined()
      const events = read(documentOf('\u00fc'.repeat(count)))
      expect(events?.filter((event) => Array.isArray(event) && event[0] === 'd')).toHaveLength(300)
    }
  })

  it('keeps references to characters that XML cannot represent, and replaces the characters', () => {
    expect(read('<a type="&#1;\u0001">&#x110000;&#0;\u0001\ufffe</a>')).toEqual([
      ['a', '&#1;\ufffd', undefined, undefined],
      '&#x110000;&#0;\ufffd\ufffd',
      null,
    ])
  })

  it('reports the text before an unfinished token at once', () => {
    const pieces: string[] = []
    const reader = createXmlReader({
      open: () => true,
      text: (source, from, to) => void pieces.push(source.slice(from, to)),
      close: () => {},
    })
    for (const piece of ['<a>one &am', 'p; two ]', ']', '&gt;', ' three<', '/a>']) reader.write(piece)
    reader.end()
    expect(pieces[0]).toBe('one ')
    expect(pieces.join('')).toBe('one & two ]]> three')
  })
})
