// The vAPI session on the simulator: login in both generations, reuse, renewal, logout, failures, and the limits of calls.

import { afterEach, describe, expect, it } from 'vitest'
import { createSimulator, type Simulator } from '../../src/simulator/index.ts'
import { createUndiciTransport } from '../../src/transport/undici-transport.ts'
import { VapiCallLimits } from '../../src/vapi/call-limits.ts'
import { TagDefinitions } from '../../src/vapi/tag-definitions.ts'
import { Tagging } from '../../src/vapi/tagging.ts'
import { createVapiSession, type VapiSession } from '../../src/vapi/vapi-session.ts'
import { createTestClock } from './test-clock.ts'

const html = '<html><body><h1>503 Service Unavailable</h1></body></html>'
const notServed = { status: 404, body: 'Not Found', contentType: 'text/plain' }

interface Started {
  readonly simulator: Simulator
  readonly session: VapiSession
  readonly tagging: Tagging
  readonly tags: TagDefinitions
  readonly clock: ReturnType<typeof createTestClock>
  readonly calls: string[]
  password: string
  /** When a SOAP login with the password succeeded. */
  acceptedAt: number | undefined
}

let started: Started | undefined

afterEach(async () => {
  await started?.session.close()
  await started?.simulator.close()
  started = undefined
})

function start(): Started {
  const simulator = createSimulator()
  const clock = createTestClock()
  const limits = new VapiCallLimits(clock)
  const calls: string[] = []
  const session = createVapiSession({
    connect: () => simulator.transport(),
    userName: 'user',
    password: () => begun.password,
    acceptedAt: () => begun.acceptedAt,
    limits,
    onCall: ({ method, outcome }) => calls.push(`${method} ${outcome}`),
  })
  const tagging = new Tagging(session)
  const tags = new TagDefinitions(tagging, clock)
  const begun: Started = {
    simulator,
    session,
    tagging,
    tags,
    clock,
    calls,
    password: 'pass',
    acceptedAt: undefined,
  }
  started = begun
  return begun
}

const requests = ({ simulator }: Started): string[] =>
  simulator.rest.calls.map(({ method, path }) => `${method} ${path}`)

describe('a vAPI session', () => {
  it('logs in at the first call, once for concurrent calls, and out at the end', async () => {
    const begun = start()
    expect(begun.simulator.live.restSessions).toBe(0)
    await Promise.all([begun.tagging.tagIds({}), begun.tagging.categoryIds({})])
    await begun.tagging.tagIds({})
    expect(requests(begun)).toEqual([
      'POST /api/session',
      'GET /api/cis/tagging/tag',
      'GET /api/cis/tagging/category',
      'GET /api/cis/tagging/tag',
    ])
    expect(begun.simulator.live.restSessions).toBe(1)
    await begun.session.close()
    expect(requests(begun).at(-1)).toBe('DELETE /api/session')
    expect(begun.simulator.live.restSessions).toBe(0)
    await expect(begun.tagging.tagIds({})).rejects.toThrow('the session is closed')
    expect(begun.calls).toEqual([
      'session.create success',
      'tag.list success',
      'category.list success',
      'tag.list success',
      'session.delete success',
    ])
  })

  it('uses /rest when an older server rejects the request to /api', async () => {
    const begun = start()
    begun.simulator.rest.inject({ status: 400 }, /^.api.session/)
    expect(await begun.tagging.tagIds({})).toHaveLength(6)
    expect(requests(begun)[1]).toBe('POST /rest/com/vmware/cis/session')
  })

  it('uses /rest when the server has no /api', async () => {
    const begun = start()
    begun.simulator.rest.generations.delete('api')
    const [tag] = await begun.tags.allTags({})
    expect(tag).toMatchObject({
      name: 'production',
      category: { name: 'environment', cardinality: 'SINGLE' },
    })
    expect(requests(begun).slice(0, 3)).toEqual([
      'POST /api/session',
      'POST /rest/com/vmware/cis/session',
      'GET /rest/com/vmware/cis/tagging/tag',
    ])
    await begun.session.close()
    expect(requests(begun).at(-1)).toBe('DELETE /rest/com/vmware/cis/session')
    expect(begun.simulator.live.restSessions).toBe(0)
  })

  it('logs in again, once, when the session has expired', async () => {
    const begun = start()
    await begun.tagging.tagIds({})
    begun.simulator.rest.sessions.endAll()
    await expect(
      Promise.all([begun.tagging.tagIds({}), begun.tagging.categoryIds({})]),
    ).resolves.toBeDefined()
    expect(requests(begun).filter((each) => each === 'POST /api/session')).toHaveLength(2)
    expect(begun.simulator.live.restSessions).toBe(1)
  })

  it('fails, and leaves no session, when the new session is rejected too', async () => {
    const begun = start()
    begun.simulator.rest.inject({ status: 401 }, /tagging/, 2)
    await expect(begun.tagging.tagIds({})).rejects.toMatchObject({ code: 'UNAUTHENTICATED' })
    await begun.session.close()
    expect(begun.simulator.live.restSessions).toBe(0)
  })

  it('pauses when each new session is rejected, instead of logging in for each call', async () => {
    const begun = start()
    begun.simulator.rest.inject({ status: 401 }, /tagging/, Number.POSITIVE_INFINITY)
    for (let count = 0; count < 20; count += 1) await expect(begun.tagging.tagIds({})).rejects.toThrow()
    expect(requests(begun).filter((each) => each === 'POST /api/session')).toHaveLength(10)
    await begun.session.close()
    expect(begun.simulator.live.restSessions).toBe(0)
  })

  it('logs out again when the logout has failed', async () => {
    const begun = start()
    await begun.tagging.tagIds({})
    begun.simulator.rest.inject({ status: 503 }, /session/)
    await begun.session.close()
    expect(begun.simulator.live.restSessions).toBe(0)
  })

  it('does not send a rejected password again until it changes', async () => {
    const begun = start()
    begun.password = 'wrong'
    for (let count = 0; count < 3; count += 1)
      await expect(begun.tagging.tagIds({})).rejects.toMatchObject({ code: 'LOGIN_REJECTED' })
    begun.clock.advance(3_600_000)
    await expect(begun.tagging.tagIds({})).rejects.toMatchObject({ code: 'LOGIN_REJECTED' })
    expect(requests(begun)).toEqual(['POST /api/session'])
    begun.password = 'pass'
    expect(await begun.tagging.tagIds({})).toHaveLength(6)
  })

  describe('whose login was rejected although the password is right', () => {
    const reject = async (begun: Started) => {
      begun.acceptedAt = begun.clock.now()
      begun.simulator.rest.inject({ status: 401 }, /session/)
      await expect(begun.tagging.tagIds({})).rejects.toMatchObject({ code: 'LOGIN_REJECTED' })
      begun.clock.advance(59 * 60_000)
      await expect(begun.tagging.tagIds({})).rejects.toMatchObject({ code: 'LOGIN_REJECTED' })
      expect(requests(begun)).toEqual(['POST /api/session'])
    }

    it('logs in again after the next SOAP login', async () => {
      const begun = start()
      await reject(begun)
      begun.acceptedAt = begun.clock.now()
      expect(await begun.tagging.tagIds({})).toHaveLength(6)
    })

    it('logs in again after an hour, and only while there is a SOAP login', async () => {
      const begun = start()
      await reject(begun)
      begun.clock.advance(60_000)
      begun.acceptedAt = undefined
      await expect(begun.tagging.tagIds({})).rejects.toMatchObject({ code: 'LOGIN_REJECTED' })
      begun.acceptedAt = 0
      expect(await begun.tagging.tagIds({})).toHaveLength(6)
    })
  })

  it.each([
    ['the endpoint is down', { status: 503, body: html, contentType: 'text/html' }, 'UNAVAILABLE'],
    ['a proxy responds', { status: 200, body: html, contentType: 'text/html' }, 'INVALID_RESPONSE'],
    ['the account may not', { status: 403 }, 'FORBIDDEN'],
    ['it is overloaded', { status: 429 }, 'UNAVAILABLE'],
  ])('waits before the next login when %s', async (_case, reply, code) => {
    const begun = start()
    begun.simulator.rest.inject(reply, /session/)
    await expect(begun.tagging.tagIds({})).rejects.toMatchObject({ code })
    await expect(begun.tagging.tagIds({})).rejects.toMatchObject({ code })
    expect(requests(begun)).toHaveLength(1)
    begun.clock.advance(5_000)
    expect(await begun.tagging.tagIds({})).toHaveLength(6)
  })

  it('says that there is no vAPI when neither generation is served', async () => {
    const begun = start()
    begun.simulator.rest.inject(notServed, /./, 2)
    await expect(begun.tagging.tagIds({})).rejects.toMatchObject({ code: 'ABSENT' })
    expect(requests(begun)).toEqual(['POST /api/session', 'POST /rest/com/vmware/cis/session'])
  })

  it('names the session limit of the account', async () => {
    const begun = start()
    begun.simulator.rest.sessions.maxPerUser = 0
    await expect(begun.tagging.tagIds({})).rejects.toMatchObject({ code: 'TOO_MANY_SESSIONS' })
  })

  it.each([
    ['503', { status: 503, body: html, contentType: 'text/html' }, 'UNAVAILABLE'],
    ['HTML with 200', { status: 200, body: html, contentType: 'text/html' }, 'INVALID_RESPONSE'],
    ['JSON of another shape', { status: 200, body: '{"a":1}' }, 'INVALID_RESPONSE'],
    ['a list of something else', { status: 200, body: '[1]' }, 'INVALID_RESPONSE'],
    ['an empty response', { status: 200 }, 'INVALID_RESPONSE'],
    ['a redirect', { status: 302 }, 'INVALID_RESPONSE'],
    ['403', { status: 403 }, 'FORBIDDEN'],
  ])('fails a call with %s, and keeps the session', async (_case, reply, code) => {
    const begun = start()
    begun.simulator.rest.inject(reply, /tagging/)
    await expect(begun.tagging.tagIds({})).rejects.toMatchObject({ code })
    expect(await begun.tagging.tagIds({})).toHaveLength(6)
    expect(requests(begun).filter((each) => each.includes('session'))).toHaveLength(1)
  })

  it('pauses its calls after five failures in a row, and then tries again', async () => {
    const begun = start()
    const undo = begun.simulator.rest.inject({ status: 503 }, /tagging/, Number.POSITIVE_INFINITY)
    for (let count = 0; count < 5; count += 1)
      await expect(begun.tagging.tagIds({})).rejects.toMatchObject({ code: 'UNAVAILABLE' })
    await expect(begun.tagging.tagIds({})).rejects.toThrow('5 failures in a row: HTTP status 503')
    expect(requests(begun)).toHaveLength(1 + 5)
    begun.clock.advance(5_000)
    await expect(begun.tagging.tagIds({})).rejects.toMatchObject({ code: 'UNAVAILABLE' })
    begun.clock.advance(9_999)
    undo()
    await expect(begun.tagging.tagIds({})).rejects.toThrow('6 failures in a row')
    begun.clock.advance(1)
    expect(await begun.tagging.tagIds({})).toHaveLength(6)
    expect(await begun.tagging.tagIds({})).toHaveLength(6)
  })

  it.each(['unread', 'unanswered', 'midBody'] as const)(
    'fails when the connection drops (%s)',
    async (drop) => {
      const begun = start()
      begun.simulator.rest.inject({ status: 200, drop }, /tagging/)
      await expect(begun.tagging.tagIds({})).rejects.toMatchObject({ code: 'CLOSED' })
    },
  )

  it('has no secret in its errors', async () => {
    const begun = start()
    begun.password = 'wrong-secret'
    const error: unknown = await begun.tagging.tagIds({}).catch((reason: unknown) => reason)
    expect(JSON.stringify([error, String(error), (error as Error).stack])).not.toMatch(/wrong-secret|Basic /)
    begun.password = 'pass'
    begun.simulator.rest.inject({ status: 201, body: '"0123456789abcdef' }, /session/)
    const invalid: unknown = await begun.tagging.tagIds({}).catch((reason: unknown) => reason)
    expect(JSON.stringify([invalid, String(invalid)])).not.toContain('0123456789abcdef')
  })
})

describe('over real connections', () => {
  it('logs in, reads and logs out', async () => {
    const begun = start()
    const { url } = await begun.simulator.listen({ tls: true })
    const session = createVapiSession({
      connect: () => createUndiciTransport({ url, userAgent: 'test', tls: { insecure: true } }),
      userName: 'user',
      password: () => 'pass',
      limits: new VapiCallLimits(),
    })
    expect(await new Tagging(session).tagIds({})).toHaveLength(6)
    expect(begun.simulator.live.restSessions).toBe(1)
    await session.close()
    expect(begun.simulator.live.restSessions).toBe(0)
  })
})

describe('definitions', () => {
  it('are read once in 60 seconds', async () => {
    const begun = start()
    await Promise.all([begun.tags.allTags({}), begun.tags.allTags({})])
    const reads = () => requests(begun).filter((each) => each.includes('urn:'))
    expect(reads()).toHaveLength(6 + 3)
    begun.clock.advance(59_999)
    await begun.tags.allTags({})
    expect(reads()).toHaveLength(9)
    begun.clock.advance(1)
    await begun.tags.allTags({})
    expect(reads()).toHaveLength(18)
  })

  it('are not kept after a failure, which cancels the others', async () => {
    const begun = start()
    const { id: categoryId } = begun.simulator.rest.store.addCategory({
      name: 'rack',
      cardinality: 'MULTIPLE',
    })
    for (let at = 0; at < 20; at += 1) begun.simulator.rest.store.addTag({ categoryId, name: `rack-${at}` })
    begun.simulator.rest.inject({ status: 503 }, /urn:/)
    await expect(begun.tags.allTags({})).rejects.toMatchObject({ code: 'UNAVAILABLE' })
    expect(requests(begun).length).toBeLessThan(15)
    begun.clock.advance(1_000)
    await expect(begun.tags.allTags({})).resolves.toHaveLength(26)
  })

  it('leave out a tag that was removed meanwhile', async () => {
    const begun = start()
    const { store } = begun.simulator.rest
    const ids = await begun.tagging.tagIds({})
    store.removeTag(store.find('backup', 'weekly').id)
    expect(await begun.tags.tags(ids, {})).toHaveProperty('size', 5)
  })

  it('start at most 50 calls a second', async () => {
    const begun = start()
    const { store } = begun.simulator.rest
    const { id: categoryId } = store.addCategory({ name: 'rack', cardinality: 'MULTIPLE' })
    for (let at = 0; at < 114; at += 1) store.addTag({ categoryId, name: `rack-${at}` })
    const read = begun.tags.allTags({})
    // Logins are few and not counted.
    for (const expected of [1 + 50, 1 + 100]) {
      await expect.poll(() => begun.simulator.rest.calls.length, { interval: 5 }).toBe(expected)
      await new Promise((resolve) => setImmediate(resolve))
      expect(begun.simulator.rest.calls.length).toBe(expected)
      begun.clock.advance(1_000)
    }
    expect(await read).toHaveLength(120)
  })
})
