// The simulator on a port, and as a Transport in this process, which must fulfill the same contract.

import { X509Certificate } from 'node:crypto'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { ListenOptions } from '../../src/simulator/http-server.ts'
import { createManualClock, createSimulator, type SimulatorOptions } from '../../src/simulator/index.ts'
import { encodeRequest } from '../../src/soap/envelope.ts'
import { transportContract } from '../transport/transport-contract.ts'
import { serviceInstance } from './soap-connection.ts'
import { start } from './start.ts'

async function listen(listenOptions: ListenOptions = {}, options: SimulatorOptions = {}) {
  const simulator = createSimulator(options)
  onTestFinished(() => simulator.close())
  const server = await simulator.listen(listenOptions)
  return { simulator, server }
}

const now = encodeRequest('CurrentTime', serviceInstance, {})
const content = encodeRequest('RetrieveServiceContent', serviceInstance, {})

transportContract('the simulator in this process', () => start().simulator.transport())

describe('the simulator on a port', () => {
  it('serves clients over HTTP, with a session cookie', async () => {
    const { server } = await listen()
    const post = (body: string, headers: Record<string, string> = {}) =>
      fetch(server.url, { method: 'POST', body, headers })
    const manager = { type: 'SessionManager', value: 'SessionManager' }
    const login = await post(encodeRequest('Login', manager, { userName: 'user', password: 'pass' }))
    expect(login.headers.get('vary')).toBe('Accept-Encoding')
    const cookie = login.headers.get('set-cookie') ?? ''
    expect(cookie).toMatch(/^vmware_soap_session="[0-9a-f]{40}"; Path=\/; HttpOnly;$/)
    for (const SOAPAction of ['urn:vim25/8.0.2.0', '"urn:vim25/8.0.2.0"']) {
      const reply = await post(now, { cookie, SOAPAction })
      expect([reply.status, await reply.text()]).toMatchObject([
        200,
        expect.stringContaining('CurrentTimeResponse'),
      ])
    }
    expect((await post(now)).status).toBe(500)
    expect((await fetch(server.url)).status).toBe(405)
    expect((await fetch(`${server.origin}/sdk/vimServiceVersions.xml`)).status).toBe(200)
    expect((await fetch(`${server.origin}/`)).status).toBe(404)
  })

  it('lists the sessions whose login response was lost', async () => {
    const { simulator, server } = await listen()
    const manager = { type: 'SessionManager', value: 'SessionManager' }
    const body = encodeRequest('Login', manager, { userName: 'user', password: 'pass' })
    const logIn = () => fetch(server.url, { method: 'POST', body }).then((response) => response.text())
    const counts = () => [simulator.live.sessions, simulator.orphanedSessions]
    await logIn()
    expect(counts()).toEqual([1, 0])
    for (const how of ['unread', 'unanswered', 'midBody'] as const) {
      simulator.faults.dropConnection(how, { method: 'Login' })
      await expect(logIn()).rejects.toThrow()
    }
    expect(counts()).toEqual([3, 2])
    const hold = simulator.faults.pause({ method: 'Login' })
    const lost = expect(logIn()).rejects.toThrow()
    await hold.waitFor()
    await server.close()
    hold.release()
    await lost
    await expect.poll(counts).toEqual([4, 3])
  })

  it('compresses responses when enabled, for clients that accept it', async () => {
    const { simulator, server } = await listen()
    const encoding = async (accepted: string) => {
      const headers = { 'accept-encoding': accepted }
      const response = await fetch(server.url, { method: 'POST', body: now, headers })
      expect(await response.text()).toContain('NotAuthenticated')
      return response.headers.get('content-encoding')
    }
    expect(await encoding('gzip')).toBeNull()
    simulator.faults.gzip = true
    expect(await encoding('gzip, deflate')).toBe('gzip')
    expect(await encoding('identity')).toBeNull()
  })

  it('throttles responses', async () => {
    const clock = createManualClock()
    const { simulator, server } = await listen({ bytesPerSecond: 100 }, { clock })
    let isThere = false
    const response = fetch(server.url, { method: 'POST', body: content }).then(async (response) => {
      const text = await response.text()
      isThere = true
      return text
    })
    await expect.poll(() => simulator.calls.length).toBe(1)
    for (let turn = 0; turn < 50; turn += 1) await new Promise(setImmediate)
    expect(isThere).toBe(false)
    clock.advance(60_000)
    expect(await response).toContain('</soapenv:Envelope>')
  })

  it('limits the length of requests', async () => {
    const { server } = await listen()
    const response = await fetch(server.url, { method: 'POST', body: 'a'.repeat(17 * 1024 * 1024) }).catch(
      () => undefined,
    )
    expect(response?.status ?? 413).toBe(413)
    expect((await fetch(server.url)).status).toBe(405)
  })

  it.each(['unread', 'unanswered', 'midBody'] as const)('drops connections: %s', async (how) => {
    const { simulator, server } = await listen()
    simulator.faults.dropConnection(how)
    const response = fetch(server.url, { method: 'POST', body: now }).then((response) => response.text())
    await expect(response).rejects.toThrow()
    expect((await fetch(server.url, { method: 'POST', body: now })).status).toBe(500)
  })

  it('has its own certificate with tls', async () => {
    const { server } = await listen({ tls: true })
    const certificate = new X509Certificate(server.certificate ?? '')
    expect(certificate.fingerprint256).toBe(server.thumbprint)
    expect(certificate.checkIP('127.0.0.1')).toBe('127.0.0.1')
    expect(server.url).toMatch(/^https:\/\/127\.0\.0\.1:\d+\/sdk$/)
    await expect(fetch(server.url)).rejects.toThrow()
  })

  it('ends pending calls and connections when it closes', async () => {
    const { simulator, server } = await listen()
    const hold = simulator.faults.pause()
    const response = fetch(server.url, { method: 'POST', body: content })
    await hold.waitFor()
    const closed = expect(response).rejects.toThrow()
    await simulator.close()
    await closed
    await expect(fetch(server.url)).rejects.toThrow()
    await server.close()
  })

  it('fails to listen on a port that is in use', async () => {
    const { server } = await listen()
    const simulator = createSimulator()
    await expect(simulator.listen({ port: server.port })).rejects.toThrow('EADDRINUSE')
    await simulator.close()
  })
})
