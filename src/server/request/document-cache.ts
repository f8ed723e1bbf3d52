// What Yoga remembers of documents that come again: a bounded length of them. It counts documents, and by that count some who
// pad theirs, each as long as a request may be, would have it keep a gigabyte.

import { LRUCache } from 'lru-cache'

/** Characters of all documents that are remembered. A short one of very many tokens is some 200 bytes a character once parsed. */
const maxTotalCharacters = 500_000

/** Characters of one; what is longer is parsed and validated each time. */
const maxDocumentCharacters = 50_000

/** By a document's text; holds what became of it, the least recently used given up first. */
export const createDocumentCache = <T extends object>(): LRUCache<string, T> =>
  new LRUCache({
    maxSize: maxTotalCharacters,
    maxEntrySize: maxDocumentCharacters,
    sizeCalculation: (_, text) => Math.max(text.length, 1),
  })
