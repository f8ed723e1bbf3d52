// Subscriptions that outlive a gateway: on gateways that restart on one simulator, and on a client whose ends are chosen.

import { createClient } from 'graphql-sse'
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import {
  createListChangeDetector,
  resubscribe,
  type SubscriptionResult,
  type SubscriptionSink,
} from '../../src/client/index.ts'
import { createSimulator } from '../../src/simulator/index.ts'
import { startGateway } from '../test-gateway.ts'

const shuttingDown: SubscriptionResult = {
  errors: [
    { message: 'The gateway is shutting down', extensions: { code: 'SHUTTING_DOWN', retryable: true } },
  ],
}

/** The error of graphql-sse for a response that is no success. */
const rejection = (response: Response) =>
  Object.assign(new Error(`Server responded with ${response.status}`), { response })

describe('resubscribe', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  /** Subscribes to a client that only records. */
  function start() {
    const attempts: SubscriptionSink<SubscriptionResult>[] = []
    const received: unknown[] = []
    let ended = 0
    const stop = resubscribe<SubscriptionResult>(
      (sink) => {
        attempts.push(sink)
        return () => {
          ended += 1
        }
      },
      {
        next: (result) => void received.push(result),
        error: (error) => void received.push(error),
        complete: () => void received.push('complete'),
      },
      { delayMs: (attempt) => attempt * 1000 },
    )
    const latest = () => attempts.at(-1) as SubscriptionSink<SubscriptionResult>
    return { attempts, received, latest, stop, ended: () => ended }
  }

  it('passes on results and the end of a subscription that ends by itself', () => {
    const { attempts, received, latest } = start()
    latest().next({ data: 1 })
    latest().complete()
    vi.runAllTimers()
    expect(received).toEqual([{ data: 1 }, 'complete'])
    expect(attempts).toHaveLength(1)
  })

  it('subscribes again after a retryable error, with delays that grow until there is data', () => {
    const { attempts, received, latest } = start()
    for (const seconds of [1, 2, 3]) {
      latest().next(shuttingDown)
      latest().complete()
      vi.advanceTimersByTime(seconds * 1000 - 1)
      expect(attempts).toHaveLength(seconds)
      vi.advanceTimersByTime(1)
      expect(attempts).toHaveLength(seconds + 1)
    }
    latest().next({ data: 1 })
    latest().next(shuttingDown)
    latest().complete()
    vi.advanceTimersByTime(1000)
    expect(attempts).toHaveLength(5)
    expect(received).toEqual([shuttingDown, shuttingDown, shuttingDown, { data: 1 }, shuttingDown])
  })

  it.each([
    ['a lost connection', new TypeError('network error')],
    ['status 500 of a proxy', Object.assign(new Error('500'), { response: { status: 500 } })],
    ['status 429', Object.assign(new Error('429'), { response: { status: 429 } })],
  ])('subscribes again after %s, and reports it as an error without data', async (_name, error) => {
    const { attempts, received, latest } = start()
    latest().error(error)
    await vi.runOnlyPendingTimersAsync()
    expect(received).toEqual([{ errors: [{ message: expect.stringContaining(error.message) }] }])
    expect(attempts).toHaveLength(2)
  })

  it.each([
    ['status 401', Object.assign(new Error('401'), { response: { status: 401 } })],
    ['status 401 of a proxy', rejection(new Response('<p>Log in</p>', { status: 401 }))],
    ['status 401 without the errors of a gateway', rejection(Response.json({ errors: [] }, { status: 401 }))],
    ['something that is no error', 'failed'],
    ['nothing', undefined],
  ])('ends with %s', async (_name, error) => {
    const { attempts, received, latest } = start()
    latest().error(error)
    await vi.runAllTimersAsync()
    expect(received).toEqual([error])
    expect(attempts).toHaveLength(1)
  })

  it.each([
    ['an error that is not retryable', { errors: [{ message: 'a', extensions: { retryable: false } }] }],
    ['a retryable error beside data', { data: 1, ...shuttingDown }],
    ['an error without extensions', { errors: [{ message: 'a' }] }],
  ])('ends after %s', (_name, result) => {
    const { attempts, received, latest } = start()
    latest().next(result)
    latest().complete()
    vi.runAllTimers()
    expect(received).toEqual([result, 'complete'])
    expect(attempts).toHaveLength(1)
  })

  it('ends with the errors of the response when the gateway rejects the subscription', async () => {
    const { attempts, received, latest } = start()
    const errors = [{ message: 'no token', extensions: { code: 'UNAUTHENTICATED', retryable: false } }]
    latest().error(rejection(Response.json({ errors }, { status: 401 })))
    await vi.runAllTimersAsync()
    expect(received).toEqual([{ errors }, 'complete'])
    expect(attempts).toHaveLength(1)
  })

  it('subscribes again when the gateway responds with status 503, and reports the errors of the response', async () => {
    const { attempts, received, latest } = start()
    latest().error(rejection(Response.json(shuttingDown, { status: 503 })))
    await vi.runAllTimersAsync()
    expect(received).toEqual([shuttingDown])
    expect(attempts).toHaveLength(2)
  })

  it('reports nothing when it is ended before the response is read', async () => {
    const { attempts, received, latest, stop } = start()
    latest().error(rejection(Response.json(shuttingDown, { status: 503 })))
    stop()
    await vi.runAllTimersAsync()
    expect(received).toEqual([])
    expect(attempts).toHaveLength(1)
  })

  it('ends the running subscription, or the wait for the next one', async () => {
    const running = start()
    running.stop()
    expect(running.ended()).toBe(1)
    const waiting = start()
    waiting.latest().error(new Error('network error'))
    await vi.advanceTimersByTimeAsync(0)
    expect(vi.getTimerCount()).toBe(1)
    waiting.stop()
    vi.runAllTimers()
    expect(waiting.attempts).toHaveLength(1)
  })

  it('waits at most 32 seconds, and not at the same time in all pages', async () => {
    const sinks: SubscriptionSink<SubscriptionResult>[] = []
    resubscribe<SubscriptionResult>(
      (sink) => {
        sinks.push(sink)
        return () => {}
      },
      { next() {}, error() {}, complete() {} },
    )
    const delays: number[] = []
    for (let attempt = 0; attempt < 8; attempt += 1) {
      sinks.at(-1)?.error(new Error('network error'))
      await vi.advanceTimersByTimeAsync(0)
      const failedAt = performance.now()
      vi.advanceTimersToNextTimer()
      delays.push(performance.now() - failedAt)
    }
    expect(sinks).toHaveLength(9)
    for (const [index, delay] of delays.entries()) {
      const least = 1000 * 2 ** Math.min(index, 4)
      expect(delay).toBeGreaterThanOrEqual(least)
      expect(delay).toBeLessThan(2 * least)
    }
  })
})

it('continues on the next gateway, whose batches show that lists have to be read again', async () => {
  const simulator = createSimulator({ vms: 2 })
  onTestFinished(() => simulator.close())
  let gateway = startGateway({ simulator })
  onTestFinished(() => gateway.close())
  const fetchFn = (_url: string, init: RequestInit) => gateway.fetch('/graphql', init)
  const client = createClient({ url: 'http://localhost/graphql', fetchFn, retryAttempts: 0 })
  const query =
    'subscription { inventoryChanges(filter: { virtualMachine: {} }) { initial changes { kind } } }'
  const changesList = createListChangeDetector()
  const events: unknown[] = []
  const stop = resubscribe<SubscriptionResult>(
    (sink) => client.subscribe({ query }, sink),
    {
      next({ data, errors }) {
        const { inventoryChanges } = (data ?? {}) as { inventoryChanges?: never }
        events.push(inventoryChanges ? changesList(inventoryChanges) : errors?.[0]?.extensions)
      },
      error: (error) => void events.push(error),
      complete: () => void events.push('complete'),
    },
    { delayMs: () => 1 },
  )
  onTestFinished(stop)
  await expect.poll(() => events).toEqual([false, true])
  const previous = gateway
  gateway = startGateway({ simulator })
  await previous.close()
  await expect
    .poll(() => events)
    .toEqual([false, true, expect.objectContaining({ code: 'SHUTTING_DOWN' }), false, true])
})

describe('createListChangeDetector', () => {
  const initial = { initial: true, changes: [{ kind: 'ENTER' }] }
  const none = { initial: false, changes: [] }
  const modified = { initial: false, changes: [{ kind: 'MODIFY' }] }
  const removed = { initial: false, changes: [{ kind: 'MODIFY' }, { kind: 'LEAVE' }] }

  it.each([
    ['reports the start once', [initial, initial, none, modified], [false, false, true, false]],
    ['reports the start without objects', [none, modified], [true, false]],
    ['reports members that are added or removed', [initial, none, removed], [false, true, true]],
    ['reports a start that ends with changes once', [initial, modified, modified], [false, true, false]],
    [
      'reports a new start once',
      [initial, none, modified, initial, initial, none, modified],
      [false, true, false, false, false, true, false],
    ],
    ['reports a new start without objects', [initial, none, none, modified], [false, true, true, false]],
    ['reports a start after one that was interrupted', [initial, initial, none], [false, false, true]],
  ])('%s', (_name, batches, expected) => {
    const detect = createListChangeDetector()
    expect(batches.map(detect)).toEqual(expected)
  })
})
