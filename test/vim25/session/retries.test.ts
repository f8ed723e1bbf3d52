// Tests retries of failed reads: which are retried, how often, how soon, and how retries are reported.

import fc from 'fast-check'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { FairQueue } from '../../../src/concurrency/fair-queue.ts'
import type { MethodName } from '../../../src/soap/envelope.ts'
import { TransportError } from '../../../src/transport/transport-error.ts'
import { retrieveProperties } from '../../../src/vim25/property-collector/property-collector.ts'
import { UnknownProperties } from '../../../src/vim25/property-collector/unknown-properties.ts'
import { withFairQueue } from '../../../src/vim25/session/call-decorators.ts'
import type { CallOptions, CallRecord } from '../../../src/vim25/session/call-options.ts'
import type { Login } from '../../../src/vim25/session/login.ts'
import { RetryBudget, withRetries } from '../../../src/vim25/session/retries.ts'
import { VimFaultError } from '../../../src/vim25/vim-fault-error.ts'
import { connect, errorOf, vmRef } from '../connect.ts'

afterEach(() => void vi.restoreAllMocks())

const closed = () => new TransportError('CLOSED', 'cut')
const timeout = Object.assign(new Error('late'), { code: 'UND_ERR_CONNECT_TIMEOUT' })

/** Reads with retries; `attempt` makes one attempt. */
function readBy(
  budget: RetryBudget,
  callOptions: CallOptions,
  attempt: () => Promise<void>,
  wait?: (ms: number) => Promise<void>,
): Promise<unknown> {
  const call = withRetries(budget, attempt as () => Promise<never>, wait)
  return call(
    'RetrievePropertiesEx',
    { type: 'PropertyCollector', value: '' },
    { specSet: [], options: {} },
    callOptions,
  )
}

/** Reads with these failures, one per attempt. Records the pauses instead of waiting. */
async function readWith(failures: Error[], budget = new RetryBudget(), pauses: number[] = []) {
  let tries = 0
  const attempt = async () => {
    const failure = failures[tries]
    tries += 1
    if (failure) throw failure
  }
  const wait = async (ms: number) => void pauses.push(ms)
  const error = await readBy(budget, {}, attempt, wait).catch((error) => error)
  return { tries, error }
}

describe('a read', () => {
  it.each([
    ['a connection that broke', closed()],
    ['a connection that was refused', new TransportError('CONNECT', 'refused')],
    ...[502, 503, 504].map((status) => [
      `a proxy's ${status}`,
      new TransportError('STATUS', 'html', { status }),
    ]),
  ] as [string, Error][])('is retried after %s', async (_, failure) => {
    expect(await readWith([failure])).toEqual({ tries: 2, error: undefined })
    expect(await readWith([failure, failure])).toEqual({ tries: 3, error: undefined })
    expect(await readWith([failure, failure, failure])).toEqual({ tries: 3, error: failure })
  })

  it.each([
    ['a fault', new VimFaultError({ _typeName: 'SystemError' }, '')],
    ['no response in time', new TransportError('TIMEOUT', 'late')],
    ['no connection in time', new TransportError('CONNECT', 'late', { cause: timeout })],
    ['a response that is too large', new TransportError('TOO_LARGE', 'large')],
    ['a certificate that is not trusted', new TransportError('TLS_UNTRUSTED', 'whose?')],
    ...[401, 403, 404, 500].map((status) => [
      `status ${status}`,
      new TransportError('STATUS', 'html', { status }),
    ]),
    ['a bug', new TypeError('undefined is not a function')],
  ] as [string, Error][])('is not retried after %s', async (_, failure) => {
    expect(await readWith([failure])).toEqual({ tries: 1, error: failure })
  })

  it.each([
    [0, [0, 0]],
    [0.5, [100, 200]],
    [1, [200, 400]],
  ])('is retried after random pauses, the second up to twice the first: %d', async (random, expected) => {
    vi.spyOn(Math, 'random').mockReturnValue(random)
    const pauses: number[] = []
    await readWith([closed(), closed()], new RetryBudget(), pauses)
    expect(pauses).toEqual(expected)
  })

  it('is not retried when its client disconnects meanwhile', async () => {
    vi.spyOn(Math, 'random').mockReturnValue(1_000)
    const client = new AbortController()
    let tries = 0
    const read = readBy(new RetryBudget(), { signal: client.signal }, async () => {
      tries += 1
      setImmediate(() => client.abort())
      throw closed()
    })
    expect(await errorOf(read)).toMatchObject({ name: 'AbortError' })
    expect(tries).toBe(1)
  })
})

it('occupies no slot of the queue between two attempts of a read', async () => {
  const order: string[] = []
  const call = withRetries(
    new RetryBudget(),
    withFairQueue(new FairQueue({ capacity: 1 }), async (_, { value }) => {
      order.push(value)
      if (order.length === 1) throw closed()
      return undefined as never
    }),
  )
  const read = (value: string) =>
    call('RetrievePropertiesEx', { type: 'PropertyCollector', value }, { specSet: [], options: {} }, {})
  await Promise.all([read('first'), read('second')])
  expect(order).toEqual(['first', 'second', 'first'])
})

describe('the retry budget', () => {
  it('allows ten retries at once, and then one for every ten reads', async () => {
    const budget = new RetryBudget()
    const tries = async (failures: Error[]) => (await readWith(failures, budget)).tries
    for (let read = 0; read < 5; read += 1) expect(await tries([closed(), closed()])).toBe(3)
    // Each of these five adds a tenth, and so does the read that requests the retry.
    expect(await tries([closed()])).toBe(1)
    for (let read = 0; read < 4; read += 1) expect(await tries([])).toBe(1)
    expect(await tries([closed()])).toBe(2)
    expect(await tries([closed()])).toBe(1)
  })

  it('is never exceeded under any sequence of reads', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat({ max: 4 }), { maxLength: 200 }), async (reads) => {
        const budget = new RetryBudget()
        let sent = 0
        for (const failures of reads)
          sent += (await readWith(Array.from({ length: failures }, closed), budget)).tries
        expect(sent - reads.length).toBeLessThanOrEqual(10 + reads.length / 10)
      }),
      { numRuns: 30 },
    )
  })
})

describe('retry eligibility', () => {
  const read = (login: Login, records: CallRecord[] = []) => {
    const specSet = [
      {
        propSet: [{ type: 'Folder', pathSet: ['name'] }],
        objectSet: [{ obj: login.content.rootFolder, skip: false }],
      },
    ]
    const names: unknown[] = []
    const callOptions = { onCall: (record: CallRecord) => records.push(record) }
    return retrieveProperties(login, specSet, new UnknownProperties(), callOptions, ({ propSet }) =>
      names.push(propSet?.[0]?.val),
    ).then(() => names)
  }

  it.each(['unread', 'unanswered', 'midBody'] as const)(
    'includes a read, whose retry is reported: %s',
    async (how) => {
      const { session, simulator } = connect()
      await session.ensureLogin()
      simulator.faults.dropConnection(how, { method: 'RetrievePropertiesEx', times: 2 })
      const records: CallRecord[] = []
      expect(await session.withLogin((login) => read(login, records))).toEqual(['Datacenters'])
      expect(records.map(({ outcome, attempt }) => [outcome, attempt])).toEqual([
        ['failed', 1],
        ['failed', 2],
        ['success', 3],
      ])
    },
  )

  it.each([
    ['a write that starts a task', 'CreateSnapshot_Task'],
    ['a write without a task', 'CancelTask'],
    ['control', 'CreateListView'],
    ['the next page of a retrieval, whose token is valid once', 'ContinueRetrievePropertiesEx'],
  ] as [string, MethodName][])('excludes %s', async (_, method) => {
    const { session, simulator, counts } = connect()
    await session.ensureLogin()
    simulator.faults.dropConnection('unanswered', { method, times: Number.POSITIVE_INFINITY })
    const args = { name: 'a', memory: false, quiesce: false, token: '1' }
    const on = vmRef(simulator, 'web-01')
    await errorOf(session.withLogin((login) => login.call(method, on, args as never, {})))
    expect(counts()[method]).toBe(1)
  })

  it('excludes a login', async () => {
    const { session, simulator, counts } = connect()
    simulator.faults.dropConnection('unanswered', { method: 'Login' })
    await errorOf(session.ensureLogin())
    expect(counts().Login).toBe(1)
  })

  it('excludes a retrieval that has already delivered items', async () => {
    const { session, simulator, counts } = connect()
    const login = await session.ensureLogin()
    simulator.faults.dropConnection('midBody', { method: 'RetrievePropertiesEx' })
    const specSet = [
      {
        propSet: [{ type: 'VirtualMachine', pathSet: ['config'] }],
        objectSet: ['web-01', 'web-02', 'wiki-01', 'mail-01', '007'].map((name) => ({
          obj: vmRef(simulator, name),
          skip: false,
        })),
      },
    ]
    const received: unknown[] = []
    const take = (object: unknown) => received.push(object)
    const error = await errorOf(retrieveProperties(login, specSet, new UnknownProperties(), {}, take))
    expect(error).toMatchObject({ code: 'CLOSED' })
    expect(received.length).toBeGreaterThan(0)
    expect(counts().RetrievePropertiesEx).toBe(1)
  })
})
