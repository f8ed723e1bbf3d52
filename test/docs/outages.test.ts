// Checks the links of docs/outages.md; test/server/outages.test.ts covers its table.

import { expect, it } from 'vitest'
import { deadLinksOf } from './markdown.ts'

it('has no broken links', () => {
  expect(deadLinksOf('outages.md')).toEqual([])
})
