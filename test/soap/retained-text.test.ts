// The values of a response do not keep its text in memory: V8 represents a part of a string as a reference to the whole string.

import { queryObjects } from 'node:v8'
import { expect, it } from 'vitest'
import { createReplyReader } from '../../src/soap/reply-decoder.ts'

const textLength = 1_000_000
const pieces = 30

/** A response in pieces of one object each, whose annotation is not requested. */
function responsePieces(name: (index: number) => string): string[] {
  const object = (index: number) =>
    `<objects><obj type="VirtualMachine">vm-0123456789-${index}</obj>` +
    `<propSet><name>name</name><val xsi:type="xsd:string">${name(index)}</val></propSet>` +
    `<propSet><name>config.annotation</name><val xsi:type="xsd:string">${'x'.repeat(textLength)}</val></propSet></objects>`
  return [
    '<Envelope xmlns:xsi="x"><Body><RetrievePropertiesExResponse><returnval>',
    ...Array.from({ length: pieces }, (_, index) => object(index)),
    '</returnval></RetrievePropertiesExResponse></Body></Envelope>',
  ]
}

/** Returns the size of the heap after a garbage collection. */
function heapUsed(): number {
  queryObjects(WeakRef)
  return process.memoryUsage().heapUsed
}

it.each([
  ['ASCII', (index: number) => `a name of some length ${index}`],
  ['not ASCII', (index: number) => `ein längerer Name ${index}`],
  ['in several parts', (index: number) => `a name &amp; another, with ] in it ${index}`],
  ['in CDATA', (index: number) => `<![CDATA[a name of some length ${index}]]>`],
])('keeps only the values of a response, with names that are %s', (_, name) => {
  const objects: unknown[] = []
  const handlers = new Map([['objects', (object: unknown) => objects.push(object)]])
  const reader = createReplyReader('RetrievePropertiesEx', handlers, {
    isRequested: (path) => path === 'name',
  })
  const before = heapUsed()
  for (const piece of responsePieces(name)) reader.write(Buffer.from(piece).toString())
  reader.end()
  // V8 keeps the last string that a regular expression was applied to.
  expect(heapUsed() - before).toBeLessThan(3 * textLength)
  expect(objects).toHaveLength(pieces)
})
