// Mutations of a valid response: flipped bytes, truncation, elements duplicated, moved, nested in themselves, renamed, retyped
// or with other content. Most results are well-formed, so that they reach the decoder.

import fc from 'fast-check'
import { enums } from '../../src/soap/declarations/enums.ts'
import { dataObjectNames } from './declared-values.ts'

/** The position of an element in a text. */
interface Span {
  readonly name: string
  readonly from: number
  /** The position of its content. */
  readonly contentFrom: number
  readonly contentTo: number
  readonly to: number
}

function elementsOf(text: string): Span[] {
  const found: Span[] = []
  const open: { name: string; from: number; contentFrom: number }[] = []
  for (const { 0: tag, 1: closing, 2: name = '', index } of text.matchAll(/<(\/?)([^\s<>/?!]+)[^<>]*>/g)) {
    const end = index + tag.length
    if (closing === '') {
      if (!tag.endsWith('/>')) open.push({ name, from: index, contentFrom: end })
    } else if (open.at(-1)?.name === name) {
      found.push({ ...(open.pop() as Omit<Span, 'contentTo' | 'to'>), contentTo: index, to: end })
    }
  }
  return found
}

const ofObjects = ['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', '_typeName', 'then']
const typeNames = fc.oneof(
  fc.constantFrom(...dataObjectNames, ...Object.keys(enums)),
  fc.constantFrom('xsd:int', 'xsd:long', 'xsd:boolean', 'xsd:dateTime', 'xsd:base64Binary', 'xsd:double'),
  fc.constantFrom('ManagedObjectReference', 'anyType', 'ArrayOfString', 'ArrayOfInt', 'ArrayOf', '', ':'),
  fc.constantFrom(...ofObjects),
)
const elementNames = fc.constantFrom(
  ...ofObjects,
  'val',
  'name',
  'returnval',
  'objects',
  'propSet',
  'fault',
  'Fault',
  'Body',
  'Envelope',
  'VirtualDevice',
)
const contents = fc.oneof(
  fc.constantFrom(
    '',
    ' ',
    '-0',
    '1e999',
    'NaN',
    'INF',
    '9007199254740993',
    '9'.repeat(400),
    '-9223372036854775809',
  ),
  fc.constantFrom(
    'true',
    'null',
    'undefined',
    '2026-13-45T99:99:99Z',
    '+275761-01-01T00:00:00Z',
    '[object Object]',
  ),
  fc.constantFrom(
    '&#0;',
    '&#x110000;',
    '&lt;',
    '&bomb;',
    '&constructor;',
    '<![CDATA[<x>]]>',
    '<!-- -->',
    '<?x?>',
  ),
  fc.constantFrom(
    '<!DOCTYPE a [<!ENTITY b "&b;&b;">]>',
    '<a/>',
    '<a',
    ']]>',
    '\u0000',
    '\ud800',
    '\u{1f4be}',
  ),
  fc.string({ unit: 'binary', maxLength: 8 }),
)

/** One mutation of a text. `at` selects a position from those available. */
type Mutation = (text: string, at: number) => string

const splice = (text: string, from: number, to: number, instead: string): string =>
  text.slice(0, from) + instead + text.slice(to)

const onElement =
  (change: (text: string, element: Span, at: number) => string): Mutation =>
  (text, at) => {
    const elements = elementsOf(text)
    const element = elements[at % elements.length]
    return element ? change(text, element, at) : text
  }

const rename = (name: string) =>
  onElement((text, { name: old, from, contentTo, to, contentFrom }) => {
    const inside = text.slice(from + 1 + old.length, contentTo)
    return contentFrom > from ? splice(text, from, to, `<${name}${inside}</${name}>`) : text
  })

const withAttribute = (attribute: string, value: string) =>
  onElement((text, { from, contentFrom }) => {
    const tag = text.slice(from, contentFrom - 1).replace(new RegExp(` [\\w-]*:?${attribute}="[^"]*"`), '')
    return splice(text, from, contentFrom, `${tag} xsi:${attribute}="${value}">`)
  })

const mutations: fc.Arbitrary<Mutation> = fc.oneof(
  fc.nat({ max: 7 }).map(
    (bit): Mutation =>
      (text, at) => {
        const bytes = Buffer.from(text)
        if (bytes.length > 0) bytes[at % bytes.length]! ^= 1 << bit
        return bytes.toString()
      },
  ),
  fc.constant<Mutation>((text, at) => text.slice(0, at % (text.length + 1))),
  contents.map(
    (content): Mutation =>
      (text, at) =>
        splice(text, at % (text.length + 1), at % (text.length + 1), content),
  ),
  fc
    .integer({ min: 1, max: 3 })
    .map((times) =>
      onElement((text, { from, to }) => splice(text, to, to, text.slice(from, to).repeat(times))),
    ),
  fc.constant(onElement((text, { from, to }) => splice(text, from, to, ''))),
  // Swaps two elements.
  fc.nat().map((other) =>
    onElement((text, one) => {
      const apart = elementsOf(text).filter(({ from, to }) => to <= one.from || from >= one.to)
      const two = apart[other % apart.length]
      if (!two) return text
      const [first, second] = one.from < two.from ? [one, two] : [two, one]
      const between = text.slice(first.to, second.from)
      const swapped = text.slice(second.from, second.to) + between + text.slice(first.from, first.to)
      return splice(text, first.from, second.to, swapped)
    }),
  ),
  fc
    .constantFrom(1, 2, 50, 600, 3_000)
    .map((levels) =>
      onElement((text, { name, from, to }) =>
        splice(
          text,
          from,
          to,
          `<${name}>`.repeat(levels) + text.slice(from, to) + `</${name}>`.repeat(levels),
        ),
      ),
    ),
  elementNames.map(rename),
  typeNames.map((type) => withAttribute('type', type)),
  contents.map((content) =>
    onElement((text, { contentFrom, contentTo }) => splice(text, contentFrom, contentTo, content)),
  ),
)

/** Applies a few mutations to a text. */
export const mutated = (text: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc
    .tuple(text, fc.array(fc.tuple(mutations, fc.nat()), { minLength: 1, maxLength: 3 }))
    .map(([good, changes]) => changes.reduce((each, [change, at]) => change(each, at), good))
