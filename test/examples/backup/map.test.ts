// Tests that the example backup program takes no incomplete map, and no response of a proxy, for a result of the gateway.

import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, onTestFinished, test } from 'vitest'
import { Gateway } from '../../../examples/backup/gateway.ts'
import { createSend } from '../../../examples/backup/http.ts'
import { parseMap } from '../../../examples/backup/map.ts'

describe('a map', () => {
  const lines = [
    '{"type":"start","capacity":300,"changeId":"b","sinceChangeId":"a"}',
    '{"start":0,"length":100}',
    '{"start":200,"length":100}',
    '{"type":"end","areas":2,"bytes":200,"capacity":300,"changeId":"b"}',
  ]
  const text = lines.map((line) => `${line}\n`).join('')

  test('has areas, and is one of changes or of everything', () => {
    const areas = [
      { start: 0, length: 100 },
      { start: 200, length: 100 },
    ]
    expect(parseMap(text)).toEqual({ areas, capacity: 300, isFull: false })
    expect(parseMap(text.replace('"a"', 'null')).isFull).toBe(true)
  })

  test('is an error wherever it is cut off', () => {
    for (let length = 0; length < text.length; length += 1)
      expect(() => parseMap(text.slice(0, length)), text.slice(0, length)).toThrow()
  })

  test.each([
    ['a missing area', lines.toSpliced(1, 1), 'incomplete'],
    [
      'an area of another length',
      lines.map((line) => line?.replace('0,"length":100', '0,"length":99')),
      'incomplete',
    ],
    ['a fraction of a byte', lines.map((line) => line?.replace('"start":200', '"start":199.5')), 'overlap'],
    ['areas in another order', [lines[0], lines[2], lines[1], lines[3]], 'overlap'],
    ['an area beyond the end', lines.map((line) => line?.replace('"start":200', '"start":201')), 'beyond'],
  ])('is an error with %s', (_title, changed, message) => {
    expect(() => parseMap(changed.map((line) => `${line}\n`).join(''))).toThrow(message)
  })
})

test('a map whose connection breaks is an error, after further attempts', async () => {
  let requests = 0
  const server = createServer((_request, response) => {
    requests += 1
    response.write('{"type":"start","capacity":300,"changeId":"b","sinceChangeId":"a"}\n')
    response.write('{"start":0,"length":100}\n', () => response.destroy())
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  onTestFinished(() => void server.close())
  const { port } = server.address() as AddressInfo
  const url = `http://127.0.0.1:${port}/graphql`
  const gateway = new Gateway(url, createSend(), undefined, { delays: [0, 0] })
  await expect(gateway.map('/areas?disk=x')).rejects.toMatchObject({ code: 'ECONNRESET' })
  expect(requests).toBe(3)
})

describe('a response of a proxy', () => {
  /** Returns a gateway that always responds in the same way, and how often it was called. */
  function respond(status: number, text: string) {
    const calls = { count: 0 }
    const send = async () => {
      calls.count += 1
      return { status, headers: {}, body: Buffer.from(text) }
    }
    return { calls, gateway: new Gateway('http://gateway/graphql', send, undefined, { delays: [0, 0] }) }
  }

  const message = '{"message":"An invalid response was received from the upstream server"}'

  test.each([
    [502, '<html>Bad Gateway</html>', 3],
    [502, message, 3],
    [504, '{}', 3],
    [503, '{"errors":"unavailable"}', 3],
    [503, '{"errors":[{"message":"unavailable"}]}', 3],
    [503, '{"errors":[null]}', 3],
    [502, '{"data":{"node":{"id":"s"}}}', 3],
    [429, 'null', 3],
    [431, '', 1],
    [302, '', 1],
    [200, message, 1],
    [200, '<html>Log in</html>', 1],
    [200, '{"data":null}', 1],
    [200, '[]', 1],
  ])('with status %i and %s is an error, in all requests', async (status, text, attempts) => {
    for (const call of [
      (gateway: Gateway) => gateway.isHeld('s'),
      (gateway: Gateway) => gateway.release('s'),
      (gateway: Gateway) => gateway.machine('lab'),
      (gateway: Gateway) =>
        gateway.snapshotOf({
          machine: 'lab',
          instanceUuid: null,
          idempotencyKey: 'k',
          tokens: [],
          leaseSeconds: 60,
        }),
    ]) {
      const { gateway, calls } = respond(status, text)
      await expect(call(gateway)).rejects.toMatchObject({ code: String(status) })
      expect(calls.count).toBe(attempts)
    }
    if (status === 200) return
    const { gateway, calls } = respond(status, text)
    await expect(gateway.map('/areas')).rejects.toMatchObject({ code: String(status) })
    expect(calls.count).toBe(attempts)
  })

  test('that is no map is an error, after further attempts', async () => {
    for (const text of ['', '{}', message, '<html>Log in</html>\n']) {
      const { gateway, calls } = respond(200, text)
      await expect(gateway.map('/areas')).rejects.toThrow('the map is incomplete')
      expect(calls.count).toBe(3)
    }
  })

  test.each(['{"data":{}}', '{"data":{"node":{}}}', '{"data":{"node":{"id":"other"}}}'])(
    'of %s does not prove that the snapshot exists',
    async (text) => {
      await expect(respond(200, text).gateway.isHeld('s')).rejects.toThrow('did not say')
    },
  )

  test('of the error NOT_FOUND proves that the snapshot does not exist', async () => {
    const errors = [{ message: 'not found', extensions: { code: 'NOT_FOUND' } }]
    expect(await respond(200, JSON.stringify({ data: { node: null }, errors })).gateway.isHeld('s')).toBe(
      false,
    )
  })
})
