// Tests the circuit breaker that all calls share: when it opens, what is sent while it is open, and how it
// closes.

import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { TransportError } from '../../../src/transport/transport-error.ts'
import {
  type CircuitBreakerOptions,
  CircuitOpenError,
  createCircuitBreaker,
} from '../../../src/vim25/session/circuit-breaker.ts'
import { VimFaultError } from '../../../src/vim25/vim-fault-error.ts'
import { errorOf } from '../connect.ts'

beforeEach(() => void vi.useFakeTimers({ now: 0 }))
afterEach(() => void vi.useRealTimers())

function start(options: CircuitBreakerOptions = {}) {
  const reported: string[] = []
  const probes: number[] = []
  /** Failures of the next probes, in order. Probes succeed once the list is empty. */
  const failures: Error[] = []
  const reachability = createCircuitBreaker({
    failureThreshold: 3,
    ...options,
    async probe() {
      probes.push(Date.now())
      const faults = failures.shift()
      if (faults) throw faults
    },
    onOpen: (error) => reported.push(`lost: ${(error as Error).message}`),
    onClose: () => reported.push('back'),
  })
  onTestFinished(() => reachability.close())
  const fail = (error: unknown) => errorOf(reachability.run(() => Promise.reject(error)))
  return { reachability, reported, probes, failures, fail }
}

const rejected = () => new TransportError('CONNECT', 'refused')

describe('the circuit breaker', () => {
  it.each([
    ['refused connections', rejected],
    ['connections that break', () => new TransportError('CLOSED', 'cut')],
    ['calls without a response', () => new TransportError('TIMEOUT', 'late')],
    ['a proxy without a vCenter', () => new TransportError('STATUS', '503', { status: 503 })],
  ])('opens after three consecutive failures: %s', async (_, failure) => {
    const { reachability, reported, fail } = start()
    for (let time = 1; time <= 2; time += 1) await fail(failure())
    expect(reachability.outage).toBeUndefined()
    await fail(failure())
    expect(reachability.outage).toMatchObject({ since: new Date(0) })
    expect(reported).toEqual([`lost: ${failure().message}`])
  })

  it.each([
    ['a response', async () => {}],
    [
      'a fault, which is a response too',
      () => Promise.reject(new VimFaultError({ _typeName: 'NotFound' }, '')),
    ],
  ])('does not open when %s occurs between the failures', async (_, call) => {
    const { reachability, fail } = start()
    for (let time = 1; time <= 4; time += 1) {
      await fail(rejected())
      await fail(rejected())
      await reachability.run(call).catch(() => {})
    }
    expect(reachability.outage).toBeUndefined()
  })

  it.each([
    ['responses that are too large', new TransportError('TOO_LARGE', 'large')],
    ['clients that disconnect', new DOMException('disconnected', 'AbortError')],
  ])('does not open after %s', async (_, error) => {
    const { reachability, fail } = start()
    for (let time = 1; time <= 9; time += 1) await fail(error)
    expect(reachability.outage).toBeUndefined()
  })

  it('does not open when many calls fail at the same moment', async () => {
    const { reachability } = start()
    let cut = (_: unknown) => {}
    const connection = new Promise((_, reject) => {
      cut = reject
    })
    const calls = Array.from({ length: 50 }, () => errorOf(reachability.run(() => connection)))
    cut(new TransportError('CLOSED', 'cut'))
    await Promise.all(calls)
    expect(reachability.outage).toBeUndefined()
  })

  it('opens at once when a login fails', () => {
    const { reachability, reported } = start()
    reachability.open(new VimFaultError({ _typeName: 'NoPermission' }, 'no'))
    reachability.open(rejected())
    expect(() => reachability.assertClosed()).toThrow(CircuitOpenError)
    expect(reported).toEqual(['lost: no'])
  })

  it('rejects calls at once while open, and reports since when, why, and when it probes again', async () => {
    vi.spyOn(Math, 'random').mockReturnValue(0)
    const { reachability, fail } = start()
    for (let time = 1; time <= 3; time += 1) await fail(rejected())
    const call = vi.fn(async () => {})
    const error = await errorOf(reachability.run(call))
    expect(call).not.toHaveBeenCalled()
    expect(error).toBeInstanceOf(CircuitOpenError)
    expect(error.message).toBe(
      'the vCenter has been unreachable since 1970-01-01T00:00:00.000Z (next attempt at 1970-01-01T00:00:00.500Z): refused',
    )
    expect(error.cause).toMatchObject({ code: 'CONNECT' })
  })

  it('closes and resets when a probe succeeds', async () => {
    const { reachability, reported, probes, fail } = start()
    for (let time = 1; time <= 3; time += 1) await fail(rejected())
    await vi.advanceTimersByTimeAsync(1_000)
    expect([probes.length, reported]).toEqual([1, ['lost: refused', 'back']])
    await reachability.run(async () => {})
    await fail(rejected())
    await fail(rejected())
    expect(reachability.outage).toBeUndefined()
    await vi.advanceTimersByTimeAsync(100_000)
    expect(probes).toHaveLength(1)
  })

  it.each([
    ['at least half', 0, [500, 1_250, 2_375, 4_062, 6_062, 8_062, 10_062]],
    ['at most the whole', 1, [1_000, 2_500, 4_750, 8_125, 12_125, 16_125, 20_125]],
  ])('probes after increasing pauses, up to the longest: %s of each', async (_, random, times) => {
    vi.spyOn(Math, 'random').mockReturnValue(random)
    const { reachability, probes, failures } = start({ maxDelayMs: 4_000 })
    failures.push(...Array.from({ length: 6 }, rejected))
    reachability.open(rejected())
    await vi.advanceTimersByTimeAsync(200_000)
    expect(probes).toEqual(times)
    expect(reachability.outage).toBeUndefined()
  })

  it('reports each new reason once', async () => {
    const { reported, failures, reachability } = start()
    const starting = () => new TransportError('STATUS', '503', { status: 503 })
    failures.push(rejected(), rejected(), starting(), starting())
    reachability.open(rejected())
    await vi.advanceTimersByTimeAsync(100_000)
    expect(reported).toEqual(['lost: refused', 'lost: 503', 'back'])
  })

  it('stops when it is closed by its owner, without reporting a recovery', async () => {
    const { reachability, reported, probes } = start()
    reachability.open(rejected())
    reachability.close()
    await vi.advanceTimersByTimeAsync(100_000)
    reachability.open(rejected())
    expect([probes, reported]).toEqual([[], ['lost: refused']])
  })
})
