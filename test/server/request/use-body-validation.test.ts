// Parameters with invalid JSON are client errors, and not logged.

import { expect, it, onTestFinished } from 'vitest'
import { startGateway } from '../../test-gateway.ts'

const csrf = { 'x-graphql-yoga-csrf': '1' }
const form = { 'content-type': 'application/x-www-form-urlencoded', ...csrf }

it.each([
  ['variables of a GET', '?query={__typename}&variables=confidential', { headers: csrf }],
  ['extensions of a GET', '?query={__typename}&extensions={"confidential"', { headers: csrf }],
  [
    'variables of a form',
    '',
    { method: 'POST', headers: form, body: 'query={__typename}&variables=confidential' },
  ],
])('returns BAD_USER_INPUT for %s', async (_, search, init) => {
  const { fetch, close, lines, operations } = startGateway()
  onTestFinished(close)
  const response = await fetch(`/graphql${search}`, init)
  expect(response.status).toBe(400)
  expect(await response.json()).toEqual({
    errors: [
      {
        message: 'variables or extensions are not valid JSON',
        extensions: {
          code: 'BAD_USER_INPUT',
          retryable: false,
          remedy: 'Send each as a JSON object.',
          vcenter: 'test',
          requestId: expect.any(String),
        },
      },
    ],
  })
  expect(lines).toEqual([])
  expect(operations).toMatchObject([{ kind: 'unknown', codes: ['BAD_USER_INPUT'] }])
})
