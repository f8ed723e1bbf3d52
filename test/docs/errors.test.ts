// Checks the tables of docs/errors.md against the schema.

import { expect, it } from 'vitest'
import { errorCodes } from '../../src/schema/errors/api-error.ts'
import { deadLinksOf, read } from './markdown.ts'

it('documents every error code with its description', () => {
  const docs = read('docs/errors.md')
  for (const [code, meaning] of Object.entries(errorCodes)) expect(docs).toContain(`| ${code} | ${meaning} |`)
})

it('has no broken links', () => {
  expect(deadLinksOf('errors.md')).toEqual([])
})
