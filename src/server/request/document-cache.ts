// Limits Yoga's cache of parsed documents by their total length. Yoga limits the number of documents, so
// clients that pad theirs to the maximum length could make it hold a gigabyte.

import { LRUCache } from 'lru-cache'

/**
 * Total length of the cached documents, in characters. Once parsed, a document with very many tokens takes
 * about 200 bytes per character.
 */
const maxTotalCharacters = 500_000

/**
 * Maximum length of a cached document, in characters. Longer documents are parsed and validated each time.
 */
const maxDocumentCharacters = 50_000

/** Creates an LRU cache keyed by the document's source. */
export const createDocumentCache = <T extends object>(): LRUCache<string, T> =>
  new LRUCache({
    maxSize: maxTotalCharacters,
    maxEntrySize: maxDocumentCharacters,
    sizeCalculation: (_, text) => Math.max(text.length, 1),
  })
