// Checks the links of docs/observability.md; test/observability covers its tables.

import { expect, it } from 'vitest'
import { deadLinksOf } from './markdown.ts'

it('has no broken links', () => {
  expect(deadLinksOf('observability.md')).toEqual([])
})
