// Throttling of simulated responses to the speed of a link.

import { expect, it } from 'vitest'
import { createManualClock } from '../../src/simulator/clock.ts'
import { createThrottle } from '../../src/simulator/throttle.ts'

const KiB = 1024

/** Sends bodies concurrently over one link, with a manual clock. */
function sending(bytesPerSecond: number, ...sizes: number[]) {
  const clock = createManualClock()
  const pace = createThrottle(clock, bytesPerSecond)
  const abortClient = new AbortController()
  const written = sizes.map(() => 0)
  const sent = sizes.map((size, index) =>
    pace.send(
      new Uint8Array(size),
      (piece) => {
        written[index] = (written[index] ?? 0) + piece.length
      },
      abortClient.signal,
    ),
  )
  return {
    written,
    abortClient,
    sent: Promise.all(sent),
    async advance(ms: number) {
      clock.advance(ms)
      // Each chunk is requested after the previous one was sent.
      await new Promise(setImmediate)
      return written
    },
  }
}

it('sends a body in chunks at the speed of the link', async () => {
  const { sent, written, advance } = sending(16 * KiB, 40 * KiB)
  expect(await advance(999)).toEqual([0])
  expect(await advance(1)).toEqual([16 * KiB])
  expect(await advance(1_000)).toEqual([32 * KiB])
  await advance(500)
  await sent
  expect(written).toEqual([40 * KiB])
})

it('shares one link between all bodies, and catches up after a delay', async () => {
  const { sent, written, advance } = sending(16 * KiB, 32 * KiB, 32 * KiB)
  await advance(1_000)
  expect(written).toEqual([16 * KiB, 0])
  await advance(1_000)
  expect(written).toEqual([16 * KiB, 16 * KiB])
  // All chunks are due now; each one is checked once more.
  await advance(2_000)
  await sent
  expect(written).toEqual([32 * KiB, 32 * KiB])
})

it('does not delay a body that takes less time than a timer', async () => {
  const { sent, written } = sending(1_000_000, 900)
  await sent
  expect(written).toEqual([900])
})

it('stops sending to a client that has disconnected', async () => {
  const { sent, written, abortClient, advance } = sending(16 * KiB, 64 * KiB)
  await advance(1_000)
  abortClient.abort()
  await sent
  expect(written[0]).toBeLessThanOrEqual(32 * KiB)
})
