// --auth vsphere: users log in to the vCenter with their own accounts through pooled sessions, with the permissions of the
// vCenter.

import { setTimeout } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { createManualClock } from '../../../src/simulator/index.ts'
import { subscribe } from '../../subscribe.ts'
import { authorizationOf, basic, passwords, startPerUserGateway } from './users.ts'

const count = '{ virtualMachines { totalCount } }'
const change =
  'mutation { createSnapshot(input: { virtualMachine: { name: "mail-01" }, name: "x" }) { task { state } snapshot { name } } }'
const live = 'subscription { inventoryChanges(filter: { virtualMachine: {} }) { initial changes { kind } } }'
const counted = { data: { virtualMachines: { totalCount: 20 } } }

describe('a user', () => {
  it("is logged in once for concurrent first requests, under the vCenter's user name", async () => {
    const gateway = await startPerUserGateway()
    const answers = await Promise.all(
      Array.from({ length: 200 }, () => gateway.execute(authorizationOf('alice'), count)),
    )
    expect(answers.map(({ status, result }) => ({ status, ...result }))).toEqual(
      answers.map(() => ({ status: 200, ...counted })),
    )
    expect(gateway.called('Login')).toBe(1)
    expect(gateway.simulator.live.sessions).toBe(1)
    expect(gateway.lines.filter((line) => line.includes('"identity":"alice"'))).toHaveLength(200)
  })

  it('has the permissions of the vCenter: an error names the missing privilege and its object', async () => {
    const gateway = await startPerUserGateway()
    const { value: moid } = gateway.simulator.inventory.machine('mail-01').ref
    expect((await gateway.execute(authorizationOf('bob'), count)).result).toEqual(counted)
    expect((await gateway.execute(authorizationOf('bob'), change)).result.errors).toMatchObject([
      {
        extensions: {
          code: 'FORBIDDEN',
          fault: 'NoPermission',
          privilege: 'VirtualMachine.State.CreateSnapshot',
          object: `VirtualMachine ${moid}`,
        },
      },
    ])
    expect((await gateway.execute(authorizationOf('alice'), change)).result).toEqual({
      data: { createSnapshot: { task: { state: 'SUCCESS' }, snapshot: { name: 'x' } } },
    })
    const audit = gateway.lines
      .filter((line) => line.includes('"audit":true'))
      .map((line) => JSON.parse(line))
    expect(audit).toMatchObject([
      { identity: 'bob', outcome: 'failed', code: 'FORBIDDEN' },
      { identity: 'alice', outcome: 'success' },
    ])
  })

  it('gets the same ids as all other users', async () => {
    const gateway = await startPerUserGateway()
    const query = '{ vcenters { id } virtualMachine(by: { name: "web-01" }) { id } }'
    const { result } = await gateway.execute(authorizationOf('alice'), query)
    const { id } = result.data.virtualMachine
    expect((await gateway.execute(authorizationOf('bob'), query)).result).toEqual(result)
    expect(
      (await gateway.execute(authorizationOf('bob'), `{ node(id: "${id}") { id } }`)).result.data.node,
    ).toEqual({ id })
  })

  it('keeps the active session after a password change; the new password causes a new login', async () => {
    const gateway = await startPerUserGateway()
    await gateway.execute(authorizationOf('alice'), count)
    const { status } = await gateway.execute(basic('alice', 'changed'), count)
    expect(status).toBe(401)
    expect((await gateway.execute(authorizationOf('alice'), count)).result).toEqual(counted)
    expect(gateway.called('Login')).toBe(2)
  })
})

describe('a rejected user', () => {
  it('is rejected by one Login when a wrong password is sent by many concurrent requests', async () => {
    const gateway = await startPerUserGateway()
    const wrong = () => gateway.execute(basic('alice', 'stale-password'), count)
    const first = await Promise.all(Array.from({ length: 25 }, wrong))
    const later = []
    for (let time = 0; time < 25; time += 1) later.push(await wrong())
    for (const { status, headers, result } of [...first, ...later]) {
      expect(status).toBe(401)
      expect(headers.get('www-authenticate')).toBe('Basic realm="vsphere-graphql", charset="UTF-8"')
      expect(result.errors).toMatchObject([
        {
          message: 'the vCenter rejected this user name and password',
          extensions: {
            code: 'UNAUTHENTICATED',
            retryable: false,
            remedy: expect.stringContaining('15 minutes'),
          },
        },
      ])
    }
    expect(gateway.called('Login')).toBe(1)
    expect(gateway.lines.join('\n')).toMatch(
      /authentication failed: the vCenter rejected .*"identity":"alice"/,
    )
    expect(gateway.lines.join('\n')).not.toContain('stale-password')
    expect((await gateway.execute(authorizationOf('alice'), count)).result).toEqual(counted)
  })

  it.each([
    ['no value', undefined],
    ['a token', 'Bearer 3a6f1a0f2b7d4c5e9a8b'],
    ['only a scheme', 'Basic '],
    ['invalid base64', 'Basic !!!!'],
    ['no colon', `Basic ${Buffer.from('alice').toString('base64')}`],
    ['no name', basic('', 'x')],
    ['no password', basic('alice', '')],
    ['invalid UTF-8', `Basic ${Buffer.from([0x61, 0x3a, 0xff]).toString('base64')}`],
    ['a line break', basic('alice', 'a\nb')],
    ['more than one value', `${basic('alice', 'x')} y`],
  ])('gets an error without a vCenter call when the header has %s', async (_, authorization) => {
    const gateway = await startPerUserGateway()
    const { status, headers, result } = await gateway.execute(authorization, count)
    expect(status).toBe(401)
    expect(headers.get('www-authenticate')).toMatch(/^Basic /)
    expect(result.errors).toMatchObject([
      { extensions: { code: 'UNAUTHENTICATED', remedy: expect.stringContaining('curl --user') } },
    ])
    expect(gateway.called('Login')).toBe(0)
  })

  it('gets an error without permission in the vCenter, and may try again', async () => {
    const gateway = await startPerUserGateway()
    gateway.simulator.faults.fault(
      { _typeName: 'NoPermission', privilegeId: 'System.View' },
      { method: 'Login' },
    )
    const { status, headers, result } = await gateway.execute(authorizationOf('bob'), count)
    expect([status, headers.get('www-authenticate')]).toEqual([403, null])
    expect(result.errors).toMatchObject([{ extensions: { code: 'FORBIDDEN', privilege: 'System.View' } }])
    expect((await gateway.execute(authorizationOf('bob'), count)).result).toEqual(counted)
  })

  it('gets a retryable error while the vCenter does not respond, and the log reports the cause once', async () => {
    const gateway = await startPerUserGateway()
    await gateway.execute(authorizationOf('alice'), count)
    const end = gateway.simulator.faults.unavailable({ times: Number.POSITIVE_INFINITY })
    for (const user of ['bob', 'carol', 'bob'] as const) {
      const { status, headers, result } = await gateway.execute(authorizationOf(user), count)
      expect([status, headers.get('retry-after')]).toEqual([503, '10'])
      expect(result.errors).toMatchObject([{ extensions: { code: 'VCENTER_UNAVAILABLE', retryable: true } }])
    }
    expect(gateway.lines.filter((line) => line.includes('503') && !line.startsWith('{'))).toHaveLength(1)
    end()
    await expect.poll(() => gateway.lines.at(-1)).toMatch(/vCenter connection restored$/)
    expect((await gateway.execute(authorizationOf('bob'), count)).result).toEqual(counted)
  })

  it('gets 401 without repeated logins when the password is rejected after the session has ended', async () => {
    const gateway = await startPerUserGateway()
    await gateway.execute(authorizationOf('alice'), count)
    gateway.simulator.faults.restart()
    gateway.simulator.faults.fault('InvalidLogin', { method: 'Login', times: Number.POSITIVE_INFINITY })
    await gateway.execute(authorizationOf('alice'), count)
    expect((await gateway.execute(authorizationOf('alice'), count)).status).toBe(401)
    expect((await gateway.execute(authorizationOf('alice'), count)).status).toBe(401)
    expect(gateway.called('Login')).toBe(2)
  })
})

describe('sessions', () => {
  it('never exceed the limit: the longest idle one is replaced', async () => {
    const gateway = await startPerUserGateway({ flags: ['--max-sessions', '2'] })
    for (const user of ['alice', 'bob', 'alice', 'carol', 'alice'] as const) {
      expect((await gateway.execute(authorizationOf(user), count)).result).toEqual(counted)
      expect(gateway.simulator.live.sessions).toBeLessThanOrEqual(2)
    }
    expect([gateway.called('Login'), gateway.called('Logout')]).toEqual([3, 1])
    await gateway.execute(authorizationOf('bob'), count)
    expect([gateway.called('Login'), gateway.called('Logout')]).toEqual([4, 2])
  })

  it('in use are never evicted: a new user gets a retryable error', async () => {
    const gateway = await startPerUserGateway({ flags: ['--max-sessions', '1'] })
    const pause = gateway.simulator.faults.pause({ method: 'RetrievePropertiesEx' })
    const running = gateway.execute(authorizationOf('alice'), count)
    await pause.waitFor()
    const { status, headers, result } = await gateway.execute(authorizationOf('bob'), count)
    expect([status, headers.get('retry-after')]).toEqual([503, '10'])
    expect(result.errors).toMatchObject([
      {
        message: 'the gateway has reached its limit of vCenter sessions, and all are in use',
        extensions: {
          code: 'OVERLOADED',
          retryable: true,
          remedy: expect.stringContaining('--max-sessions'),
        },
      },
    ])
    pause.release()
    expect((await running).result).toEqual(counted)
    expect((await gateway.execute(authorizationOf('bob'), count)).result).toEqual(counted)
  })

  it('of subscriptions are held until these end', async () => {
    const gateway = await startPerUserGateway({
      flags: ['--max-sessions', '1', '--session-idle-timeout', '1'],
    })
    const events = await subscribe(gateway.url, live, {}, { authorization: authorizationOf('alice') })
    await events.next()
    expect((await gateway.execute(authorizationOf('bob'), count)).status).toBe(503)
    events.abortClient()
    await expect.poll(async () => (await gateway.execute(authorizationOf('bob'), count)).status).toBe(200)
    expect(gateway.simulator.live.sessions).toBe(1)
  })

  it('of disconnected clients are released', async () => {
    const gateway = await startPerUserGateway({ flags: ['--max-sessions', '1'] })
    const pause = gateway.simulator.faults.pause({ method: 'RetrievePropertiesEx' })
    const client = new AbortController()
    const answer = gateway.execute(authorizationOf('alice'), count, {}, client.signal)
    await pause.waitFor()
    client.abort()
    await expect(answer).rejects.toMatchObject({ name: 'AbortError' })
    pause.release()
    await expect.poll(async () => (await gateway.execute(authorizationOf('bob'), count)).status).toBe(200)
  })

  it('of subscriptions end with these when the password is no longer valid', async () => {
    const gateway = await startPerUserGateway()
    const events = await subscribe(gateway.url, live, {}, { authorization: authorizationOf('alice') })
    await events.next()
    gateway.simulator.faults.fault('InvalidLogin', { method: 'Login', times: Number.POSITIVE_INFINITY })
    gateway.simulator.faults.restart()
    const rest = await events.remaining()
    expect(rest.at(-1)?.errors).toMatchObject([{ extensions: { code: 'UNAUTHENTICATED', retryable: false } }])
    expect((await gateway.execute(authorizationOf('alice'), count)).status).toBe(401)
    expect(gateway.called('Login')).toBe(2)
  })

  it('are kept for background work until it ends', async () => {
    const clock = createManualClock()
    const gateway = await startPerUserGateway({ flags: ['--max-sessions', '1'], clock })
    const startChange = change.replace('name: "x"', 'name: "x", waitSeconds: 0')
    await gateway.execute(authorizationOf('alice'), startChange)
    expect((await gateway.execute(authorizationOf('bob'), count)).status).toBe(503)
    clock.advance(1_000)
    await expect.poll(async () => (await gateway.execute(authorizationOf('bob'), count)).status).toBe(200)
    const audit = gateway.lines.find((line) => line.includes('"audit":true'))
    expect(audit && JSON.parse(audit)).toMatchObject({ identity: 'alice', outcome: 'success' })
  })

  it('are logged out when idle, and kept while in use', async () => {
    const gateway = await startPerUserGateway({ flags: ['--session-idle-timeout', '1'] })
    await gateway.execute(authorizationOf('bob'), count)
    const events = await subscribe(gateway.url, live, {}, { authorization: authorizationOf('alice') })
    await events.next()
    expect(gateway.called('Login')).toBe(2)
    await expect.poll(() => gateway.simulator.live.sessions).toBe(1)
    await setTimeout(600)
    expect(gateway.simulator.live.sessions).toBe(1)
    events.abortClient()
    await expect.poll(() => gateway.simulator.live.sessions).toBe(0)
  })

  it('are all logged out at shutdown, and leave nothing behind', async () => {
    const gateway = await startPerUserGateway()
    for (const user of ['alice', 'bob', 'carol'] as const) await gateway.execute(authorizationOf(user), count)
    const events = await subscribe(gateway.url, live, {}, { authorization: authorizationOf('carol') })
    await events.next()
    expect(gateway.simulator.live.sessions).toBe(3)
    await gateway.stop()
    expect(gateway.simulator.live).toMatchObject({
      sessions: 0,
      views: 0,
      filters: 0,
      collectors: 0,
      waits: 0,
    })
  })

  it('are counted together, and no metric contains a user name', async () => {
    const gateway = await startPerUserGateway({ flags: ['--admin-port', '0'] })
    for (const user of ['alice', 'bob'] as const) await gateway.execute(authorizationOf(user), count)
    const text = await (await fetch(`${gateway.adminUrl}/metrics`)).text()
    expect(text).toMatch(/^vsphere_graphql_vcenter_sessions\{vcenter="[^"]+"\} 2$/m)
    expect(text).not.toMatch(/alice|bob/)
  })
})

describe('readiness', () => {
  it('requires a reachable vCenter and no login', async () => {
    const gateway = await startPerUserGateway()
    const ready = async () => {
      const answer = await fetch(new URL('/ready', gateway.url))
      return [answer.status, await answer.text()]
    }
    expect(await ready()).toEqual([200, ''])
    gateway.simulator.faults.unavailable({ times: Number.POSITIVE_INFINITY })
    for (const _ of [1, 2]) {
      expect(await ready()).toEqual([
        503,
        expect.stringMatching(/^\{"ready":false,"reason":"UNREACHABLE","since":"[^"]+Z"\}\n$/),
      ])
    }
    gateway.simulator.faults.clear()
    await expect.poll(ready).toEqual([200, ''])
    expect(gateway.lines).toEqual([
      expect.stringContaining('503'),
      expect.stringMatching(/vCenter connection restored$/),
    ])
    expect(gateway.called('Login')).toBe(0)
    expect(gateway.simulator.live.sessions).toBe(0)
  })
})

describe('credentials that a browser sends automatically', () => {
  const otherOrigin = 'https://elsewhere.example.com'

  it.each<[string, RequestInit]>([
    [
      'a form on another origin',
      { method: 'POST', headers: { 'content-type': 'text/plain', origin: otherOrigin } },
    ],
    [
      'a script on another origin',
      { method: 'POST', headers: { 'content-type': 'application/json', origin: otherOrigin } },
    ],
    ['a form without an Origin header', { method: 'POST', headers: { 'content-type': 'text/plain' } }],
    ['an image', { method: 'GET' }],
  ])('are rejected for %s, without a login', async (_, { headers, ...init }) => {
    const gateway = await startPerUserGateway()
    const url = init.method === 'GET' ? `${gateway.url}?query=${encodeURIComponent(count)}` : gateway.url
    const response = await fetch(url, {
      ...init,
      headers: { ...(headers as Record<string, string>), authorization: authorizationOf('alice') },
      ...(init.method === 'POST' && { body: JSON.stringify({ query: count }) }),
    })
    expect(response.status).toBe(403)
    expect(JSON.parse(await response.text()).errors[0].extensions.code).toBe('FORBIDDEN')
    // The page can read the rejection, and nothing else.
    expect(response.headers.get('access-control-allow-origin')).toBe(new Headers(headers).get('origin'))
    expect(gateway.called('Login')).toBe(0)
  })

  it('are accepted from pages of an allowed origin', async () => {
    const gateway = await startPerUserGateway({ flags: ['--allowed-origin', otherOrigin] })
    const { headers, result } = await gateway.execute(authorizationOf('alice'), count, {
      origin: otherOrigin,
    })
    expect(result).toEqual(counted)
    expect(headers.get('access-control-allow-origin')).toBe(otherOrigin)
    expect(headers.get('access-control-allow-credentials')).toBe('true')
  })

  it('open the playground without a prompt for the password: its page is the same for all', async () => {
    const gateway = await startPerUserGateway()
    const page = await fetch(gateway.url, { headers: { accept: 'text/html' } })
    expect(page.headers.get('www-authenticate')).toBeNull()
    expect(await page.text()).toContain('<html')
  })
})

it('accepts passwords with colons and non-ASCII characters, per RFC 7617', async () => {
  expect(passwords.alice).toMatch(/’.*:/)
  const gateway = await startPerUserGateway()
  expect((await gateway.execute(authorizationOf('alice').replace('Basic', 'bAsIc'), count)).result).toEqual(
    counted,
  )
})
