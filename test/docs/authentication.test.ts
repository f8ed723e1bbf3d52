// Checks the token file of the page on authentication against the gateway.

import { expect, it } from 'vitest'
import { readTokenFile } from '../../src/config/access/token-file.ts'
import { blocks, read } from './markdown.ts'

it('shows a valid token file', () => {
  const [tokens] = blocks(read('docs/operations.md'), 'text')
  expect(readTokenFile('tokens', () => tokens as string).map(({ name, role }) => `${name} ${role}`)).toEqual([
    'grafana reader',
    'backup operator',
  ])
})
