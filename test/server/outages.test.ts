// The fault matrix for outages: queries, mutations and subscriptions while a vCenter is down, starting, has lost its sessions
// or rejects the login. The gateway recovers by itself with as few logins as possible. Uses real connections.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ExecutionResult } from 'graphql'
import { describe, expect, onTestFinished, test } from 'vitest'
import { createManualClock, createSimulator, type Simulator } from '../../src/simulator/index.ts'
import { reconfigure } from '../../src/simulator/virtual-machine/reconfigure/reconfigure.ts'
import { subscribe } from '../subscribe.ts'
import { noLiveObjects } from '../vim25/connect.ts'
import { startTestServer, type TestServer } from './running-server.ts'

const password = 'correct horse battery'
const always = { times: Number.POSITIVE_INFINITY }

/** A simulator that can be stopped and restarted on the same port. */
interface Machine {
  readonly simulator: Simulator
  readonly url: string
  off(): Promise<void>
  on(): Promise<void>
}

async function startMachine(): Promise<Machine> {
  const simulator = createSimulator({ password, tasks: { queuedMs: 0, durationMs: 5 } })
  onTestFinished(() => simulator.close())
  let listening = await simulator.listen()
  const { url, port } = listening
  return {
    simulator,
    url,
    off: () => listening.close(),
    async on() {
      listening = await simulator.listen({ port })
    },
  }
}

const query = '{ virtualMachines { totalCount nodes { name } } }'
const change =
  'mutation { createSnapshot(input: { virtualMachine: { name: "web-01" }, name: "a" }) { task { state } } }'
const subscription =
  'subscription { inventoryChanges(filter: { virtualMachine: {} }) { initial changes { kind entity { name } } } }'

const logins = ({ calls }: Simulator) => calls.filter(({ method }) => method === 'Login').length
const changes = ({ calls }: Simulator) =>
  calls.filter(({ method }) => method === 'CreateSnapshot_Task').length

interface Outage {
  readonly begin: (machine: Machine) => void | Promise<void>
  readonly end: (machine: Machine) => void | Promise<void>
}

const outages = {
  'is stopped and started again': {
    begin: ({ off }) => off(),
    end: ({ on }) => on(),
  },
  'responds 503 with HTML': {
    begin: ({ simulator }) => void simulator.faults.unavailable(always),
    end: ({ simulator }) => simulator.faults.clear(),
  },
  'drops all connections': {
    begin: ({ simulator }) => void simulator.faults.dropConnection('unread', always),
    end: ({ simulator }) => simulator.faults.clear(),
  },
  'restarts: down, then 503, then without sessions': {
    async begin({ off, simulator }) {
      await off()
      simulator.faults.restart()
      simulator.faults.unavailable(always)
    },
    async end({ on, simulator }) {
      await on()
      setTimeout(() => simulator.faults.clear(), 1_500)
    },
  },
  'rejects logins, and has ended all sessions': {
    begin({ simulator }) {
      simulator.faults.fault('NoPermission', { method: 'Login', ...always })
      simulator.faults.restart()
    },
    end: ({ simulator }) => simulator.faults.clear(),
  },
} satisfies Record<string, Outage>

const unavailable = 'VCENTER_UNAVAILABLE'

// biome-ignore format: it is a table
const matrix: [keyof typeof outages, query: string, change: string, subscription: string, reason: string, logins: string][] = [
  // a vCenter that                                    query  change subscription  /ready          logins until it works again
  ['is stopped and started again',                      unavailable,  unavailable,  unavailable,        'UNREACHABLE',  'none'],
  ['responds 503 with HTML',                            unavailable,  unavailable,  unavailable,        'UNREACHABLE',  'none'],
  ['drops all connections',                             unavailable,  unavailable,  unavailable,        'UNREACHABLE',  'none'],
  ['restarts: down, then 503, then without sessions',   unavailable,  unavailable,  unavailable,        'UNREACHABLE',  'one'],
  ['rejects logins, and has ended all sessions',        unavailable,  unavailable,  unavailable,        'LOGIN_FAILED', 'one, and one a probe'],
]

const codeOf = ({ errors }: ExecutionResult) => errors?.[0]?.extensions.code ?? 'answered'

async function startServer(machine: Machine, ...flags: string[]): Promise<TestServer> {
  const server = await startTestServer(['--url', machine.url, '--username', 'user', ...flags], {
    ...(!flags.includes('--password-file') && { VSPHERE_PASSWORD: password }),
  })
  await server.get('/ready')
  return server
}

/** Renames a virtual machine, as another client would. */
const rename = ({ inventory }: Simulator, name: string) =>
  reconfigure(inventory.machine('web-02'), { name } as never, new Date())

describe('a gateway', () => {
  test.each(matrix)(
    'recovers when its vCenter %s',
    async (name, requested, changed, followed, reason, expected) => {
      const machine = await startMachine()
      const { simulator } = machine
      const server = await startServer(machine)
      const open = await subscribe(server.url, subscription)
      await open.next()
      await open.next()
      const outage: Outage = outages[name]
      simulator.calls.length = 0

      const startedAt = performance.now()
      await outage.begin(machine)
      // As many requests as are needed to detect the outage.
      for (let time = 0; time < 3; time += 1) await server.execute(query)
      const failedLogins = logins(simulator)
      // Probes are at least a second apart.
      const maxProbes = Math.floor((performance.now() - startedAt) / 1_000)
      const outcomes = {
        query: codeOf(await server.execute(query)),
        change: codeOf(await server.execute(change)),
        subscription: codeOf((await (await subscribe(server.url, subscription)).next()) ?? {}),
      }
      expect(outcomes).toEqual({ query: requested, change: changed, subscription: followed })
      expect(changes(simulator)).toBe(0)
      const [error] = (await server.execute(change)).errors ?? []
      expect(error).toMatchObject({
        message: expect.stringMatching(
          /has been unreachable since \d{4}-.*Z \((next attempt at \d{4}-.*Z|attempt in progress)\): /,
        ),
        extensions: { retryable: true, remedy: expect.any(String) },
      })
      const { status, text } = await server.get('/ready')
      expect([status, JSON.parse(text)]).toEqual([503, { ready: false, reason, since: expect.any(String) }])

      await outage.end(machine)
      // The gateway's own probe detects the recovery without a request.
      await expect.poll(() => server.lines.at(-1)).toContain('vCenter connection restored')
      const since = logins(simulator)
      expect((await server.execute(query)).data?.virtualMachines.totalCount).toBe(20)
      expect((await server.execute(change)).data?.createSnapshot.task.state).toBe('SUCCESS')
      expect(changes(simulator)).toBe(1)
      expect(logins(simulator)).toBe(since)
      if (expected === 'none') expect(since).toBe(0)
      else if (expected === 'one') expect(since).toBe(1)
      else {
        expect(failedLogins).toBeGreaterThanOrEqual(1)
        expect(failedLogins).toBeLessThanOrEqual(1 + maxProbes)
      }

      // Existing subscriptions continue.
      rename(simulator, 'renamed')
      let reported: ExecutionResult | undefined
      do reported = await open.next()
      while ((reported?.data?.inventoryChanges as { changes: unknown[] } | undefined)?.changes.length === 0)
      expect(reported).toMatchObject({
        data: {
          inventoryChanges: { initial: false, changes: [{ kind: 'MODIFY', entity: { name: 'renamed' } }] },
        },
      })
      open.abortClient()
      expect((await server.get('/ready')).status).toBe(200)
      expect(simulator.live.sessions).toBe(1)
      await server.stop()
      expect(simulator.live).toEqual(noLiveObjects)
      expect(server.lines.filter((line) => /vCenter connection restored/.test(line))).toHaveLength(1)
    },
  )

  test.each(['fault', 'missingSet'] as const)(
    'logs in again once when the vCenter has ended an idle session, invisibly to clients: %s',
    async (shape) => {
      const machine = await startMachine()
      const { simulator } = machine
      const server = await startServer(machine)
      simulator.calls.length = 0
      simulator.faults.expireSessions(shape)
      const answers = await Promise.all([
        ...Array.from({ length: 30 }, () => server.execute(query)),
        server.execute(change),
      ])
      expect(new Set(answers.map(codeOf))).toEqual(new Set(['answered']))
      expect([logins(simulator), changes(simulator)]).toEqual([1, 1])
    },
  )

  test('logs in again once for two hundred concurrent requests', async () => {
    const machine = await startMachine()
    // Does not wait for /ready, so that these are the first requests.
    const server = await startTestServer(['--url', machine.url, '--username', 'user'], {
      VSPHERE_PASSWORD: password,
    })
    const answers = await Promise.all(Array.from({ length: 200 }, () => server.execute(query)))
    expect(new Set(answers.map(codeOf))).toEqual(new Set(['answered']))
    expect([logins(machine.simulator), machine.simulator.live.sessions]).toEqual([1, 1])
  })
})

describe('a changed password', () => {
  test('is tried once, reported in the log and by /ready, and never tried again', async () => {
    const machine = await startMachine()
    const { simulator } = machine
    const server = await startServer(machine)
    const open = await subscribe(server.url, subscription)
    await open.next()
    await open.next()
    simulator.calls.length = 0
    simulator.faults.changePassword('of today')
    const all = [...Array.from({ length: 30 }, () => query), ...Array.from({ length: 5 }, () => change)]
    const answers = await Promise.all(all.map((operation) => server.execute(operation)))
    answers.push(await server.execute(query), await server.execute(change))
    expect(new Set(answers.map(codeOf))).toEqual(new Set([unavailable]))
    expect(answers[0]?.errors?.[0]?.extensions).toMatchObject({ retryable: false, fault: 'InvalidLogin' })
    expect((await open.remaining()).map(codeOf)).toEqual([unavailable])
    for (let time = 0; time < 3; time += 1) {
      const { status, text } = await server.get('/ready')
      expect([status, JSON.parse(text)]).toEqual([503, { ready: false, reason: 'LOGIN_REFUSED' }])
    }
    expect([logins(simulator), changes(simulator)]).toEqual([1, 0])
    const reported = server.lines.filter((line) => line.includes('rejected the user name or password'))
    expect(reported).toHaveLength(1)
    expect(reported[0]).toContain(
      'The gateway does not retry these credentials, so that the account is not locked. Correct the user name or password, and restart the gateway.',
    )
    await server.stop()
    expect(logins(simulator)).toBe(1)
    expect(simulator.live).toEqual(noLiveObjects)
  })

  test('works again when its file is updated, without a restart', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'password-'))
    onTestFinished(() => rm(folder, { recursive: true }))
    const file = join(folder, 'password')
    await writeFile(file, `${password}\n`)
    const machine = await startMachine()
    const { simulator } = machine
    const server = await startServer(machine, '--password-file', file)
    simulator.calls.length = 0
    simulator.faults.changePassword('of today')
    expect(codeOf(await server.execute(query))).toBe(unavailable)
    await writeFile(file, 'a mistake\n')
    for (let time = 0; time < 3; time += 1) expect(codeOf(await server.execute(query))).toBe(unavailable)
    expect(logins(simulator)).toBe(2)
    await writeFile(file, 'of today\n')
    // A probe is enough to detect it.
    expect((await server.get('/ready')).status).toBe(200)
    expect(codeOf(await server.execute(query))).toBe('answered')
    expect([logins(simulator), simulator.live.sessions]).toEqual([3, 1])
    const log = server.lines.join('\n')
    expect(log).not.toContain('a mistake')
    expect(log).toContain(
      'Correct the password file, which is read again, or correct the user name and restart the gateway.',
    )
  })
})

describe('a gateway process', () => {
  test('does not affect another gateway with the same account', async () => {
    const machine = await startMachine()
    const { simulator } = machine
    const [one, other] = [await startServer(machine), await startServer(machine)]
    const events = await subscribe(one.url, subscription)
    await events.next()
    expect(simulator.live.sessions).toBe(2)
    expect(codeOf(await other.execute(change))).toBe('answered')
    await other.stop()
    expect([simulator.live.sessions, logins(simulator)]).toEqual([1, 2])
    rename(simulator, 'renamed')
    expect(codeOf((await events.next()) ?? {})).toBe('answered')
    expect(codeOf(await one.execute(query))).toBe('answered')
    expect(logins(simulator)).toBe(2)
  })

  test('lets its session time out when only probes arrive', async () => {
    const clock = createManualClock()
    const simulator = createSimulator({ password, clock, sessionIdleMs: 60_000 })
    onTestFinished(() => simulator.close())
    const { url } = await simulator.listen()
    const server = await startTestServer(['--url', url, '--username', 'user'], {
      VSPHERE_PASSWORD: password,
    })
    await server.get('/ready')
    expect(simulator.live.sessions).toBe(1)
    for (let minute = 0; minute < 3; minute += 1) {
      clock.advance(30_000)
      expect((await server.get('/ready')).status).toBe(200)
    }
    expect(simulator.live.sessions).toBe(0)
    expect(codeOf(await server.execute(query))).toBe('answered')
    expect(logins(simulator)).toBe(2)
  })

  test.each([
    ['SIGTERM', 0],
    ['SIGINT', 0],
    ['an uncaught exception', 1],
    ['an unhandled rejection', 1],
  ])('that ends by %s logs out, and exits with %i', async (how, code) => {
    const { simulator, url } = await startMachine()
    // Fails on demand, as an internal error would.
    const faultyModule = `data:text/javascript,${encodeURIComponent(
      how.includes('exception')
        ? "process.on('SIGUSR2', () => { throw new Error('a bug') })"
        : "process.on('SIGUSR2', () => { Promise.reject(new Error('a bug')) })",
    )}`
    const main = new URL('../../dist/cli/main.js', import.meta.url).pathname
    const gateway = spawn(
      process.execPath,
      ['--import', faultyModule, main, '--url', url, '--username', 'user', '--port', '0'],
      { env: { VSPHERE_PASSWORD: password }, stdio: ['ignore', 'ignore', 'pipe'] },
    )
    onTestFinished(() => void gateway.kill('SIGKILL'))
    let logged = ''
    gateway.stderr.on('data', (chunk) => {
      logged += chunk
    })
    await expect.poll(() => logged).toContain('logged in as user')
    expect(simulator.live.sessions).toBe(1)
    const exited = once(gateway, 'exit')
    gateway.kill(how.startsWith('SIG') ? (how as NodeJS.Signals) : 'SIGUSR2')
    expect(await exited).toEqual([code, null])
    expect(simulator.live).toEqual(noLiveObjects)
    expect(logged.includes('a bug')).toBe(code === 1)
    expect(logged).not.toContain(password)
  })
})
