// The server's lifecycle on real ports: a vCenter that is available, down, appearing, rejecting or untrusted; clients that
// disconnect; and a clean shutdown. No log line or response contains a password.

import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { afterEach, describe, expect, onTestFinished, test } from 'vitest'
import { loadServeConfig } from '../../src/config/config.ts'
import type { LogFields } from '../../src/observability/log.ts'
import { type RunningServer, startServer } from '../../src/server/start-server.ts'
import { createSimulator, type Simulator } from '../../src/simulator/index.ts'
import { controlLongWaits } from '../long-waits.ts'
import { subscribe } from '../subscribe.ts'

const password = 'correct horse battery'
const reported: string[] = []

afterEach(() => {
  const all = reported.join('\n')
  expect(all).not.toContain(password)
  expect(all).not.toContain(encodeURIComponent(password))
  expect(all).not.toMatch(/^ +at /m)
  reported.length = 0
})

function simulate(): Simulator {
  const simulator = createSimulator({ password, tasks: { queuedMs: 0, durationMs: 0 } })
  onTestFinished(() => simulator.close())
  return simulator
}

interface Started extends RunningServer {
  readonly lines: readonly string[]
  /** Resolves when a log line contains the string. */
  logged(text: string): Promise<string>
  get(path: string): Promise<{ status: number; text: string }>
  // biome-ignore lint/suspicious/noExplicitAny: depends on the operation's selection
  execute(query: string, signal?: AbortSignal): Promise<any>
}

async function serve(url: string | undefined, ...flags: string[]): Promise<Started> {
  const lines: string[] = []
  const watchers = new Set<() => void>()
  const add = (line: string) => {
    lines.push(line)
    reported.push(line)
    for (const watcher of watchers) watcher()
  }
  // Leaves out the log lines of operations and mutations.
  const info = (line: string, fields?: LogFields) =>
    fields ? void reported.push(JSON.stringify(fields)) : add(line)
  const vcenter = url ? ['--url', url, '--username', 'user'] : []
  const config = loadServeConfig({
    argv: ['--port', '0', ...vcenter, ...flags],
    env: url ? { VSPHERE_PASSWORD: password } : {},
  })
  const server = await startServer(config, { info, warn: add, error: add })
  onTestFinished(() => server.stop())
  const read = async (response: Response) => {
    const text = await response.text()
    reported.push(text)
    return { status: response.status, text }
  }
  return {
    ...server,
    lines,
    logged: (text) =>
      new Promise((resolve) => {
        const watcher = () => {
          const line = lines.find((each) => each.includes(text))
          if (line === undefined) return
          watchers.delete(watcher)
          resolve(line)
        }
        watchers.add(watcher)
        watcher()
      }),
    get: async (path) => read(await fetch(new URL(path, server.url))),
    async execute(query, signal) {
      const response = await fetch(server.url, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ query }),
        ...(signal && { signal }),
      })
      return JSON.parse((await read(response)).text)
    },
  }
}

/** A port without a listener. */
async function freePort(): Promise<number> {
  const server = createServer()
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

/** The body of /ready, which contains only a code and a start time. */
const notReady = (reason: string) =>
  expect.stringMatching(new RegExp(`^\\{"ready":false,"reason":"${reason}"(,"since":"[-0-9T:.]+Z")?\\}\n$`))

const logins = ({ calls }: Simulator) => calls.filter(({ method }) => method === 'Login').length

describe('a vCenter', () => {
  test('is logged in to once at startup', async () => {
    const simulator = simulate()
    const { url } = await simulator.listen()
    const server = await serve(url)
    expect(await server.execute('{ vcenters { name connected } }')).toEqual({
      data: { vcenters: [{ name: new URL(url).host, connected: true }] },
    })
    expect(await server.get('/ready')).toEqual({ status: 200, text: '' })
    expect(logins(simulator)).toBe(1)
    expect(server.lines).toEqual([
      expect.stringContaining('logged in as user to VMware vCenter Server 8.0.2'),
    ])
  })

  test('is retried while it is unreachable, and detected when it appears', async () => {
    const simulator = simulate()
    const port = await freePort()
    const server = await serve(`http://127.0.0.1:${port}`)
    const line = await server.logged('could not connect')
    expect(line).toBe(
      `127.0.0.1:${port}: could not connect to http://127.0.0.1:${port}: the connection was refused. Check that the vCenter is running and reachable from this machine. The gateway reconnects by itself.`,
    )
    expect(await server.get('/health')).toEqual({ status: 200, text: '' })
    expect(await server.get('/ready')).toEqual({ status: 503, text: notReady('UNREACHABLE') })
    const { errors } = await server.execute('{ virtualMachines { totalCount } }')
    expect(errors).toMatchObject([{ extensions: { code: 'VCENTER_UNAVAILABLE', retryable: true } }])

    await simulator.listen({ port })
    const login = await server.logged('logged in')
    const back = await server.logged('vCenter connection restored')
    expect(await server.get('/ready')).toEqual({ status: 200, text: '' })
    expect((await server.execute('{ virtualMachines { totalCount } }')).data.virtualMachines.totalCount).toBe(
      20,
    )
    expect(server.lines).toEqual([line, login, back])
    expect(simulator.live.sessions).toBe(1)
  })

  test('makes the gateway not ready while it is down, and ready when it is back', async () => {
    const simulator = simulate()
    const listening = await simulator.listen()
    const server = await serve(listening.url)
    expect(await server.get('/ready')).toEqual({ status: 200, text: '' })
    await listening.close()
    expect(await server.get('/ready')).toEqual({ status: 503, text: notReady('UNREACHABLE') })
    await simulator.listen({ port: listening.port })
    expect(await server.get('/ready')).toEqual({ status: 200, text: '' })
  })

  test('receives a rejected password once, and the error says so', async () => {
    const simulator = createSimulator({ password: 'another' })
    onTestFinished(() => simulator.close())
    const { url } = await simulator.listen()
    const server = await serve(url)
    await server.logged('rejected')
    for (let time = 0; time < 2; time += 1) {
      expect(await server.get('/ready')).toEqual({ status: 503, text: notReady('LOGIN_REFUSED') })
      const { errors } = await server.execute('{ virtualMachines { totalCount } }')
      expect(errors).toMatchObject([
        {
          extensions: {
            code: 'VCENTER_UNAVAILABLE',
            fault: 'InvalidLogin',
            retryable: false,
            remedy: expect.stringContaining('user name or password'),
          },
        },
      ])
      // Clients may have their own login, which this error does not concern.
      expect(errors?.[0]?.message).toMatch(/^the gateway cannot log in to the vCenter/)
    }
    expect(server.lines).toHaveLength(1)
    expect(server.lines[0]).toContain(
      'The gateway does not retry these credentials, so that the account is not locked',
    )
    expect(server.lines[0]).toContain('"user')
    expect(logins(simulator)).toBe(1)
    await server.stop()
    expect(logins(simulator)).toBe(1)
  })

  test('with an untrusted certificate is logged with its thumbprint and a remedy, and never receives the password', async () => {
    const simulator = simulate()
    const { url, thumbprint } = await simulator.listen({ tls: true })
    const server = await serve(url)
    const line = await server.logged('is not trusted')
    expect(line).toContain(`Its SHA-256 thumbprint is ${thumbprint}`)
    for (const flag of ['--ca-file', '--thumbprint']) expect(line).toContain(flag)
    expect(line).not.toContain('--insecure')
    expect(await server.get('/ready')).toEqual({ status: 503, text: notReady('CERTIFICATE') })
    // Clients get two sentences without addresses, thumbprints, flags or the time of the next attempt.
    const { errors } = await server.execute('{ virtualMachines { totalCount } }')
    expect(errors).toMatchObject([
      {
        message: 'the certificate of the vCenter is not trusted',
        extensions: { code: 'VCENTER_UNAVAILABLE', retryable: false, remedy: expect.stringContaining('log') },
      },
    ])
    expect(JSON.stringify(errors)).not.toMatch(/https?:|--|([\dA-F]{2}:){3}/)
    expect(simulator.calls).toEqual([])

    const pinning = await serve(url, '--thumbprint', thumbprint as string)
    expect(await pinning.get('/ready')).toEqual({ status: 200, text: '' })
  })
})

test('reports the path of the SDK when the URL leads to another path of the vCenter', async () => {
  const { url } = await simulate().listen()
  const server = await serve(`${url.replace(/\/sdk$/, '')}/ui/`)
  const line = await server.logged('HTTP status 404')
  expect(line).toContain('RetrieveServiceContent returned HTTP status 404 at /ui. ')
  expect(line).toContain('/sdk')
  expect(await server.get('/ready')).toEqual({ status: 503, text: notReady('UNREACHABLE') })
})

describe('a client disconnect', () => {
  test('aborts the reads of the request', async () => {
    const simulator = simulate()
    const server = await serve((await simulator.listen()).url)
    await server.get('/ready')
    const pause = simulator.faults.pause({ method: 'RetrievePropertiesEx' })
    const client = new AbortController()
    const answer = server.execute('{ virtualMachines { nodes { name } } }', client.signal)
    await pause.waitFor()
    client.abort()
    await expect(answer).rejects.toMatchObject({ name: 'AbortError' })
    await expect.poll(() => pause.waiting).toBe(0)
    pause.release()
    expect(await server.get('/ready')).toEqual({ status: 200, text: '' })
    expect(server.lines.filter((line) => !line.includes('logged in'))).toEqual([])
  })

  test('aborts a response of many pages, and releases them on the vCenter', async () => {
    const simulator = simulate()
    const server = await serve((await simulator.listen()).url)
    await server.get('/ready')
    simulator.faults.pageSize = 2
    const pause = simulator.faults.pause({ method: 'ContinueRetrievePropertiesEx' })
    const client = new AbortController()
    const answer = server.execute('{ virtualMachines { nodes { name } } }', client.signal)
    await pause.waitFor()
    client.abort()
    await expect(answer).rejects.toMatchObject({ name: 'AbortError' })
    await expect.poll(() => pause.waiting).toBe(0)
    const called = (name: string) => simulator.calls.filter(({ method }) => method === name)
    await expect.poll(() => called('CancelRetrievePropertiesEx')).toHaveLength(1)
    expect(called('CancelRetrievePropertiesEx')[0]?.args).toEqual(
      called('ContinueRetrievePropertiesEx')[0]?.args,
    )
    pause.release()
    expect(await server.get('/ready')).toEqual({ status: 200, text: '' })
    expect(server.lines.filter((line) => !line.includes('logged in'))).toEqual([])
  })

  test('does not abort a sent mutation', async () => {
    const simulator = simulate()
    const server = await serve((await simulator.listen()).url)
    await server.get('/ready')
    const pause = simulator.faults.pause({ method: 'CreateSnapshot_Task' })
    const client = new AbortController()
    const answer = server.execute(
      'mutation { createSnapshot(input: { virtualMachine: { name: "mail-01" }, name: "kept" }) { task { state } } }',
      client.signal,
    )
    await pause.waitFor()
    client.abort()
    await expect(answer).rejects.toMatchObject({ name: 'AbortError' })
    // Everything that the disconnect aborts has ended when the next request is answered.
    expect(await server.get('/ready')).toEqual({ status: 200, text: '' })
    expect(pause.waiting).toBe(1)
    pause.release()
    await expect.poll(() => simulator.inventory.machine('mail-01').currentSnapshot?.name).toBe('kept')
    expect(server.lines.filter((line) => !line.includes('logged in'))).toEqual([])
  })

  test('does not abort the started task of a mutation, and leaves nothing behind', async () => {
    const simulator = simulate()
    const server = await serve((await simulator.listen()).url)
    await server.get('/ready')
    const pause = simulator.faults.pause({ method: 'RemoveSnapshot_Task' })
    const client = new AbortController()
    const answer = server.execute(
      'mutation { setChangeTracking(input: { virtualMachine: { name: "wiki-01" }, enabled: true, activate: true }) { activated } }',
      client.signal,
    )
    await pause.waitFor()
    client.abort()
    await expect(answer).rejects.toMatchObject({ name: 'AbortError' })
    expect(await server.get('/ready')).toEqual({ status: 200, text: '' })
    const machine = simulator.inventory.machine('wiki-01')
    expect(machine.currentSnapshot).toBeDefined()
    pause.release()
    await expect.poll(() => machine.currentSnapshot).toBeUndefined()
    expect(server.lines.filter((line) => !line.includes('logged in'))).toEqual([])
  })
})

/** How long a server waits for its connections when it stops. */
const drainTimeoutMs = 5_000

describe('shutdown', () => {
  test('logs out, and is idempotent', async () => {
    const simulator = simulate()
    const server = await serve((await simulator.listen()).url)
    await server.get('/ready')
    expect(simulator.live.sessions).toBe(1)
    await Promise.all([server.stop(), server.stop()])
    expect(simulator.live).toMatchObject({ sessions: 0, views: 0, filters: 0, collectors: 0, waits: 0 })
    await server.stop()
    await expect(server.get('/health')).rejects.toThrow('fetch failed')
  })

  test('completes a running request, and then closes without waiting', async () => {
    controlLongWaits(drainTimeoutMs)
    const simulator = simulate()
    const server = await serve((await simulator.listen()).url)
    await server.get('/ready')
    const pause = simulator.faults.pause({ method: 'RetrievePropertiesEx' })
    const answer = server.execute('{ virtualMachines { totalCount } }')
    await pause.waitFor()
    const stopped = server.stop()
    await expect(server.get('/health')).rejects.toThrow('fetch failed')
    pause.release()
    expect((await answer).data.virtualMachines.totalCount).toBe(20)
    // The client keeps its connection alive; the server does not wait for it, which it would do for 5 s.
    await stopped
    expect(simulator.live.sessions).toBe(0)
  })

  test('announces the close of the connection in the last responses', async () => {
    const simulator = simulate()
    const server = await serve((await simulator.listen()).url)
    await server.get('/ready')
    const pause = simulator.faults.pause({ method: 'RetrievePropertiesEx' })
    const answer = fetch(server.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"query":"{ virtualMachines { totalCount } }"}',
    })
    await pause.waitFor()
    const stopped = server.stop()
    pause.release()
    expect((await answer).headers.get('connection')).toBe('close')
    await stopped
  })

  test('ends subscriptions with a reason, and logs out immediately', async () => {
    controlLongWaits(drainTimeoutMs)
    const simulator = simulate()
    const server = await serve((await simulator.listen()).url)
    const events = await subscribe(
      server.url,
      'subscription { inventoryChanges(filter: { virtualMachine: {} }) { initial changes { kind } } }',
    )
    await events.next()
    await events.next()
    const rest = events.remaining()
    await server.stop()
    expect(await rest).toMatchObject([
      { errors: [{ extensions: { code: 'SHUTTING_DOWN', retryable: true } }] },
    ])
    expect(simulator.live).toMatchObject({ sessions: 0, views: 0, filters: 0, collectors: 0, waits: 0 })
  })

  test('does not wait for a vCenter that never responds', async () => {
    const sockets = new Set<Socket>()
    const silentServer = createServer((socket) => sockets.add(socket))
    await once(silentServer.listen(0, '127.0.0.1'), 'listening')
    onTestFinished(() => {
      for (const socket of sockets) socket.destroy()
      silentServer.close()
    })
    const server = await serve(`http://127.0.0.1:${(silentServer.address() as AddressInfo).port}`)
    await once(silentServer, 'connection')
    // A call would last for a minute.
    await server.stop()
  }, 50_000)

  test('does not wait for idle connections', async () => {
    controlLongWaits(drainTimeoutMs)
    const server = await serve(undefined)
    const socket = connect(Number(new URL(server.url).port), '127.0.0.1')
    await once(socket, 'connect')
    // Connects after the others, so that the server has accepted them, too.
    await server.get('/health')
    const closed = once(socket, 'close')
    await server.stop()
    await closed
  })
})

test.each([undefined, {}, { argv: ['--simulator'] }])(
  'rejects %j, which is not the result of loadServeConfig',
  async (config) => {
    const expected = { code: 'CONFIG', message: 'startServer needs the result of loadServeConfig' }
    await expect(startServer(config as never)).rejects.toMatchObject(expected)
  },
)

test('leaves no session behind when startup fails because the port is in use', async () => {
  const simulator = simulate()
  const { url } = await simulator.listen()
  const first = await serve(url)
  const config = loadServeConfig({
    argv: ['--url', url, '--username', 'user', '--port', new URL(first.url).port],
    env: { VSPHERE_PASSWORD: password },
  })
  await expect(startServer(config)).rejects.toMatchObject({ code: 'EADDRINUSE', syscall: 'listen' })
  await first.get('/ready')
  expect(simulator.live.sessions).toBe(1)
})

test.each([
  ['127.0.0.1', [], /^http:\/\/127\.0\.0\.1:\d+\/graphql$/],
  ['::1', [], /^http:\/\/\[::1\]:\d+\/graphql$/],
  ['0.0.0.0', ['--allow-anonymous'], /^http:\/\/localhost:\d+\/graphql$/],
])('logs a URL that can be opened on %s, and who can reach it', async (host, flags, address) => {
  const server = await serve(undefined, '--host', host, ...flags)
  expect(server.url).toMatch(address)
  const warning = `listening on ${host} without authentication (--allow-anonymous)`
  expect(server.lines.filter((line) => line.includes('without authentication'))).toEqual(
    flags.length > 0 ? [warning] : [],
  )
  expect(await server.get('/health')).toEqual({ status: 200, text: '' })
})
