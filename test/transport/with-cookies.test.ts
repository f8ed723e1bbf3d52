// The session cookie that the transport returns to the server.

import fc from 'fast-check'
import { expect, it, onTestFinished } from 'vitest'
import type { Transport } from '../../src/transport/transport.ts'
import { createUndiciTransport } from '../../src/transport/undici-transport.ts'
import { withCookies } from '../../src/transport/with-cookies.ts'
import { startLoopbackServer } from './loopback-server.ts'
import { readText } from './read-body.ts'

/** A server that sets the cookies of `reply` and responds with the received Cookie header. */
async function connect() {
  const reply: { setCookie: string[]; before?: () => Promise<void> } = { setCookie: [] }
  const server = await startLoopbackServer(async (request, response) => {
    const { setCookie, before } = reply
    await before?.()
    response.setHeader('Set-Cookie', setCookie)
    response.end(request.headers.cookie ?? '')
  })
  const transport = withCookies(createUndiciTransport({ url: server.url, userAgent: 'test' }))
  onTestFinished(() => transport.close())
  return { transport, reply }
}

const send = async (transport: Transport, headers = {}) =>
  readText(await transport.send({ method: 'GET', path: '/sdk', headers }))

it('sends a session cookie back verbatim, with its quotes and without its attributes', async () => {
  const { transport, reply } = await connect()
  reply.setCookie = ['other=1; Path=/', 'vmware_soap_session="5f3c"; Path=/; HttpOnly; Secure;']
  expect(await send(transport)).toBe('')
  reply.setCookie = []
  expect(await send(transport)).toBe('vmware_soap_session="5f3c"')
  expect(await send(transport)).toBe('vmware_soap_session="5f3c"')
})

it('preserves any cookie value', async () => {
  const { transport, reply } = await connect()
  const values = fc.stringMatching(/^[!#-:<-~]{1,60}$/)
  await fc.assert(
    fc.asyncProperty(values, fc.boolean(), async (text, quoted) => {
      const cookie = `vmware_soap_session=${quoted ? `"${text}"` : text}`
      reply.setCookie = [`${cookie}; HttpOnly`]
      await send(transport)
      expect(await send(transport)).toBe(cookie)
    }),
    { numRuns: 30 },
  )
})

it('uses the cookie of the last response', async () => {
  const { transport, reply } = await connect()
  reply.setCookie = ['vmware_soap_session=a']
  await send(transport)
  reply.setCookie = ['vmware_soap_session=b']
  expect(await send(transport)).toBe('vmware_soap_session=a')
  expect(await send(transport)).toBe('vmware_soap_session=b')
})
