// Puts long waits under the control of a test: the limit of an operation, or the wait of a mutation, ends when the test says so, or
// never. It needs no real seconds, and is never too short for what a slow machine has to do before.

import timers from 'node:timers/promises'
import { onTestFinished, vi } from 'vitest'

/** The longest delay of a timer in Node.js. */
const neverMs = 2 ** 31 - 1

/**
 * Controls all long waits of the process that begin before the end of the test.
 * @param longMs shorter waits, such as those between attempts, pass in real time
 */
export function controlLongWaits(longMs = 10_000): { advance(byMs: number): void } {
  let elapsedMs = 0
  const waits = new Map<object, { readonly due: number; end(): void }>()
  const due = (ms: number) => elapsedMs + ms
  const { setTimeout, clearTimeout } = globalThis
  const promised = timers.setTimeout
  const now = performance.now.bind(performance)

  const spies = [
    vi.spyOn(performance, 'now').mockImplementation(() => now() + elapsedMs),
    vi.spyOn(globalThis, 'setTimeout').mockImplementation(((callback: () => void, ms = 0, ...args: []) => {
      if (ms < longMs) return setTimeout(callback, ms, ...args)
      const timer = setTimeout(callback, neverMs).unref()
      const end = () => {
        clearTimeout(timer)
        callback(...args)
      }
      waits.set(timer, { due: due(ms), end })
      return timer
    }) as typeof setTimeout),
    vi.spyOn(globalThis, 'clearTimeout').mockImplementation((timer) => {
      waits.delete(timer as object)
      clearTimeout(timer)
    }),
    vi.spyOn(timers, 'setTimeout').mockImplementation(async (ms = 0, value, options) => {
      if (ms < longMs) return promised(ms, value, options)
      const key = {}
      const ended = new Promise<void>((resolve) => waits.set(key, { due: due(ms), end: resolve }))
      // The real wait ends only by its signal.
      const aborted = promised(neverMs, value, { ...options, ref: false })
      await Promise.race([aborted, ended]).finally(() => waits.delete(key))
      return value as never
    }),
  ]
  onTestFinished(() => {
    for (const spy of spies) spy.mockRestore()
  })
  return {
    advance(byMs) {
      elapsedMs += byMs
      for (const [key, { due, end }] of waits) {
        if (due > elapsedMs) continue
        waits.delete(key)
        end()
      }
    },
  }
}
