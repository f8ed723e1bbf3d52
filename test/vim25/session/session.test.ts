// Tests the shared session: one login, one renewal, one attempt with rejected credentials, and a logout at
// the end.

import { describe, expect, it, onTestFinished, vi } from 'vitest'
import type { MethodName } from '../../../src/soap/envelope.ts'
import type { Transport, TransportResponse } from '../../../src/transport/transport.ts'
import { TransportError } from '../../../src/transport/transport-error.ts'
import { getContainerView, viewManagerOf } from '../../../src/vim25/property-collector/container-views.ts'
import { retrieveProperties } from '../../../src/vim25/property-collector/property-collector.ts'
import type { ObjectContent } from '../../../src/vim25/property-collector/retrieval-types.ts'
import { UnknownProperties } from '../../../src/vim25/property-collector/unknown-properties.ts'
import type { Login } from '../../../src/vim25/session/login.ts'
import { VimFaultError } from '../../../src/vim25/vim-fault-error.ts'
import { bodyOf, connect, errorOf, noLiveObjects, rewriting, vmRef, waitUntil } from '../connect.ts'

const names = async (login: Login) => {
  const view = await getContainerView(login, 'VirtualMachine', {})
  const specSet = [
    {
      propSet: [{ type: 'VirtualMachine', pathSet: ['name'] }],
      objectSet: [
        {
          obj: view,
          skip: true,
          selectSet: [{ _typeName: 'TraversalSpec', type: 'ContainerView', path: 'view', skip: false }],
        },
      ],
    },
  ]
  const objects: ObjectContent[] = []
  await retrieveProperties(login, specSet, new UnknownProperties(), {}, (object) => objects.push(object))
  return objects.map(({ propSet }) => propSet?.[0]?.val)
}

const currentTime = (login: Login) =>
  login.call('CurrentTime', { type: 'ServiceInstance', value: 'ServiceInstance' }, {}, {})

/** Probes without pauses that a test would have to wait for. */
const soon = { initialDelayMs: 1, maxDelayMs: 1 }

describe('a session', () => {
  it('logs in once for two hundred concurrent first calls', async () => {
    const { session, counts } = connect()
    const found = await Promise.all(Array.from({ length: 200 }, () => session.withLogin(names)))
    expect(new Set(found.map((each) => each.length)).size).toBe(1)
    expect(counts()).toEqual({
      RetrieveServiceContent: 1,
      Login: 1,
      CreateContainerView: 1,
      // All send the same request.
      RetrievePropertiesEx: 1,
    })
  })

  it('reports its login and that it is active', async () => {
    const { session, simulator } = connect()
    expect([session.isConnected, session.failure !== undefined, session.lastLogin]).toEqual([
      false,
      false,
      undefined,
    ])
    const key = await session.withLogin(async (login) => login.key)
    expect(session.isConnected).toBe(true)
    expect(session.lastLogin).toMatchObject({ key, userName: 'user' })
    expect(session.lastLogin?.identity).toBe(session.lastLogin?.content.about.instanceUuid)
    expect(simulator.live.sessions).toBe(1)
  })

  it('is logged out at close, and leaves nothing behind', async () => {
    const { session, simulator, counts } = connect()
    await session.withLogin(names)
    await Promise.all([session.close(), session.close()])
    await session.close()
    expect(simulator.live).toEqual(noLiveObjects)
    expect(counts().Logout).toBe(1)
    expect(session.isConnected).toBe(false)
  })

  it('that was never used sends nothing at close', async () => {
    const { session, counts } = connect()
    await session.close()
    expect(counts()).toEqual({})
  })

  it('rejects calls after close', async () => {
    const { session, counts } = connect()
    await session.close()
    expect(await errorOf(session.withLogin(currentTime))).toMatchObject({ faultName: 'RequestCanceled' })
    expect(counts()).toEqual({})
  })

  it('is logged out when it is closed during its login', async () => {
    const { session, simulator } = connect()
    const hold = simulator.faults.pause({ method: 'Login' })
    const first = errorOf(session.withLogin((login) => currentTime(login).then(() => currentTime(login))))
    await hold.waitFor()
    const closing = session.close()
    hold.release()
    await closing
    await first
    expect(simulator.live).toEqual(noLiveObjects)
  })

  it('waits at close for a Login that takes eight seconds, and logs its session out', async () => {
    const timeout = vi.spyOn(AbortSignal, 'timeout')
    onTestFinished(() => timeout.mockRestore())
    const { session, simulator } = connect()
    const hold = simulator.faults.pause({ method: 'Login' })
    const first = errorOf(session.withLogin((login) => currentTime(login).then(() => currentTime(login))))
    await hold.waitFor()
    // Eight seconds have passed.
    timeout.mockImplementation((ms) => (ms < 8_000 ? AbortSignal.abort() : new AbortController().signal))
    const closing = session.close()
    await new Promise(setImmediate)
    timeout.mockImplementation(() => new AbortController().signal)
    hold.release()
    await closing
    await first
    expect(simulator.live).toEqual(noLiveObjects)
  })

  it('reports at close that a Login had no response in twelve seconds', async () => {
    const timeout = vi.spyOn(AbortSignal, 'timeout')
    onTestFinished(() => timeout.mockRestore())
    const { session, simulator, changes } = connect()
    const hold = simulator.faults.pause({ method: 'Login' })
    const first = errorOf(session.withLogin(currentTime))
    await hold.waitFor()
    timeout.mockImplementation((ms) => (ms === 12_000 ? AbortSignal.abort() : new AbortController().signal))
    await session.close()
    await first
    expect(changes).toContain('loginAbandoned')
    hold.release()
  })

  it('reports at close that the response to Login was lost', async () => {
    let dropConnection: (() => void) | undefined
    const { session, changes } = connect({
      wrap: (transport) => ({
        ...transport,
        async send(request) {
          if (!request.body?.includes('<Login ')) return transport.send(request)
          await new Promise<void>((resolve) => {
            dropConnection = resolve
          })
          throw new TransportError('CLOSED', 'the connection was lost')
        },
      }),
    })
    const first = errorOf(session.withLogin(currentTime))
    await waitUntil(() => dropConnection !== undefined)
    const closing = session.close()
    dropConnection?.()
    await closing
    await first
    expect(changes).toContain('loginAbandoned')
  })

  it('does not wait at close for calls before Login, and sends no Login', async () => {
    const { session, simulator, counts } = connect()
    const hold = simulator.faults.pause({ method: 'RetrieveServiceContent' })
    const first = errorOf(session.withLogin(currentTime))
    await hold.waitFor()
    await session.close()
    expect(await first).toMatchObject({ faultName: 'RequestCanceled' })
    hold.release()
    await new Promise(setImmediate)
    expect(counts().Login).toBeUndefined()
    expect(simulator.live).toEqual(noLiveObjects)
  })

  it('identifies an ESXi host without an instanceUuid by its hardware', async () => {
    const { session, simulator } = connect({
      wrap: rewriting((text) =>
        text.replace(/<instanceUuid>[^<]*<\/instanceUuid><licenseProductName>/, '<licenseProductName>'),
      ),
    })
    const identity = await session.withLogin(async (login) => login.identity)
    expect(identity).toMatch(/^[0-9a-f-]{36}$/)
    expect(simulator.live.views).toBe(0)
  })

  it('logs out when a call after the login fails', async () => {
    const { session, simulator, counts } = connect({
      reachability: soon,
      wrap: rewriting((text) =>
        text.replace(/<instanceUuid>[^<]*<\/instanceUuid><licenseProductName>/, '<licenseProductName>'),
      ),
    })
    simulator.faults.fault('SystemError', { method: 'CreateContainerView', times: 3 })
    expect(await errorOf(session.withLogin(currentTime))).toMatchObject({
      cause: { faultName: 'SystemError' },
    })
    expect(simulator.live).toEqual(noLiveObjects)
    await waitUntil(() => session.outage === undefined)
    expect(counts()).toMatchObject({ Login: 4, Logout: 3 })
    expect(simulator.live.sessions).toBe(1)
  })
})

describe('a session that has ended', () => {
  it.each(['fault', 'missingSet'] as const)(
    'is renewed once for all calls, with new views, and their work is done again: %s',
    async (shape) => {
      const { session, simulator, counts } = connect()
      const before = await session.withLogin(names)
      simulator.calls.length = 0
      simulator.faults.expireSessions(shape)
      const after = await Promise.all(Array.from({ length: 50 }, () => session.withLogin(names)))
      for (const each of after) expect(each).toEqual(before)
      expect(counts()).toMatchObject({ Login: 1, CreateContainerView: 1 })
      // The ended session is logged out in case it still exists: once, however many calls noticed.
      await waitUntil(() => counts().Logout !== undefined)
      expect(counts().Logout).toBe(1)
      expect(counts().RetrievePropertiesEx).toBeLessThanOrEqual(100)
      expect(simulator.live).toMatchObject({ sessions: 1, views: 1 })
    },
  )

  it('is not mistaken for an empty inventory', async () => {
    const { session, simulator } = connect()
    const before = await session.withLogin(names)
    simulator.faults.restart()
    expect(await session.withLogin(names)).toEqual(before)
  })

  it('is reported when it ends twice in a row', async () => {
    const { session, simulator, counts } = connect()
    simulator.faults.fault('NotAuthenticated', { method: 'CurrentTime', times: 2 })
    expect(await errorOf(session.withLogin(currentTime))).toMatchObject({ faultName: 'NotAuthenticated' })
    expect(counts()).toMatchObject({ Login: 2, CurrentTime: 2 })
    await session.withLogin(currentTime)
  })

  it('does not cancel calls that are still in progress', async () => {
    const { session, simulator } = connect({ tasks: { queuedMs: 0, durationMs: 0 } })
    await session.withLogin(currentTime)
    const hold = simulator.faults.pause({ method: 'CreateSnapshot_Task' })
    const vm = vmRef(simulator, 'web-01')
    const change = session.withLogin((login) =>
      login.call('CreateSnapshot_Task', vm, { name: 'a', memory: false, quiesce: false }, {}),
    )
    await hold.waitFor()
    simulator.faults.expireSessions('fault')
    await session.withLogin(currentTime)
    hold.release()
    expect(await change).toMatchObject({ type: 'Task' })
  })

  it('recovers when only one of its views was deleted, and leaves nothing behind', async () => {
    const { session, simulator, counts } = connect()
    const before = await session.withLogin(names)
    await session.withLogin(async (login) =>
      login.call('DestroyView', await getContainerView(login, 'VirtualMachine', {}), {}, {}),
    )
    expect(await session.withLogin(names)).toEqual(before)
    expect(counts()).toMatchObject({ Login: 2, CreateContainerView: 2 })
    await waitUntil(() => simulator.live.sessions === 1)
    expect(counts().Logout).toBe(1)
  })

  it('is not assumed after other faults', async () => {
    const { session, counts } = connect()
    const error = await errorOf(
      session.withLogin((login) => login.call('CancelTask', { type: 'Task', value: 'task-9' }, {}, {})),
    )
    expect(error).toBeInstanceOf(VimFaultError)
    expect(error).toMatchObject({ faultName: 'ManagedObjectNotFound' })
    expect(counts()).toMatchObject({ Login: 1, CancelTask: 1 })
  })
})

describe('a rejected login', () => {
  it('is attempted once, by many concurrent calls and by many later ones', async () => {
    const { session, simulator, counts } = connect({ loginPassword: 'wrong' })
    const errors = await Promise.all(
      Array.from({ length: 20 }, () => errorOf(session.withLogin(currentTime))),
    )
    for (let later = 0; later < 20; later += 1) errors.push(await errorOf(session.withLogin(currentTime)))
    for (const error of errors) expect(error).toMatchObject({ faultName: 'InvalidLogin' })
    expect(counts().Login).toBe(1)
    expect(session.failure !== undefined).toBe(true)
    expect(simulator.live.sessions).toBe(0)
    expect(JSON.stringify(errors.map(String))).not.toContain('wrong')
  })

  it('is not final with other faults, and not retried by every call', async () => {
    const { session, simulator, counts } = connect()
    simulator.faults.fault('NoPermission', { method: 'Login' })
    for (let time = 0; time < 20; time += 1) {
      const error = await errorOf(session.withLogin(currentTime))
      expect([error.name, error.cause]).toMatchObject(['CircuitOpenError', { faultName: 'NoPermission' }])
    }
    expect([counts().Login, session.failure !== undefined]).toEqual([1, false])
  })

  it('for a session that was active is final as well: credentials that were valid once are not tried again', async () => {
    let right = 'pass'
    const { session, simulator, counts } = connect({ loginPassword: () => right })
    await session.withLogin(currentTime)
    // As if the password was changed and the sessions with the old one were ended.
    right = 'of yesterday'
    simulator.faults.expireSessions('fault')
    const errors = await Promise.all(
      Array.from({ length: 20 }, () => errorOf(session.withLogin(currentTime))),
    )
    errors.push(await errorOf(session.withLogin(currentTime)))
    for (const error of errors) expect(error).toMatchObject({ faultName: 'InvalidLogin' })
    expect([counts().Login, session.failure !== undefined, session.outage]).toEqual([2, true, undefined])
  })

  it('ends with another password, which is tried once', async () => {
    let given = 'wrong'
    const { session, counts } = connect({ loginPassword: () => given })
    await errorOf(session.withLogin(currentTime))
    given = 'wrong too'
    for (let later = 0; later < 5; later += 1) await errorOf(session.withLogin(currentTime))
    expect([counts().Login, session.failure !== undefined]).toEqual([2, true])
    given = 'pass'
    await Promise.all(Array.from({ length: 20 }, () => session.withLogin(currentTime)))
    expect([counts().Login, session.failure !== undefined]).toEqual([3, false])
  })
})

describe('a vCenter that cannot be reached', () => {
  it('is retried in the background until the login succeeds, and reports the recovery', async () => {
    const { session, simulator, counts, changes } = connect({ reachability: soon })
    simulator.faults.dropConnection('unread', { method: 'RetrieveServiceContent' })
    simulator.faults.unavailable({ method: 'Login', times: 2 })
    expect(await errorOf(session.withLogin(currentTime))).toMatchObject({ code: 'CLOSED' })
    await waitUntil(() => session.outage === undefined)
    expect(changes).toEqual([
      ...['unreachable', 'loginFailed', 'loginFailed', 'unreachable', 'loginFailed', 'loggedIn', 'recovered'],
    ])
    await session.withLogin(currentTime)
    // Two of them were not executed.
    expect(counts().Login).toBe(1)
    expect(simulator.live.sessions).toBe(1)
  })

  it('gets no requests from calls that arrive meanwhile', async () => {
    const { session, simulator } = connect()
    await session.withLogin(currentTime)
    simulator.faults.unavailable({ times: Number.POSITIVE_INFINITY })
    for (let time = 0; time < 5; time += 1)
      expect(await errorOf(session.withLogin(currentTime))).toMatchObject({ code: 'STATUS' })
    simulator.calls.length = 0
    simulator.faults.clear()
    for (let time = 0; time < 20; time += 1)
      expect(await errorOf(session.withLogin(currentTime))).toMatchObject({ name: 'CircuitOpenError' })
    expect(simulator.calls).toEqual([])
  })

  it('does not open the circuit for one read, however often that is retried', async () => {
    const { session, simulator, counts } = connect()
    await session.withLogin(names)
    simulator.faults.dropConnection('unread', {
      method: 'RetrievePropertiesEx',
      times: Number.POSITIVE_INFINITY,
    })
    expect(await errorOf(session.withLogin(names))).toMatchObject({ code: 'CLOSED' })
    expect(session.outage).toBeUndefined()
    expect(counts().RetrievePropertiesEx).toBe(1)
  })

  it('and has lost the session when it is back is logged in to once', async () => {
    const { session, simulator, counts } = connect({ reachability: soon })
    const before = await session.withLogin(names)
    simulator.faults.unavailable({ method: 'CurrentTime', times: 7 })
    for (let time = 0; time < 5; time += 1) await errorOf(session.withLogin(currentTime))
    simulator.faults.restart()
    await waitUntil(() => session.outage === undefined)
    expect(counts().Login).toBe(2)
    const found = await Promise.all(Array.from({ length: 50 }, () => session.withLogin(names)))
    for (const each of found) expect(each).toEqual(before)
    expect(counts()).toMatchObject({ Login: 2, CreateContainerView: 2 })
  })

  it('is not mistaken for an old one while it starts', async () => {
    const { session, simulator } = connect()
    simulator.faults.unavailable()
    expect(await errorOf(session.withLogin(currentTime))).toMatchObject({ code: 'STATUS', status: 503 })
  })
})

describe('a session probe', () => {
  it('logs in when there is no login yet', async () => {
    const { session, counts } = connect()
    await session.probe()
    expect([session.isConnected, counts().Login]).toEqual([true, 1])
  })

  it('does not keep a session alive', async () => {
    const { session, simulator, clock, counts } = connect({ sessionIdleMs: 60_000 })
    await session.withLogin(currentTime)
    for (let seconds = 0; seconds <= 60; seconds += 10) {
      await session.probe()
      clock.advance(10_000)
    }
    expect(simulator.live.sessions).toBe(0)
    await session.probe()
    expect(counts().Login).toBe(1)
    await session.withLogin(currentTime)
    expect(counts().Login).toBe(2)
  })

  it('reports a vCenter that does not respond, and one that rejected the login', async () => {
    const { session, simulator } = connect()
    await session.withLogin(currentTime)
    simulator.faults.unavailable()
    expect(await errorOf(session.probe())).toMatchObject({ code: 'STATUS', status: 503 })
    const other = connect({ loginPassword: 'wrong' })
    for (let time = 0; time < 3; time += 1)
      expect(await errorOf(other.session.probe())).toMatchObject({ faultName: 'InvalidLogin' })
    expect(other.counts().Login).toBe(1)
  })
})

describe('an abort', () => {
  it('of one caller that waits for the login does not affect the others', async () => {
    const { session, simulator, counts } = connect()
    const hold = simulator.faults.pause({ method: 'Login' })
    const abort = new AbortController()
    const one = errorOf(session.withLogin(currentTime, { signal: abort.signal }))
    const other = session.withLogin(currentTime)
    await hold.waitFor()
    abort.abort()
    expect((await one).name).toBe('AbortError')
    hold.release()
    expect(await other).toBeInstanceOf(Date)
    expect(counts().Login).toBe(1)
  })

  it('before the start sends nothing, also on a session that is rejected or closed', async () => {
    const callOptions = { signal: AbortSignal.abort() }
    const { session, counts } = connect({ loginPassword: 'wrong' })
    expect((await errorOf(session.withLogin(currentTime, callOptions))).name).toBe('AbortError')
    expect(counts()).toEqual({})
    await errorOf(session.withLogin(currentTime))
    // An unhandled rejection would fail the run.
    expect((await errorOf(session.withLogin(currentTime, callOptions))).name).toBe('AbortError')
    await session.close()
    expect((await errorOf(session.withLogin(currentTime, callOptions))).name).toBe('AbortError')
    await new Promise(setImmediate)
  })
})

describe('a value that is memoized per login', () => {
  it('is computed by one of many callers, and by the next one after a failure', async () => {
    const { session, simulator, counts } = connect()
    simulator.faults.fault('SystemError', { method: 'CreateContainerView' })
    const views = await Promise.allSettled(
      Array.from({ length: 10 }, () =>
        session.withLogin((login) => getContainerView(login, 'HostSystem', {})),
      ),
    )
    expect(new Set(views.map(({ status }) => status))).toEqual(new Set(['rejected']))
    expect(counts().CreateContainerView).toBe(1)
    await session.withLogin((login) => getContainerView(login, 'HostSystem', {}))
    expect(counts().CreateContainerView).toBe(2)
  })
})

describe('a server-side object of the session', () => {
  const lostResponses: [string, (response: TransportResponse) => Promise<TransportResponse>][] = [
    ['is cut', () => Promise.reject(new TransportError('CLOSED', 'the connection was lost'))],
    [
      'is an error status of a proxy',
      async (response) => ({ ...response, status: 503, body: bodyOf('<html>') }),
    ],
    ['is not SOAP', async (response) => ({ ...response, body: bodyOf('<html>') })],
  ]
  const creations: [MethodName, (login: Login) => Promise<unknown>][] = [
    ['CreateContainerView', (login) => getContainerView(login, 'VirtualMachine', {})],
    ['CreateListView', (login) => login.call('CreateListView', viewManagerOf(login), {}, {})],
    [
      'CreatePropertyCollector',
      ({ call, content }) => call('CreatePropertyCollector', content.propertyCollector, {}, {}),
    ],
  ]
  it.each(
    lostResponses.flatMap(([how, lose]) =>
      creations.map(([method, create]) => ({ how, lose, method, create })),
    ),
  )(
    'whose response to $method $how is destroyed with its session, and another one is created',
    async ({ lose, method, create }) => {
      let isLost = true
      const wrap = (transport: Transport): Transport => ({
        ...transport,
        async send(request) {
          const response = await transport.send(request)
          if (!isLost || !request.body?.includes(`<${method} `)) return response
          isLost = false
          return lose(response)
        },
      })
      const { session, simulator, counts } = connect({ wrap })
      await errorOf(session.withLogin(create))
      await session.withLogin(currentTime)
      await waitUntil(() => simulator.live.sessions === 1)
      expect(simulator.live).toMatchObject({ views: 0, collectors: 0 })
      expect(counts()).toMatchObject({ Login: 2, Logout: 1 })
    },
  )

  it('causes at most one new login a minute when the responses to its creation stay unreadable', async () => {
    const timer = vi.spyOn(globalThis, 'setTimeout')
    onTestFinished(() => timer.mockRestore())
    const wrap = (transport: Transport): Transport => ({
      ...transport,
      async send(request) {
        const response = await transport.send(request)
        return request.body?.includes('<CreateListView ') ? { ...response, body: bodyOf('<html>') } : response
      },
    })
    const { session, simulator, counts } = connect({ wrap })
    const create = (login: Login) => login.call('CreateListView', viewManagerOf(login), {}, {})
    for (let n = 0; n < 20; n += 1) await errorOf(session.withLogin(create))
    await waitUntil(() => simulator.live.sessions === 1)
    expect(counts()).toMatchObject({ CreateListView: 20, Login: 2, Logout: 1 })
    // A minute later, what remains is destroyed with its session.
    const replacements = timer.mock.calls.filter(([, ms]) => Number(ms) > 50_000 && Number(ms) <= 60_000)
    expect(replacements).toHaveLength(1)
    expect(simulator.live.views).toBe(19)
    const now = vi.spyOn(performance, 'now').mockReturnValue(performance.now() + 60_000)
    onTestFinished(() => now.mockRestore())
    replacements[0]?.[0]()
    await session.withLogin(currentTime)
    await waitUntil(() => simulator.live.sessions === 1)
    expect(simulator.live.views).toBe(0)
    expect(counts()).toMatchObject({ Login: 3, Logout: 2 })
  })

  it('is created once more on the same login when the server returned a fault, or nothing was sent', async () => {
    let isRejected = false
    const wrap = (transport: Transport): Transport => ({
      ...transport,
      send: (request) =>
        isRejected && request.body?.includes('<CreateContainerView ')
          ? Promise.reject(new TransportError('CONNECT', 'refused'))
          : transport.send(request),
    })
    const { session, simulator, counts } = connect({ wrap })
    const create = () => session.withLogin((login) => getContainerView(login, 'VirtualMachine', {}))
    simulator.faults.fault('SystemError', { method: 'CreateContainerView' })
    expect(await errorOf(create())).toMatchObject({ faultName: 'SystemError' })
    isRejected = true
    expect(await errorOf(create())).toMatchObject({ code: 'CONNECT' })
    isRejected = false
    await create()
    expect(counts()).toMatchObject({ Login: 1 })
    expect(simulator.live.views).toBe(1)
  })

  it('is destroyed later when its Destroy cannot be sent now', async () => {
    let failures = 1
    const wrap = (transport: Transport): Transport => ({
      ...transport,
      send: (request) =>
        request.body?.includes('<DestroyView ') && failures-- > 0
          ? Promise.reject(new TransportError('CONNECT', 'refused'))
          : transport.send(request),
    })
    const { session, simulator } = connect({ wrap })
    const view = await session.withLogin((login) => getContainerView(login, 'VirtualMachine', {}))
    session.lastLogin?.discard('DestroyView', view)
    await waitUntil(() => failures === 0)
    expect(simulator.live.views).toBe(1)
    await expect.poll(() => simulator.live.views).toBe(0)
  })

  it('is destroyed later when its Destroy fails on the server, and not when it is rejected', async () => {
    const { session, simulator, counts } = connect()
    const view = await session.withLogin((login) => getContainerView(login, 'VirtualMachine', {}))
    simulator.faults.fault('SystemError', { method: 'DestroyView' })
    const destroyed = session.lastLogin?.destroy('DestroyView', view)
    await waitUntil(() => counts().DestroyView === 1)
    expect(simulator.live.views).toBe(1)
    await destroyed
    expect(simulator.live.views).toBe(0)
    await session.lastLogin?.destroy('DestroyView', view)
    expect(counts()).toMatchObject({ DestroyView: 3 })
  })
})
