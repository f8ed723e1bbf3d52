// Parsing and writing XML text: the characters that are preserved, and those that are rejected.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { SoapError } from '../../src/soap/soap-error.ts'
import { escapeXml, isXmlText, parseXml, type XmlElement } from '../../src/soap/xml/xml.ts'
import { vcenterRetrieval, vcsimRetrieval, vcsimTaskUpdate } from './fixtures.ts'

const textOf = (inner: string): string => parseXml(`<v>${inner}</v>`).text

describe('text', () => {
  it.each(['007', '1e3', 'true', ' blank ', '   ', '', '0x10', '-0', '\tA\n'])('is preserved: %j', (text) => {
    expect(textOf(text)).toBe(text)
  })

  it('decodes named and numeric entities in one pass', () => {
    expect(textOf('&lt;&gt;&amp;&quot;&apos;&#39;&#34;&#xA;&#x1F600;&#128512;')).toBe('<>&"\'\'"\n😀😀')
    expect(textOf('&amp;lt;&amp;#39;')).toBe('&lt;&#39;')
  })

  it('preserves CDATA and the text around it', () => {
    expect(textOf('a<![CDATA[<b>&amp;]]>c')).toBe('a<b>&amp;c')
  })

  it('skips comments and processing instructions', () => {
    expect(textOf('a<!-- <b>x</b> -->b<?php echo ?>c')).toBe('abc')
  })

  it('normalizes line ends as XML requires, except for escaped ones', () => {
    expect(textOf('a\r\nb\rc&#13;\n')).toBe('a\nb\nc\r\n')
  })

  it('decodes tens of thousands of entities', () => {
    expect(textOf('&#39;'.repeat(20_000))).toBe("'".repeat(20_000))
  })
})

describe('names', () => {
  it('are local names, whatever the prefixes', () => {
    const names = (element: XmlElement): unknown => [element.name, element.children.map(names)]
    expect(names(parseXml('<a:x xmlns:a="u"><b:y xmlns:b="u"/><z xmlns="u"/></a:x>'))).toEqual([
      'x',
      [
        ['y', []],
        ['z', []],
      ],
    ])
  })

  it('distinguish the two attributes called type', () => {
    for (const xsi of ['xsi', '_XMLSchema-instance', 'q1']) {
      const element = parseXml(
        `<v xmlns:${xsi}="http://www.w3.org/2001/XMLSchema-instance" type="Folder" ${xsi}:type="vim25:ManagedObjectReference" serverGuid="g">group-d1</v>`,
      )
      expect(element).toMatchObject({
        type: 'Folder',
        xsiType: 'ManagedObjectReference',
        serverGuid: 'g',
        text: 'group-d1',
      })
    }
  })

  it('of a namespace called type are not xsi:type', () => {
    expect(parseXml('<v xmlns:type="u"/>').xsiType).toBeUndefined()
  })
})

describe('the parser', () => {
  const rejected = (text: string) => expect(() => parseXml(text), text.slice(0, 60)).toThrow(SoapError)

  it.each([
    ['an empty text', ''],
    ['white space', ' \n'],
    ['plain text', 'upstream connect error or disconnect/reset before headers'],
    ['JSON', '{"error":"x"}'],
    ['HTML that is not XML', '<!doctype html><html><body><p>503<br></body></html>'],
    ['a DTD', '<!DOCTYPE v [<!ENTITY a "b">]><v>&a;</v>'],
    ['a DTD in lower case', '<!doctype v><v/>'],
    ['an entity unknown to XML', '<v>&nbsp;</v>'],
    ['an entity named like an Object.prototype property', '<v>&constructor;</v>'],
    ['another entity named like an Object.prototype property', '<v>a&toString;b</v>'],
    ['an entity named like an Object.prototype property in an attribute', '<v type="&valueOf;"/>'],
    ['an entity in upper case', '<v>&LT;</v>'],
    ['a character beyond Unicode', '<v>&#x110000;</v>'],
    ['a bare ampersand', '<v>a & b</v>'],
    ['a duplicate attribute', '<v type="a" type="b"/>'],
    ['mismatched tags', '<v><w></v></w>'],
    ['mismatched prefixes', '<a:v></b:v>'],
    ['two documents', '<v></v><v></v>'],
    ['text after the end', '<v></v>x'],
    ['text before the start', 'x<v></v>'],
  ])('rejects %s', (_, text) => rejected(text))

  it('rejects an entity bomb without expanding it', () => {
    const bomb = Array.from({ length: 30 }, (_, i) => `<!ENTITY a${i + 1} "&a${i};&a${i};">`).join('')
    rejected(`<?xml version="1.0"?><!DOCTYPE v [<!ENTITY a0 "ha">${bomb}]><v>&a30;</v>`)
  })

  it('rejects excessive nesting, and accepts a long snapshot chain', () => {
    const nested = (depth: number) => '<v>'.repeat(depth) + '</v>'.repeat(depth)
    rejected(nested(100_000))
    expect(parseXml(nested(200)).name).toBe('v')
  })

  it.each(['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', 'valueOf'])(
    'is safe with an element or attribute called %s',
    (name) => {
      for (const text of [`<v><${name}><polluted>x</polluted></${name}></v>`, `<v ${name}="x"/>`]) {
        try {
          parseXml(text)
        } catch (error) {
          expect(error).toBeInstanceOf(SoapError)
        }
      }
      expect(({} as Record<string, unknown>).polluted).toBeUndefined()
    },
  )

  it.each([
    ['a vCenter', vcenterRetrieval],
    ['vcsim', vcsimRetrieval],
    ['an update', vcsimTaskUpdate],
  ])('rejects a body of %s that is truncated, wherever it is cut', (_, complete) => {
    expect(parseXml(complete).name).toBe('Envelope')
    for (let end = 0; end < complete.length; end += 1) rejected(complete.slice(0, end))
  })
})

describe('escaping', () => {
  const anyText = fc.string({ unit: 'binary' })

  it('preserves every text that XML can represent, and rejects every other', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        if (isXmlText(text)) expect(textOf(escapeXml(text))).toBe(text)
        else expect(() => escapeXml(text)).toThrow(SoapError)
      }),
      { seed: 1, numRuns: 2000 },
    )
  })

  it.each(['\0', '\u0008', '\u001f', '\ufffe', '\uffff', '\ud800', 'a\udc00', '\udc00\ud800'])(
    'rejects %j',
    (text) => {
      expect(() => escapeXml(text)).toThrow(SoapError)
    },
  )

  it('escapes the end of CDATA', () => {
    expect(escapeXml(']]><a b="c">&\r')).toBe(']]&gt;&lt;a b=&quot;c&quot;&gt;&amp;&#13;')
  })
})

describe('any input', () => {
  const piece = fc.constantFrom(
    '<',
    '>',
    '/',
    '&',
    ';',
    '"',
    "'",
    '=',
    ' ',
    'a',
    'type',
    'xsi:type',
    '<v>',
    '</v>',
    '<v/>',
    '<![CDATA[',
    ']]>',
    '<!--',
    '-->',
    '<?',
    '?>',
    '&#',
    '&#x',
    '&amp;',
    '__proto__',
    'constructor',
    '<!ENTITY',
    '\0',
    '\ud800',
    '#text',
    ':@',
  )

  it('is either parsed or rejected with a SoapError', () => {
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), fc.boolean(), (pieces, wrapped) => {
        const text = wrapped ? `<v>${pieces.join('')}</v>` : pieces.join('')
        try {
          expect(typeof parseXml(text).name).toBe('string')
        } catch (error) {
          expect(error).toBeInstanceOf(SoapError)
        }
      }),
      { seed: 2, numRuns: 5000 },
    )
    expect(Object.keys(Object.prototype)).toEqual([])
  })
})
