// What is remembered of documents has an end, however long they are and however many.

import { expect, it } from 'vitest'
import { createDocumentCache } from '../../../src/server/request/document-cache.ts'

const characters = (cache: ReturnType<typeof createDocumentCache>) =>
  [...cache.keys()].reduce((sum, text) => sum + text.length, 0)

it('remembers the last of many documents, and no more than 500,000 characters of them', () => {
  const cache = createDocumentCache()
  const documents = Array.from({ length: 100 }, (_, index) => `{ a } # ${index}`.padEnd(10_000))
  for (const document of documents) cache.set(document, {})
  expect([...cache.keys()].reverse()).toEqual(documents.slice(-50))
})

it('does not remember one that is padded, nor gives up others for it', () => {
  const cache = createDocumentCache()
  cache.set('{ a }', {})
  cache.set('{ a }'.padEnd(400_000), {})
  cache.set('', {})
  expect([...cache.keys()]).toEqual(['', '{ a }'])
  expect(characters(cache)).toBe(5)
})
