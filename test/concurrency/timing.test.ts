// Tests waits with a time limit or a signal.

import { getEventListeners } from 'node:events'
import { describe, expect, it } from 'vitest'
import { delay, withSignal, withTimeout } from '../../src/concurrency/timing.ts'

const never = new Promise<string>(() => {})
const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length

describe('delay', () => {
  it('ends without an error when its signal is aborted', async () => {
    const abort = new AbortController()
    const waiting = delay(60_000, { signal: abort.signal })
    abort.abort()
    await expect(waiting).resolves.toBeUndefined()
  })
})

describe('withSignal', () => {
  it('rejects with the reason of a signal that is aborted, before or while it waits', async () => {
    const abort = new AbortController()
    const waiting = withSignal(never, abort.signal)
    abort.abort('disconnected')
    await expect(waiting).rejects.toBe('disconnected')
    await expect(withSignal(never, abort.signal)).rejects.toBe('disconnected')
  })

  it('leaves no listener when the promise settles', async () => {
    const { signal } = new AbortController()
    await expect(withSignal(Promise.resolve('value'), signal)).resolves.toBe('value')
    await expect(withSignal(Promise.reject(new Error('failed')), signal)).rejects.toThrow('failed')
    expect(getEventListeners(signal, 'abort')).toEqual([])
  })
})

describe('withTimeout', () => {
  it('returns undefined when the promise takes longer', async () => {
    await expect(withTimeout(never, 1)).resolves.toBeUndefined()
  })

  it('returns the value or the error of the promise, and leaves no timer', async () => {
    const before = timers()
    await expect(withTimeout(Promise.resolve('value'), 60_000)).resolves.toBe('value')
    await expect(withTimeout(Promise.reject(new Error('failed')), 60_000)).rejects.toThrow('failed')
    expect(timers()).toBe(before)
  })

  it('rejects with the reason of the signal when it is aborted, and leaves no timer', async () => {
    const before = timers()
    const abort = new AbortController()
    const waiting = withTimeout(never, 60_000, abort.signal)
    abort.abort('disconnected')
    await expect(waiting).rejects.toBe('disconnected')
    expect(timers()).toBe(before)
  })
})
