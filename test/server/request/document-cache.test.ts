// The document cache is bounded in size and in number of entries.

import { expect, it } from 'vitest'
import { createDocumentCache } from '../../../src/server/request/document-cache.ts'

const characters = (cache: ReturnType<typeof createDocumentCache>) =>
  [...cache.keys()].reduce((sum, text) => sum + text.length, 0)

it('keeps the last of many documents, up to 500,000 characters', () => {
  const cache = createDocumentCache()
  const documents = Array.from({ length: 100 }, (_, index) => `{ a } # ${index}`.padEnd(10_000))
  for (const document of documents) cache.set(document, {})
  expect([...cache.keys()].reverse()).toEqual(documents.slice(-50))
})

it('does not cache a padded document, nor evict others for it', () => {
  const cache = createDocumentCache()
  cache.set('{ a }', {})
  cache.set('{ a }'.padEnd(400_000), {})
  cache.set('', {})
  expect([...cache.keys()]).toEqual(['', '{ a }'])
  expect(characters(cache)).toBe(5)
})
