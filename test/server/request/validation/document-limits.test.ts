// The limits of a document whose nesting exceeds the stack.

import { expect, it } from 'vitest'
import { parseWithLimits } from '../../../../src/server/request/validation/document-limits.ts'

const limits = { tokens: 1_000_000, depth: 200, aliases: 100, directives: 100 }
const levels = 50_000

it.each([
  ['fields', `${'{ a '.repeat(levels)}${'}'.repeat(levels)}`],
  ['inline fragments', `${'{ ... '.repeat(levels)}{ a }${'}'.repeat(levels)}`],
  [
    'fragments that spread each other',
    `{ ...F0 } ${Array.from({ length: levels }, (_, index) => `fragment F${index} on T { ...F${index + 1} }`).join(' ')}`,
  ],
])('rejects very deep %s by the depth limit', (_, text) => {
  expect(() => parseWithLimits(limits, text)).toThrow(
    'the document has 201 levels, but the limit per operation is 200',
  )
})
