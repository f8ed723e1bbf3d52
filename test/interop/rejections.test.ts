// What a developer sees in a real browser when the gateway rejects the requests of a page, and that a page of another origin reads
// nothing else.

import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { chromiumPath, type OpenedPage, openInChromium } from '../browser.ts'
import { startGateway, type TestGateway } from '../test-gateway.ts'

interface Reading {
  readonly status: number
  readonly body: string
}

/** A page without content on a server of its own. */
const pages = createServer((_request, response) => {
  response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html><title>Page</title>')
})
const query = '{ vcenters { name } }'
const json = {
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ query }),
}
const asText = { ...json, headers: { 'content-type': 'text/plain' } }

describe.skipIf(chromiumPath === undefined)('in a browser', () => {
  let pageOrigin: string
  beforeAll(async () => {
    await once(pages.listen(0, '127.0.0.1'), 'listening')
    pageOrigin = `http://127.0.0.1:${(pages.address() as AddressInfo).port}`
  })
  afterAll(() => {
    pages.close()
    pages.closeAllConnections()
  })

  /** Starts a gateway and opens a page; returns what requests of the page read. */
  async function open(pageOf: (gatewayUrl: string) => string, allowedOrigins: readonly string[] = []) {
    const gateway: TestGateway = startGateway({ allowedOrigins })
    const url = await gateway.listen()
    const opened: OpenedPage = await openInChromium(pageOf(url))
    return {
      gateway,
      ...{ url, opened },
      send: (init: object, path = ''): Promise<Reading> =>
        opened.page.evaluate(`fetch(${JSON.stringify(url + path)}, ${JSON.stringify(init)})
          .then(async (response) => ({ status: response.status, body: await response.text() }))`),
      async close() {
        await opened.close()
        await gateway.close()
      },
    }
  }
  type Opened = Awaited<ReturnType<typeof open>>

  const rejection = (message: RegExp, remedy: RegExp) => ({
    message: expect.stringMatching(message),
    extensions: { code: 'FORBIDDEN', retryable: false, remedy: expect.stringMatching(remedy) },
  })
  const errorsOf = ({ body }: Reading) => {
    const { errors } = JSON.parse(body)
    for (const { extensions } of errors) delete extensions.requestId
    return errors
  }

  describe('a page of another origin', () => {
    let foreign: Opened
    beforeAll(async () => {
      foreign = await open(() => pageOrigin)
    })
    afterAll(() => foreign?.close())

    it('can read why its requests are rejected', async () => {
      const reading = await foreign.send(json)
      expect(reading.status).toBe(403)
      expect(errorsOf(reading)).toEqual([
        rejection(new RegExp(`"${pageOrigin}" are not allowed`), /--allowed-origin/),
      ])
      expect((await foreign.send({})).status).toBe(403)
      expect(foreign.opened.pageErrors).toEqual(
        Array(2).fill('Failed to load resource: the server responded with a status of 403 (Forbidden)'),
      )
    })

    it('has one line in the log, with the flag', () => {
      expect(foreign.gateway.lines).toEqual([
        expect.stringMatching(`origin "${pageOrigin}" is not allowed; see --allowed-origin`),
      ])
    })

    it('can read nothing else, and causes no call to the vCenter', async () => {
      // Without CORS headers, since it says nothing but that the gateway runs.
      await expect(foreign.send({}, '/../health')).rejects.toThrow('Failed to fetch')
      const get = `?query=${encodeURIComponent(query)}`
      for (const init of [{}, { credentials: 'include' }, { headers: { 'x-graphql-yoga-csrf': '1' } }])
        expect(errorsOf(await foreign.send(init, get))).toEqual([
          rejection(/are not allowed/, /--allowed-origin/),
        ])
      expect(await foreign.send({ mode: 'no-cors' }, get)).toEqual({ status: 0, body: '' })
      expect(await foreign.send({ ...asText, mode: 'no-cors' })).toEqual({ status: 0, body: '' })
      expect(foreign.gateway.simulator.calls).toEqual([])
    })

    it('shows the reason when it sends a form', async () => {
      const { page } = foreign.opened
      await page.evaluate(`document.body.innerHTML =
        '<form method="post" enctype="text/plain" action="${foreign.url}"><input name="query" value="{}"></form>'`)
      await Promise.all([page.waitForURL(foreign.url), page.evaluate('document.forms[0].submit()')])
      expect(await page.locator('body').innerText()).toContain('"code":"FORBIDDEN"')
      expect(foreign.gateway.simulator.calls).toEqual([])
    })
  })

  describe('a page of an allowed origin', () => {
    let allowed: Opened
    beforeAll(async () => {
      allowed = await open(() => pageOrigin, [pageOrigin])
    })
    afterAll(() => allowed?.close())

    it('can send a POST with JSON, and a GET without headers', async () => {
      const response = { status: 200, body: '{"data":{"vcenters":[{"name":"test"}]}}' }
      expect(await allowed.send(json)).toEqual(response)
      expect(await allowed.send({}, `?query=${encodeURIComponent(query)}`)).toEqual(response)
      expect(allowed.opened.pageErrors).toEqual([])
    })

    it('can read why a POST of another type is rejected', async () => {
      const reading = await allowed.send(asText)
      expect(reading.status).toBe(403)
      expect(errorsOf(reading)).toEqual([
        rejection(/no page of another site/, /content-type: application\/json/),
      ])
    })
  })

  describe('a page of the gateway', () => {
    let own: Opened
    beforeAll(async () => {
      own = await open((url) => url.replace('/graphql', '/health'))
    })
    afterAll(() => own?.close())

    it('can send a GET without headers', async () => {
      const response = await own.send({}, `?query=${encodeURIComponent(query)}`)
      expect(response).toEqual({ status: 200, body: '{"data":{"vcenters":[{"name":"test"}]}}' })
    })

    it('can read why a POST of another type is rejected', async () => {
      const reading = await own.send(asText)
      expect(reading.status).toBe(403)
      expect(errorsOf(reading)).toEqual([
        rejection(/no page of another site/, /content-type: application\/json/),
      ])
      expect(own.opened.pageErrors.at(-1)).toContain('403 (Forbidden)')
    })
  })
})
