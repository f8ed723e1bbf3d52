// Request bodies that are too long, whether they say so or not.

import { Readable } from 'node:stream'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { loadServeConfig } from '../../src/config/config.ts'
import { type RunningServer, startServer } from '../../src/gateway/server.ts'
import { mostBodyBytes } from '../../src/gateway/use-body-limit.ts'

let server: RunningServer
beforeAll(async () => {
  const log = { info: () => {}, warn: () => {}, error: () => {} }
  server = await startServer(loadServeConfig({ argv: ['--simulator', '--port', '0'], env: {} }), log)
})
afterAll(() => server.stop())

const post = async (body: string, inPieces: boolean) => {
  const response = await fetch(server.url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    ...(inPieces
      ? { body: Readable.toWeb(Readable.from([Buffer.from(body)])) as never, duplex: 'half' as const }
      : { body }),
  })
  return { status: response.status, answer: await response.json() }
}

const query = (padding: number) =>
  JSON.stringify({ query: '{ vcenters { name } }', extensions: { padding: 'ä'.repeat(padding) } })

it.each([
  ['that say their length', false],
  ['that come in pieces', true],
])('bodies %s are read up to the limit, and refused beyond', async (_, inPieces) => {
  expect(await post(query(10), inPieces)).toEqual({
    status: 200,
    answer: { data: { vcenters: [{ name: 'simulator' }] } },
  })
  expect((await post(query(mostBodyBytes / 2 - 100), inPieces)).status).toBe(200)
  expect(await post(query(mostBodyBytes / 2), inPieces)).toMatchObject({
    status: 413,
    answer: {
      errors: [
        { message: 'the request is longer than 2000000 bytes', extensions: { code: 'BAD_USER_INPUT' } },
      ],
    },
  })
})
