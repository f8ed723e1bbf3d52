// Checks the tables of docs/errors.md against the schema.

import { expect, it } from 'vitest'
import { errorCodes } from '../../src/schema/errors/api-error.ts'
import { startGateway } from '../test-gateway.ts'
import { blocks, deadLinksOf, likeSample, read, rowsOf, section } from './markdown.ts'

it('shows the response to its query', async () => {
  const docs = read('docs/errors.md')
  const [query = ''] = blocks(docs, 'graphql')
  const [shown] = blocks(docs, 'json').map((block) => JSON.parse(block))
  const gateway = startGateway()
  const response = await gateway.execute(query)
  await gateway.close()
  expect(likeSample(response, shown.errors[0].extensions.requestId)).toEqual(shown)
})

it('documents every error code with its description', () => {
  const docs = read('docs/errors.md')
  for (const [code, meaning] of Object.entries(errorCodes)) expect(docs).toContain(`| ${code} | ${meaning} |`)
})

it('documents what to check for every error code', () => {
  const reported = rowsOf(section(read('docs/errors.md'), '## Troubleshooting')).flatMap(([codes = '']) =>
    codes.split(', '),
  )
  expect(reported.sort()).toEqual(Object.keys(errorCodes).sort())
})

it('has no broken links', () => {
  expect(deadLinksOf('errors.md')).toEqual([])
})
