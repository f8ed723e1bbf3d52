// Tests one SOAP call: the request, how a response is classified as a result, a fault or neither, and the
// call record.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { typed } from '../../../src/soap/codec.ts'
import { encodeFault, encodeReply } from '../../../src/soap/envelope.ts'
import { SoapError } from '../../../src/soap/soap-error.ts'
import { TransportError } from '../../../src/transport/transport-error.ts'
import type { CallRecord } from '../../../src/vim25/session/call-options.ts'
import type { StreamingOptions } from '../../../src/vim25/session/soap-call.ts'
import { createSoapClient } from '../../../src/vim25/session/soap-client.ts'
import { VimFaultError } from '../../../src/vim25/vim-fault-error.ts'
import { connect, errorOf } from '../connect.ts'
import { type ScriptedResponse, scripted } from '../scripted.ts'

const html = '<html><head><title>503</title></head><body><h1>Service Unavailable</h1></body></html>'
const now = encodeReply('CurrentTime', new Date(0))
const self = { type: 'ServiceInstance', value: 'ServiceInstance' }

function start(...responses: (ScriptedResponse | string)[]) {
  const transport = scripted(...responses)
  const client = createSoapClient(transport, { version: '8.0.2.0', path: '/sdk' })
  const records: CallRecord[] = []
  return {
    transport,
    client,
    records,
    call: () => client.call('CurrentTime', self, {}, { onCall: (record) => records.push(record) }),
  }
}

describe('a call', () => {
  it('goes to the SDK path with the negotiated version', async () => {
    const { transport, call } = start(now)
    expect(await call()).toEqual(new Date(0))
    expect(transport.requests).toMatchObject([
      {
        method: 'POST',
        path: '/sdk',
        headers: { 'content-type': 'text/xml; charset="utf-8"', soapaction: '"urn:vim25/8.0.2.0"' },
      },
    ])
  })

  it('passes on its abort signal and its timeout', async () => {
    const { transport, client } = start(now)
    const { signal } = new AbortController()
    await client.call('CurrentTime', self, {}, { signal, timeoutMs: 7 })
    expect(transport.requests[0]).toMatchObject({ signal, timeoutMs: 7 })
  })

  it('rejects with the fault when the status is 500', async () => {
    const { call } = start({
      status: 500,
      text: encodeFault('Denied.', { _typeName: 'NoPermission', privilegeId: 'System.Read' } as never),
    })
    const error = await errorOf(call())
    expect(error).toBeInstanceOf(VimFaultError)
    expect(error).toMatchObject({
      faultName: 'NoPermission',
      message: 'Denied.',
      fault: { privilegeId: 'System.Read' },
    })
  })

  it('rejects with a SoapError when a fault has status 200', async () => {
    const { call } = start({ status: 200, text: encodeFault('', { _typeName: 'NoPermission' }) })
    const error = await errorOf(call())
    expect(error).toBeInstanceOf(SoapError)
    expect(error.message).toContain('HTTP status 200')
  })

  it.each([204, 301, 400, 401, 403, 404, 413, 429, 502, 503, 504])(
    'with status %i comes from a proxy in front of vSphere, whatever the body',
    async (status) => {
      for (const text of ['', html, now, 'upstream connect error']) {
        const error = await errorOf(start({ status, text }).call())
        expect(error).toBeInstanceOf(TransportError)
        expect(error).toMatchObject({ code: 'STATUS', status, mayHaveBeenSent: true })
        expect(error.message).toContain('CurrentTime')
      }
    },
  )

  it.each([
    [200, html],
    [200, ''],
    [200, now.slice(0, -20)],
    [200, encodeReply('Logout', undefined)],
    [200, encodeReply('CurrentTime', undefined)],
  ])('with status %i and no valid SOAP is a SoapError that names the call', async (status, text) => {
    const error = await errorOf(start({ status, text }).call())
    expect(error).toBeInstanceOf(SoapError)
    expect(error.message).toContain('CurrentTime')
  })

  it.each([html, '', 'Internal Server Error', now, encodeFault('', { _typeName: 'NotFound' }).slice(0, -20)])(
    'with status 500 and no fault comes from a proxy in front of vSphere: %s',
    async (text) => {
      const error = await errorOf(start({ status: 500, text }).call())
      expect(error).toBeInstanceOf(TransportError)
      expect(error).toMatchObject({ code: 'STATUS', status: 500, mayHaveBeenSent: true })
      expect(error.message).toContain('CurrentTime')
    },
  )

  it('is recorded however it ends, with the bytes of its response', async () => {
    const { call, records } = start(
      now,
      { status: 503, text: html },
      { status: 500, text: encodeFault('é', { _typeName: 'NotFound' }) },
    )
    await call()
    await errorOf(call())
    await errorOf(call())
    await errorOf(call())
    expect(records.map(({ method, bytes }) => [method, bytes])).toEqual([
      ['CurrentTime', Buffer.byteLength(now)],
      ['CurrentTime', Buffer.byteLength(html)],
      ['CurrentTime', Buffer.byteLength(encodeFault('é', { _typeName: 'NotFound' }))],
      ['CurrentTime', 0],
    ])
    for (const { ms } of records) expect(ms).toBeGreaterThanOrEqual(0)
  })

  it('decodes characters that are split between two chunks', async () => {
    const bytes = Buffer.from(encodeFault('Größe 😀', { _typeName: 'NotFound' }))
    const client = createSoapClient(
      {
        send: async () => ({
          status: 500,
          headers: {},
          body: (async function* () {
            for (const byte of bytes) yield Uint8Array.of(byte)
          })(),
        }),
        close: async () => {},
      },
      { version: '8.0.2.0', path: '/sdk' },
    )
    expect((await errorOf(client.call('CurrentTime', self, {}, {}))).message).toBe('Größe 😀')
  })

  it('decodes a streamed response equally, wherever its bytes are split', async () => {
    const collector = { type: 'PropertyCollector', value: 'propertyCollector' }
    const text = fc.array(fc.constantFrom('ö', '界', '😀', '\u{10ffff}', 'a', '&'), { maxLength: 8 })
    const cuts = fc.array(fc.nat(), { maxLength: 20 })
    await fc.assert(
      fc.asyncProperty(fc.array(text, { maxLength: 6 }), cuts, async (names, where) => {
        const objects = names.map((name, index) => ({
          obj: { type: 'VirtualMachine', value: `vm-${index}` },
          propSet: [{ name: 'name', val: typed('string', name.join('')) }],
        }))
        const bytes = Buffer.from(encodeReply('RetrievePropertiesEx', { objects }))
        const bounds = where.map((cut) => cut % bytes.length).sort((a, b) => a - b)
        const send = async () => ({
          status: 200,
          headers: {},
          body: (async function* () {
            for (const [index, to] of [...bounds, bytes.length].entries())
              yield bytes.subarray(bounds[index - 1] ?? 0, to)
          })(),
        })
        const client = createSoapClient({ send, close: async () => {} }, { version: '8.0.2.0', path: '/sdk' })
        const execute = (arriving?: StreamingOptions) =>
          client.call('RetrievePropertiesEx', collector, { specSet: [], options: {} }, {}, arriving)
        const received: unknown[] = []
        await execute({ handlers: new Map([['objects', (object) => received.push(object)]]) })
        expect(received).toEqual((await execute())?.objects ?? [])
        expect(received).toHaveLength(names.length)
      }),
      { numRuns: 50 },
    )
  })

  it('is not sent when it contains text that XML cannot represent', async () => {
    const { transport, client } = start()
    const error = await errorOf(client.call('Login', self, { userName: 'a\0', password: 'b' }, {}))
    expect(error).toBeInstanceOf(SoapError)
    expect(transport.requests).toEqual([])
  })

  it('is awaited when its client is retired, which then rejects further calls', async () => {
    const { simulator, session } = connect()
    const hold = simulator.faults.pause({ method: 'CurrentTime' })
    const client = createSoapClient(simulator.transport(), { version: '8.0.2.0', path: '/sdk' })
    await session.withLogin(async () => {})
    const call = errorOf(client.call('RetrieveServiceContent', { type: 'Folder', value: 'group-d1' }, {}, {}))
    let idle = false
    const waiting = client.retire().then(() => {
      idle = true
    })
    expect(idle).toBe(false)
    hold.release()
    await call
    await waiting
    expect(idle).toBe(true)
    const late = await errorOf(
      client.call('CurrentTime', { type: 'ServiceInstance', value: 'ServiceInstance' }, {}, {}),
    )
    expect(late).toMatchObject({ faultName: 'NotAuthenticated' })
  })
})
