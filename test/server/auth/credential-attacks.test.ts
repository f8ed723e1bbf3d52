// Attacks and failures under --auth vsphere: none may lock an account, leak a session, or affect another user.

import { once } from 'node:events'
import { createServer } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { afterEach, describe, expect, it, onTestFinished } from 'vitest'
import { encodeManagedObjectId } from '../../../src/schema/core/nodes/ids.ts'
import { subscribe } from '../../subscribe.ts'
import { noLiveObjects } from '../../vim25/connect.ts'
import { authorizationOf, basic, type PerUserGateway, passwords, startPerUserGateway } from './users.ts'

const count = '{ virtualMachines { totalCount } }'
const counted = { data: { virtualMachines: { totalCount: 20 } } }
const change =
  'mutation { createSnapshot(input: { virtualMachine: { name: "mail-01" }, name: "x" }) { task { state } } }'
const live = 'subscription { inventoryChanges(filter: { virtualMachine: {} }) { initial changes { kind } } }'
const always = { times: Number.POSITIVE_INFINITY }

const codesOf = ({ errors = [] }: { errors?: { extensions: { code: string } }[] }) =>
  errors.map(({ extensions }) => extensions.code)

let gateway: PerUserGateway
const start = async (...flags: string[]) => {
  gateway = await startPerUserGateway({ flags })
  return gateway
}

afterEach(async () => {
  gateway.simulator.faults.clear()
  await gateway.stop()
  expect(gateway.simulator.live).toEqual(noLiveObjects)
  const reported = gateway.lines.join('\n')
  for (const password of Object.values(passwords)) {
    expect(reported).not.toContain(password)
    expect(reported).not.toContain(Buffer.from(password).toString('base64').replace(/=+$/, ''))
  }
})

describe('the lockout protection', () => {
  it('does not retry for a minute when the response to a login is lost, since it may have been a rejection', async () => {
    await start()
    gateway.simulator.faults.dropConnection('unanswered', { method: 'Login', ...always })
    for (let time = 0; time < 10; time += 1) {
      const { status, result } = await gateway.execute(basic('alice', 'old password'), count)
      expect(status).toBe(503)
      expect(result.errors).toMatchObject([
        {
          message: 'the vCenter did not respond to the login',
          extensions: {
            code: 'VCENTER_UNAVAILABLE',
            retryable: true,
            remedy: expect.stringContaining('in a minute'),
          },
        },
      ])
    }
    expect(gateway.called('Login')).toBe(1)
    gateway.simulator.faults.clear()
    expect((await gateway.execute(authorizationOf('alice'), count)).result).toEqual(counted)
  })

  it('does not retry for subscriptions whose session has ended and whose login gets no response', async () => {
    await start()
    const events = await Promise.all(
      [1, 2, 3].map(() => subscribe(gateway.url, live, {}, { authorization: authorizationOf('alice') })),
    )
    for (const each of events) await each.next()
    gateway.simulator.faults.dropConnection('unanswered', { method: 'Login', ...always })
    gateway.simulator.faults.restart()
    for (const each of events) {
      const last = (await each.remaining()).at(-1)
      expect(codesOf(last as never)).toEqual(['VCENTER_UNAVAILABLE'])
    }
    expect((await gateway.execute(authorizationOf('alice'), count)).status).toBe(503)
    expect(gateway.called('Login')).toBe(2)
    // The session whose response was lost has no client; it would end by the idle timeout.
    gateway.simulator.faults.restart()
  })

  it('logs in once for a batch, and for concurrent requests that arrive during a rejected login', async () => {
    await start('--max-batch', '10')
    const pause = gateway.simulator.faults.pause({ method: 'Login' })
    const send = () =>
      fetch(gateway.url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: basic('bob', 'wrong') },
        body: JSON.stringify(Array.from({ length: 10 }, () => ({ query: count }))),
      })
    const answers = Array.from({ length: 20 }, send)
    await pause.waitFor()
    answers.push(...Array.from({ length: 20 }, send))
    pause.release()
    for (const answer of answers) expect((await answer).status).toBe(401)
    expect((await send()).status).toBe(401)
    expect(gateway.called('Login')).toBe(1)
  })

  it('logs in once for all running operations after a password change, and reports the rejection to each', async () => {
    await start()
    const events = await subscribe(gateway.url, live, {}, { authorization: authorizationOf('alice') })
    await events.next()
    const pause = gateway.simulator.faults.pause({ method: 'RetrievePropertiesEx' })
    const execute = (operation: string) => gateway.execute(authorizationOf('alice'), operation)
    const running = [count, change, '{ datacenters { nodes { name } } }'].map(execute)
    await pause.waitFor(2)
    gateway.simulator.faults.fault('InvalidLogin', { method: 'Login', ...always })
    gateway.simulator.faults.restart()
    const later = Array.from({ length: 20 }, (_, number) => execute(number % 2 ? count : change))
    pause.release()
    for (const answer of running) {
      const { status, result } = await answer
      expect([status, codesOf(result)]).toEqual([200, ['UNAUTHENTICATED']])
    }
    for (const answer of later) {
      const { result } = await answer
      expect(codesOf(result)).toEqual(['UNAUTHENTICATED'])
      expect(result.errors[0].extensions.remedy).toContain('15 minutes')
    }
    expect((await events.remaining()).map((event) => codesOf(event as never)).at(-1)).toEqual([
      'UNAUTHENTICATED',
    ])
    const { status, headers } = await execute(count)
    expect([status, headers.get('www-authenticate')]).toEqual([401, expect.stringMatching(/^Basic /)])
    expect([gateway.called('Login'), gateway.called('CreateSnapshot_Task')]).toEqual([2, 0])
    const audit = gateway.lines.filter((line) => line.includes('"audit":true'))
    expect(new Set(audit.map((line) => JSON.parse(line).code))).toEqual(new Set(['UNAUTHENTICATED']))
  })

  it('rejects a request during the retry of a dropped stream when the login fails, and ends the subscription', async () => {
    await start()
    const events = await subscribe(gateway.url, live, {}, { authorization: authorizationOf('alice') })
    await events.next()
    gateway.simulator.faults.dropConnection('unread', { method: 'WaitForUpdatesEx' })
    gateway.simulator.faults.fault('InvalidLogin', { method: 'Login', ...always })
    gateway.simulator.faults.restart()
    gateway.simulator.faults.expireSessions('fault')
    await gateway.execute(authorizationOf('alice'), count)
    expect((await gateway.execute(authorizationOf('alice'), count)).status).toBe(401)
    expect((await events.remaining()).map((event) => codesOf(event as never)).at(-1)).toEqual([
      'UNAUTHENTICATED',
    ])
    expect(gateway.called('Login')).toBe(2)
  })
})

describe('a failure of one user', () => {
  it('to log in again does not affect another user, and is not treated as an outage', async () => {
    await start('--admin-port', '0')
    for (const user of ['alice', 'bob', 'carol'] as const) await gateway.execute(authorizationOf(user), count)
    gateway.simulator.faults.restart()
    gateway.simulator.faults.fault(
      { _typeName: 'NoPermission', privilegeId: 'System.View' },
      { method: 'Login' },
    )
    // She was authenticated, and her session has ended.
    expect(codesOf((await gateway.execute(authorizationOf('carol'), count)).result)).toEqual(['FORBIDDEN'])
    expect((await gateway.execute(authorizationOf('alice'), count)).result).toEqual(counted)
    gateway.simulator.faults.dropConnection('unanswered', { method: 'Login' })
    for (let time = 0; time < 3; time += 1)
      expect(codesOf((await gateway.execute(authorizationOf('bob'), count)).result)).toEqual([
        'VCENTER_UNAVAILABLE',
      ])
    expect(gateway.called('Login')).toBe(6)
    expect((await gateway.execute(authorizationOf('alice'), count)).result).toEqual(counted)
    expect((await gateway.execute(authorizationOf('carol'), count)).result).toEqual(counted)
    expect((await fetch(`${gateway.adminUrl}/ready`)).status).toBe(200)
    expect(await (await fetch(`${gateway.adminUrl}/metrics`)).text()).toMatch(/vcenter_up\{[^}]*\} 1/)
    expect(gateway.lines.join('\n')).not.toContain('vCenter connection restored')
    gateway.simulator.faults.restart()
  })
})

describe('an unreachable vCenter', () => {
  it('is detected once for all users without a login, and so is its recovery', async () => {
    await start('--admin-port', '0')
    const metric = async () =>
      /vcenter_up\{[^}]*\} (\d)/.exec(await (await fetch(`${gateway.adminUrl}/metrics`)).text())?.[1]
    const ready = async () => (await fetch(`${gateway.adminUrl}/ready`)).status
    const users = ['alice', 'bob', 'carol'] as const
    const events = await Promise.all(
      users.map((user) => subscribe(gateway.url, live, {}, { authorization: authorizationOf(user) })),
    )
    for (const each of events) await each.next()
    expect([await metric(), await ready()]).toEqual(['1', 200])
    gateway.simulator.faults.unavailable(always)
    const notReady = await fetch(`${gateway.adminUrl}/ready`)
    expect([notReady.status, await notReady.json()]).toEqual([
      503,
      { ready: false, reason: 'UNREACHABLE', since: expect.any(String) },
    ])
    // /metrics is cached for a second.
    await expect.poll(metric).toBe('0')
    expect(gateway.lines.filter((line) => line.includes('503') && !line.startsWith('{'))).toHaveLength(1)
    gateway.simulator.calls.length = 0
    for (const user of users) {
      const { status, headers } = await gateway.execute(authorizationOf(user), count)
      expect([status, headers.get('retry-after')]).toEqual([503, '10'])
    }
    gateway.simulator.faults.clear()
    await expect.poll(() => gateway.lines.at(-1)).toMatch(/vCenter connection restored$/)
    await expect.poll(metric).toBe('1')
    expect(await ready()).toBe(200)
    for (const user of users)
      expect((await gateway.execute(authorizationOf(user), count)).result).toEqual(counted)
    expect(gateway.called('Login')).toBe(0)
    expect(gateway.lines.filter((line) => line.includes('503') && !line.startsWith('{'))).toHaveLength(1)
    for (const each of events) each.abortClient()
  })

  it('is reported to all users when another server answers in its place', async () => {
    const page = createServer((_, response) => response.end('<html>Please log in</html>'))
    await once(page.listen(0, '127.0.0.1'), 'listening')
    onTestFinished(() => void page.close())
    const { port } = page.address() as AddressInfo
    await start('--url', `http://127.0.0.1:${port}`)
    const { status, result } = await gateway.execute(authorizationOf('alice'), count)
    expect([status, codesOf(result)]).toEqual([503, ['VCENTER_UNAVAILABLE']])
    expect((await fetch(new URL('/ready', gateway.url))).status).toBe(503)
    expect(gateway.lines.some((line) => line.includes('returned invalid SOAP'))).toBe(true)
  })

  it('does not end the subscriptions of a user who is being logged in again', async () => {
    await start()
    const auditEntry =
      'subscription { inventoryChanges(filter: { virtualMachine: {} }) { initial changes { entity { ... on VirtualMachine { currentSnapshot { name } } } } } }'
    const events = await subscribe(gateway.url, auditEntry, {}, { authorization: authorizationOf('alice') })
    await events.next()
    await events.next()
    gateway.simulator.faults.unavailable({ method: 'Login', times: 2 })
    gateway.simulator.faults.restart()
    const logins = () => gateway.lines.filter((line) => line.includes('logged in as')).length
    await expect.poll(logins).toBe(2)
    expect((await gateway.execute(authorizationOf('alice'), change)).result.errors).toBeUndefined()
    expect((await events.next())?.data.inventoryChanges.initial).toBe(false)
    events.abortClient()
  })

  it('is not assumed after one broken connection', async () => {
    await start('--admin-port', '0')
    gateway.simulator.faults.dropConnection('unread', { method: 'RetrieveServiceContent', times: 2 })
    expect((await fetch(`${gateway.adminUrl}/ready`)).status).toBe(200)
    expect(gateway.lines).toEqual([])
  })
})

describe('sessions', () => {
  it('are not leaked when a client disconnects during its login', async () => {
    await start('--session-idle-timeout', '1')
    const pause = gateway.simulator.faults.pause({ method: 'Login' })
    const client = new AbortController()
    const answer = gateway.execute(authorizationOf('alice'), count, {}, client.signal)
    await pause.waitFor()
    client.abort()
    await expect(answer).rejects.toMatchObject({ name: 'AbortError' })
    pause.release()
    await expect.poll(() => gateway.called('Login')).toBe(1)
    await expect.poll(() => gateway.simulator.live.sessions).toBe(0)
  })

  it('are kept for a mutation with a lost response, although its client has disconnected', async () => {
    await start('--max-sessions', '1')
    gateway.simulator.faults.dropConnection('unread', { method: 'CreateSnapshot_Task' })
    // The search for the task, which has just begun.
    const search = gateway.simulator.faults.pause({ method: 'CurrentTime' })
    const client = new AbortController()
    const answer = gateway.execute(authorizationOf('alice'), change, {}, client.signal)
    await search.waitFor()
    client.abort()
    await expect(answer).rejects.toMatchObject({ name: 'AbortError' })
    expect((await gateway.execute(authorizationOf('bob'), count)).status).toBe(503)
    search.release()
    const audited = () => gateway.lines.find((line) => line.includes('"audit":true'))
    await expect.poll(audited).toBeDefined()
    expect(gateway.called('Login')).toBe(1)
    await expect.poll(async () => (await gateway.execute(authorizationOf('bob'), count)).status).toBe(200)
  })

  it('are not leaked when the gateway stops during a login', async () => {
    await start()
    const pause = gateway.simulator.faults.pause({ method: 'Login' })
    const answers = (['alice', 'bob'] as const).map((user) =>
      gateway.execute(authorizationOf(user), count).catch(() => undefined),
    )
    await pause.waitFor(2)
    const stopped = gateway.stop()
    setTimeout(() => pause.release(), 100)
    await stopped
    await Promise.all(answers)
    expect(gateway.simulator.live.sessions).toBe(0)
  })

  it('are not leaked by requests that are rejected after authentication', async () => {
    await start('--max-sessions', '1')
    const headers = { authorization: authorizationOf('alice'), 'content-type': 'application/json' }
    const bad: { method: string; body?: string; headers: Record<string, string> }[] = [
      { method: 'POST', body: '{', headers },
      { method: 'POST', body: 'null', headers },
      { method: 'POST', body: '[]', headers },
      { method: 'POST', body: JSON.stringify({ query: '{ nope }' }), headers },
      { method: 'POST', body: JSON.stringify({ query: '{' }), headers },
      { method: 'POST', body: JSON.stringify({ query: 'x'.repeat(2_000_000) }), headers },
      { method: 'POST', body: JSON.stringify({ query: 'subscription { nope }' }), headers },
      { method: 'POST', body: 'query', headers: { ...headers, 'content-type': 'application/graphql' } },
      { method: 'PUT', body: '{}', headers },
      { method: 'DELETE', headers },
      { method: 'OPTIONS', headers },
      { method: 'GET', headers: { ...headers, 'x-graphql-yoga-csrf': '1' } },
      { method: 'HEAD', headers: { ...headers, 'x-graphql-yoga-csrf': '1' } },
    ]
    for (const init of bad) {
      await (await fetch(gateway.url, init)).text()
      const { status } = await gateway.execute(authorizationOf('bob'), count)
      expect([init.method, init.body?.slice(0, 40), status]).toEqual([
        init.method,
        init.body?.slice(0, 40),
        200,
      ])
    }
    expect(gateway.simulator.live.sessions).toBe(1)
  })

  it('are not leaked when users come and go at random, and one logs in again during logout', async () => {
    await start('--max-sessions', '2')
    const users = ['alice', 'bob', 'carol'] as const
    let maxSessions = 0
    const sampler = setInterval(() => {
      maxSessions = Math.max(maxSessions, gateway.simulator.live.sessions)
    }, 1)
    const answers = await Promise.all(
      Array.from({ length: 90 }, async (_, number) => {
        await new Promise((resolve) => setTimeout(resolve, (number * 7919) % 400))
        const client = new AbortController()
        if (number % 4 === 0) setTimeout(() => client.abort(), number % 20)
        const user = users[number % 3] as (typeof users)[number]
        return gateway.execute(authorizationOf(user), count, {}, client.signal).then(
          ({ status }) => status,
          () => 'disconnected',
        )
      }),
    )
    clearInterval(sampler)
    expect(maxSessions).toBeLessThanOrEqual(2)
    expect(new Set(answers).has(200)).toBe(true)
    expect(answers.filter((status) => ![200, 503, 'disconnected'].includes(status))).toEqual([])
    for (const user of users) expect((await gateway.execute(authorizationOf(user), count)).status).toBe(200)
  })

  it('are not created for an id that resembles one of a session object', async () => {
    await start()
    await gateway.execute(authorizationOf('bob'), count)
    const { result } = await gateway.execute(
      authorizationOf('bob'),
      '{ virtualMachine(by: { name: "web-01" }) { id } }',
    )
    const [identity] = JSON.parse(Buffer.from(result.data.virtualMachine.id, 'base64url').toString())
    for (const type of ['VirtualMachine', 'Folder', 'Task'] as const) {
      const id = encodeManagedObjectId(identity, { type, value: 'session[52d1]52e2' })
      await gateway.execute(authorizationOf('bob'), `{ node(id: "${id}") { id } }`)
    }
    await gateway.execute(
      authorizationOf('bob'),
      '{ virtualMachine(by: { moid: "session[52d1]52e2" }) { name } }',
    )
    const task = encodeManagedObjectId(identity, { type: 'Task', value: 'session[52d1]52e2' })
    const cancel = await gateway.execute(
      authorizationOf('alice'),
      `mutation { cancelTask(input: { task: "${task}" }) { task { id } } }`,
    )
    expect(codesOf(cancel.result)).toEqual(['NOT_FOUND'])
    expect(gateway.called('Login')).toBe(2)
  })
})

it.each(['authorization', 'host'])('rejects a request with two %s headers without a login', async (name) => {
  await start()
  const { hostname, port, host } = new URL(gateway.url)
  const body = JSON.stringify({ query: count })
  const socket = connect({ host: hostname, port: Number(port) })
  const second = name === 'host' ? 'Host: elsewhere.example.com' : `Authorization: ${authorizationOf('bob')}`
  socket.write(
    [
      'POST /graphql HTTP/1.1',
      `Host: ${host}`,
      `Authorization: ${authorizationOf('alice')}`,
      second,
      'Content-Type: application/json',
      `Content-Length: ${body.length}`,
      'Connection: close',
      '',
      body,
    ].join('\r\n'),
  )
  let answer = ''
  socket.on('data', (chunk) => {
    answer += chunk
  })
  await once(socket, 'close')
  expect(answer).toMatch(/^HTTP\/1\.1 400 /)
  expect(gateway.called('Login')).toBe(0)
})
