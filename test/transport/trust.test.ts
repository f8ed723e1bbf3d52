// TLS trust: authorities, pinned thumbprints, and servers that fail the handshake.

import { X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import type { RequestListener } from 'node:http'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import fc from 'fast-check'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { TlsTrust } from '../../src/transport/connector.ts'
import { parseThumbprint } from '../../src/transport/thumbprint.ts'
import type { TransportError } from '../../src/transport/transport-error.ts'
import { createUndiciTransport } from '../../src/transport/undici-transport.ts'
import { certificates } from './certificates.ts'
import { type Certificate, startLoopbackServer } from './loopback-server.ts'
import { readText } from './read-body.ts'
import { transportContract } from './transport-contract.ts'
import { vimListener } from './vim-listener.ts'

const { authority, signed, selfSigned, otherName, expired } = certificates

async function connect(certificate: Certificate | undefined, tls: TlsTrust, listener?: RequestListener) {
  const seen: string[] = []
  const answer: RequestListener = (request, response) => {
    seen.push(`${request.method} ${request.url}`)
    response.end('hello')
  }
  const server = await startLoopbackServer(listener ?? answer, certificate)
  const transport = createUndiciTransport({ url: server.url, userAgent: 'test', tls })
  onTestFinished(() => transport.close())
  return {
    transport,
    seen,
    get: () => transport.send({ method: 'GET', path: '/', headers: {} }),
    url: server.url,
  }
}

transportContract('undici over TLS', async () => {
  const { transport } = await connect(signed, { ca: authority.cert }, vimListener)
  return transport
})

describe('a certificate', () => {
  it.each<[string, Certificate, TlsTrust]>([
    ['signed by the configured authority', signed, { ca: authority.cert }],
    ['that is the configured authority itself', selfSigned, { ca: selfSigned.cert }],
    ['signed by one of several authorities', signed, { ca: `${selfSigned.cert}\n${authority.cert}` }],
    ['with the pinned thumbprint', selfSigned, { thumbprint: selfSigned.thumbprint }],
    ['pinned for another host name', otherName, { thumbprint: otherName.thumbprint }],
    ['pinned and expired', expired, { thumbprint: expired.thumbprint }],
    ['of any kind with insecure', expired, { insecure: true }],
  ])('%s is trusted', async (_name, certificate, trust) => {
    const { get } = await connect(certificate, trust)
    expect(await readText(await get())).toBe('hello')
  })

  it.each<[string, Certificate, TlsTrust, string]>([
    ['that is self-signed', selfSigned, {}, 'it is self-signed'],
    ['of an unknown authority', signed, {}, 'its authority is unknown'],
    ['of another authority', signed, { ca: selfSigned.cert }, 'its authority is unknown'],
    ['that has expired', expired, { ca: authority.cert }, 'it has expired'],
    [
      'for another host name',
      otherName,
      { ca: authority.cert },
      'it is for other names (DNS:vcenter.example.com)',
    ],
  ])('%s is rejected, and nothing is sent', async (_name, certificate, trust, verdict) => {
    const { get, seen, url } = await connect(certificate, trust)
    const { fingerprint256 } = new X509Certificate(certificate.cert)
    const error = await get().catch((e: unknown) => e)
    expect(error).toMatchObject({ name: 'TransportError', code: 'TLS_UNTRUSTED', mayHaveBeenSent: false })
    const { message, detail } = error as TransportError
    // Clients get no further details.
    expect(message).toBe('the certificate of the vCenter is not trusted')
    expect(detail).toContain(`The certificate of ${url} was rejected: ${verdict}.`)
    expect(detail).toContain(fingerprint256)
    // vcenter-log.ts logs the remedy.
    expect(detail).not.toContain('--')
    expect(seen).toEqual([])
  })

  it.each<[string, TlsTrust]>([
    ['without other settings', {}],
    ['even with its authority configured', { ca: authority.cert }],
    ['even with insecure', { insecure: true }],
  ])('other than the pinned one is rejected, %s', async (_name, trust) => {
    const { get, seen } = await connect(signed, { ...trust, thumbprint: selfSigned.thumbprint })
    await expect(get()).rejects.toMatchObject({
      code: 'TLS_THUMBPRINT',
      mayHaveBeenSent: false,
      message: 'the certificate of the vCenter is not the pinned one',
      detail: expect.stringMatching(`${signed.thumbprint} instead of ${selfSigned.thumbprint}`),
    })
    expect(seen).toEqual([])
  })

  it('is verified on every connection', async () => {
    const { get, seen } = await connect(signed, {})
    await expect(get()).rejects.toMatchObject({ code: 'TLS_UNTRUSTED' })
    await expect(get()).rejects.toMatchObject({ code: 'TLS_UNTRUSTED' })
    expect(seen).toEqual([])
  })
})

describe('a server that does not complete the handshake', () => {
  async function greet(onConnection: (socket: Socket) => void, connectTimeoutMs: number) {
    const sockets: Socket[] = []
    const server = createServer((socket) => {
      sockets.push(socket.on('error', () => {}))
      onConnection(socket)
    })
    onTestFinished(() => {
      for (const socket of sockets) socket.destroy()
      server.close()
    })
    await once(server.listen(0, '127.0.0.1'), 'listening')
    const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`
    const transport = createUndiciTransport({ url, userAgent: 'test', connectTimeoutMs })
    onTestFinished(() => transport.close())
    return transport.send({ method: 'GET', path: '/', headers: {} })
  }

  it.each<[string, (socket: Socket) => void, string, connectTimeoutMs?: number]>([
    [
      'speaks another protocol',
      (socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'),
      'does not use TLS',
    ],
    ['disconnects', (socket) => socket.destroy(), 'closed during setup'],
    ['stays silent', () => {}, 'the connection timed out', 100],
  ])('but %s receives nothing', async (_name, onConnection, reason, connectTimeoutMs = 30_000) => {
    await expect(greet(onConnection, connectTimeoutMs)).rejects.toMatchObject({
      code: 'CONNECT',
      mayHaveBeenSent: false,
      message: expect.stringContaining(reason),
    })
  })
})

describe('a thumbprint', () => {
  it('is equal in all notations', () => {
    const hex = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((b) => Buffer.from(b).toString('hex'))
    fc.assert(
      fc.property(hex, fc.boolean(), fc.constantFrom('', ':'), (digits, upper, separator) => {
        const canonical = digits.toUpperCase().match(/../g)!.join(':')
        const written = (upper ? digits.toUpperCase() : digits).match(/../g)!.join(separator)
        expect(parseThumbprint(written)).toBe(canonical)
      }),
    )
  })

  it.each([
    '',
    'abc',
    'AA:BB',
    'zz'.repeat(32),
    'aa'.repeat(20),
    `${'aa'.repeat(32)}:`,
    `:${'aa'.repeat(32)}`,
    'aa '.repeat(32),
  ])('is not %j', (text) => {
    expect(parseThumbprint(text)).toBeUndefined()
    expect(() =>
      createUndiciTransport({ url: 'https://vc', userAgent: 'test', tls: { thumbprint: text } }),
    ).toThrow('32 bytes in hexadecimal')
  })
})
