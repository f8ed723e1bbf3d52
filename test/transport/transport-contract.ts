// A test suite for the contract of Transport, to run over each implementation. It works with any server that answers vCenter's
// two anonymous requests: the version document and RetrieveServiceContent.

import { describe, expect, it, onTestFinished } from 'vitest'
import type { Transport, TransportRequest } from '../../src/transport/transport.ts'
import { readText } from './read-body.ts'

const versions: TransportRequest = { method: 'GET', path: '/sdk/vimServiceVersions.xml', headers: {} }

const serviceContent: TransportRequest = {
  method: 'POST',
  path: '/sdk',
  headers: { 'Content-Type': 'text/xml; charset="utf-8"', SOAPAction: 'urn:vim25/8.0.2.0' },
  body:
    '<?xml version="1.0" encoding="UTF-8"?>' +
    '<Envelope xmlns="http://schemas.xmlsoap.org/soap/envelope/"><Body>' +
    '<RetrieveServiceContent xmlns="urn:vim25"><_this type="ServiceInstance">ServiceInstance</_this></RetrieveServiceContent>' +
    '</Body></Envelope>',
}

/** Checks the transports that `makeTransport` builds, one for each test, against the Transport interface. */
export function transportContract(name: string, makeTransport: () => Transport | Promise<Transport>): void {
  const open = async () => {
    const transport = await makeTransport()
    onTestFinished(() => transport.close())
    return transport
  }

  describe(`${name} as a Transport`, () => {
    it('returns the status, lower-cased headers and the whole body', async () => {
      const transport = await open()
      const response = await transport.send(serviceContent)
      expect(response.status).toBe(200)
      expect(Object.keys(response.headers)).toEqual(Object.keys(response.headers).map((n) => n.toLowerCase()))
      expect(response.headers['content-type']).toMatch(/^text\/xml/)
      expect(response.headers).not.toHaveProperty('content-encoding')
      expect(await readText(response)).toContain('RetrieveServiceContentResponse')
    })

    it('sends a GET without a body', async () => {
      const response = await (await open()).send(versions)
      expect(response.status).toBe(200)
      expect(await readText(response)).toContain('urn:vim25')
    })

    it('returns a status that SOAP does not use unchanged', async () => {
      const response = await (await open()).send({ ...versions, path: '/no-such-page' })
      expect(response.status).toBe(404)
      await readText(response)
    })

    it('handles concurrent requests, each with its own response', async () => {
      const transport = await open()
      const bodies = await Promise.all(
        Array.from({ length: 30 }, async (_, index) =>
          readText(await transport.send(index % 2 ? versions : serviceContent)),
        ),
      )
      bodies.forEach((text, index) => {
        expect(text.includes('RetrieveServiceContentResponse')).toBe(index % 2 === 0)
      })
    })

    it('continues after a body that was not read, or read to its end', async () => {
      const transport = await open()
      const unread = await transport.send(serviceContent)
      await unread.body[Symbol.asyncIterator]().return?.()
      for await (const _chunk of (await transport.send(serviceContent)).body) break
      expect(await readText(await transport.send(serviceContent))).toContain('RetrieveServiceContentResponse')
    })

    it('passes the reason of an abort through, unchanged', async () => {
      const transport = await open()
      const reason = new Error('the response is no longer needed')

      await expect(transport.send({ ...serviceContent, signal: AbortSignal.abort(reason) })).rejects.toBe(
        reason,
      )

      const controller = new AbortController()
      const pending = transport.send({ ...serviceContent, signal: controller.signal })
      controller.abort(reason)
      await expect(pending).rejects.toBe(reason)

      await expect(transport.send({ ...serviceContent, signal: AbortSignal.abort() })).rejects.toMatchObject({
        name: 'AbortError',
      })
    })

    it('sends nothing after it is closed', async () => {
      const transport = await open()
      await readText(await transport.send(versions))
      await transport.close()
      await transport.close()
      await expect(transport.send(versions)).rejects.toMatchObject({
        name: 'TransportError',
        code: 'CLOSED',
        mayHaveBeenSent: false,
      })
    })
  })
}
