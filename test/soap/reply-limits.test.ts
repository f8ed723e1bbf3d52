// Limits on elements, values, text, attributes and depth, for responses that are small on the wire and large in memory. They
// apply while the response arrives; streamed items have no limit in total.

import { describe, expect, it } from 'vitest'
import { createReplyReader } from '../../src/soap/reply-decoder.ts'
import { SoapError } from '../../src/soap/soap-error.ts'
import type { DecodeOptions } from '../../src/soap/value-decoder.ts'
import type { DataObject } from '../../src/soap/vim-types.ts'
import { ReplyTooLargeError } from '../../src/soap/xml/reply-limits.ts'
import { cpuMsSince } from '../cpu-time.ts'
import { soapEnvelope } from '../soap-proxy.ts'

const limits = { elements: 3_000, values: 500, characters: 1_000 }

const replyOf = (objects: string) =>
  soapEnvelope(
    `<RetrievePropertiesExResponse xmlns="urn:vim25"><returnval>${objects}</returnval></RetrievePropertiesExResponse>`,
  )
const objectOf = (content: string) => `<objects><obj type="VirtualMachine">vm-1</obj>${content}</objects>`
const property = (name: string, value: string, type = 'xsd:string') =>
  `<propSet><name>${name}</name><val xsi:type="${type}">${value}</val></propSet>`

function read(
  text: string,
  reading: DecodeOptions = { limits },
  pieceLength = 100,
): DataObject<'ObjectContent'>[] {
  const objects: DataObject<'ObjectContent'>[] = []
  const take = new Map([
    ['objects', (object: unknown) => objects.push(object as DataObject<'ObjectContent'>)],
  ])
  const reader = createReplyReader('RetrievePropertiesEx', take, reading)
  for (let at = 0; at < text.length; at += pieceLength) reader.write(text.slice(at, at + pieceLength))
  reader.end()
  return objects
}

describe('a response', () => {
  it.each([
    ['empty elements in an array', property('config', '<a/>'.repeat(600), 'ArrayOfFoo')],
    [
      'empty devices',
      property('config.hardware.device', '<VirtualDevice/>'.repeat(600), 'ArrayOfVirtualDevice'),
    ],
    ['empty properties', '<propSet><name>a</name></propSet>'.repeat(300)],
    [
      'missing properties',
      '<missingSet><path>a</path><fault><fault xsi:type="NoPermission"/></fault></missingSet>'.repeat(200),
    ],
  ])('with too many values for one object is too large: %s', (_, content) => {
    expect(() => read(replyOf(objectOf(content)))).toThrow(ReplyTooLargeError)
  })

  it('with as many values in several objects is decoded', () => {
    const one = objectOf(property('a', '<a/>'.repeat(400), 'ArrayOfFoo'))
    expect(read(replyOf(one.repeat(6)))).toHaveLength(6)
  })

  it('with too many elements is too large, also where they are skipped', () => {
    expect(() => read(replyOf(`<extra>${'<a/>'.repeat(3_000)}</extra>`))).toThrow(ReplyTooLargeError)
    expect(() => read(replyOf(objectOf(property('a', 'b')).repeat(800)))).toThrow(ReplyTooLargeError)
  })

  it('with too much text for one object is too large', () => {
    const text = (length: number) =>
      objectOf(property('a', 'x'.repeat(length)) + property('b', 'x'.repeat(length)))
    expect(() => read(replyOf(text(600)))).toThrow(ReplyTooLargeError)
    expect(read(replyOf(text(400).repeat(5)))).toHaveLength(5)
  })

  it.each([
    ['text', (long: string) => property('a', long)],
    ['name', (long: string) => `<${long}/>`],
    ['attribute', (long: string) => `<a b="${long}"/>`],
    ['comment', (long: string) => `<!-- ${long} -->`],
    ['CDATA section', (long: string) => `<extra><![CDATA[${long}]]></extra>`],
    ['processing instruction', (long: string) => `<?a ${long}?>`],
  ])('is too large before an endless %s is buffered', (_, markup) => {
    expect(() => read(replyOf(objectOf(markup('x'.repeat(2_000)))))).toThrow(ReplyTooLargeError)
  })

  it('is rejected when an element has more attributes, or is nested deeper, than any valid one', () => {
    const attributes = Array.from({ length: 100 }, (_, at) => `a${at}=""`).join(' ')
    expect(() => read(replyOf(`<extra ${attributes}/>`))).toThrow(SoapError)
    for (const where of [
      (deep: string) => replyOf(deep),
      (deep: string) => soapEnvelope(deep).replace('Body', 'Header'),
    ])
      expect(() => read(where('<a>'.repeat(1_000)))).toThrow(/nested|close tag/)
  })
})

describe('the value of a property that was not requested', () => {
  const reading = { limits, isRequested: (path: string) => path === 'name' }

  it('is not built', () => {
    const object = objectOf(property('config', '<a/>'.repeat(900), 'ArrayOfFoo') + property('name', 'web-01'))
    expect(read(replyOf(object), reading)[0]?.propSet).toEqual([
      { _typeName: 'DynamicProperty', name: 'config' },
      { _typeName: 'DynamicProperty', name: 'name', val: 'web-01' },
    ])
  })

  it('is still checked to be well-formed', () => {
    const object = objectOf(property('config', '<a></b>', 'ArrayOfFoo'))
    expect(() => read(replyOf(object), reading)).toThrow(SoapError)
  })

  it('is decoded when it comes before its name', () => {
    const object = objectOf('<propSet><val xsi:type="xsd:string">web-01</val><name>name</name></propSet>')
    expect(read(replyOf(object), reading)[0]?.propSet).toMatchObject([{ name: 'name', val: 'web-01' }])
  })
})

describe('characters outside XML', () => {
  const ofMany = (character: string) => replyOf(objectOf(property('name', character.repeat(1_000_000))))

  it('are replaced in time proportional to their number', () => {
    const start = process.cpuUsage()
    const [object] = read(ofMany('\u0001'), {}, 16_384)
    expect(object?.propSet).toEqual([expect.objectContaining({ val: '\ufffd'.repeat(1_000_000) })])
    expect(cpuMsSince(start)).toBeLessThan(10_000)
  })

  it('are limited when they are written as character references', () => {
    expect(() => read(ofMany('&#1;'), {}, 16_384)).toThrow(ReplyTooLargeError)
  })
})
