// Readiness of the gateway as probes, metrics and the log report it, with one shared check.

import { describe, expect, it, onTestFinished } from 'vitest'
import { createReadiness } from '../../../src/server/http/readiness.ts'
import { createSimulator } from '../../../src/simulator/index.ts'
import { TransportError } from '../../../src/transport/transport-error.ts'
import { startTestServer } from '../running-server.ts'

const always = { times: Number.POSITIVE_INFINITY }

async function start(password = 'pass') {
  const simulator = createSimulator()
  onTestFinished(() => simulator.close())
  const { url } = await simulator.listen()
  const server = await startTestServer(['--url', url, '--username', 'user'], { VSPHERE_PASSWORD: password })
  const scrapeReasons = async () => {
    const { text } = await server.get('/metrics')
    return [
      ...text.matchAll(/^vsphere_graphql_(?:not_)?ready\{vcenter="[^"]+"(?:,reason="(\w+)")?\} 1$/gm),
    ].map(([, reason]) => reason ?? 'ready')
  }
  return { simulator, scrapeReasons, ...server }
}

describe('a scrape of an idle gateway', () => {
  it('detects that the vCenter is down and up again, and logs the reason immediately', async () => {
    const { simulator, scrapeReasons, lines } = await start()
    await expect.poll(scrapeReasons).toEqual(['ready'])
    const { sessions } = simulator.live
    simulator.faults.unavailable(always)
    await expect.poll(scrapeReasons).toEqual(['UNREACHABLE'])
    expect(lines.at(-1)).toContain('503')
    simulator.faults.clear()
    await expect.poll(scrapeReasons).toEqual(['ready'])
    expect(lines.at(-1)).toContain('vCenter connection restored')
    expect(simulator.live.sessions).toBe(sessions)
  })

  it('reports a rejected password as long as it is rejected', async () => {
    const { scrapeReasons } = await start('wrong')
    await expect.poll(scrapeReasons).toEqual(['LOGIN_REFUSED'])
    expect(await scrapeReasons()).toEqual(['LOGIN_REFUSED'])
  })
})

describe('the vCenter', () => {
  const counting = (fails = false) => {
    let checks = 0
    const checkReachable = async () => {
      checks += 1
      if (fails) throw new TransportError('TLS_UNTRUSTED', 'not trusted')
    }
    return { checkReachable, checks: () => checks }
  }

  it('receives one call for all metrics within some seconds, and none after a probe', async () => {
    const { checkReachable, checks } = counting(true)
    const readiness = createReadiness(checkReachable)
    expect(await readiness.probe()).toMatchObject({ status: 503 })
    for (let time = 0; time < 5; time += 1) expect(await readiness.reason()).toBe('CERTIFICATE')
    expect(checks()).toBe(1)
  })

  it('receives a call for each consecutive probe', async () => {
    const { checkReachable, checks } = counting()
    const readiness = createReadiness(checkReachable)
    await Promise.all([readiness.probe(), readiness.probe(), readiness.reason()])
    expect(checks()).toBe(1)
    expect(await readiness.probe()).toEqual({ status: 200 })
    expect(checks()).toBe(2)
  })

  it('receives no call from a gateway that is shutting down', async () => {
    const { checkReachable, checks } = counting()
    const readiness = createReadiness(checkReachable, AbortSignal.abort())
    expect(await readiness.reason()).toBe('SHUTTING_DOWN')
    expect(checks()).toBe(0)
  })
})
