import { expect, it } from 'vitest'
import { createManualClock } from '../../src/simulator/clock.ts'
import { createThrottle } from '../../src/simulator/throttle.ts'

const KiB = 1024

/** Sends bodies at once over one link, on a clock that stands still. */
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
      // A piece is asked for when the one before it is out.
      await new Promise(setImmediate)
      return written
    },
  }
}

it('lets a body out piece by piece, as fast as the link is', async () => {
  const { sent, written, advance } = sending(16 * KiB, 40 * KiB)
  expect(await advance(999)).toEqual([0])
  expect(await advance(1)).toEqual([16 * KiB])
  expect(await advance(1_000)).toEqual([32 * KiB])
  await advance(500)
  await sent
  expect(written).toEqual([40 * KiB])
})

it('has one link for all, and what is late is made up for', async () => {
  const { sent, written, advance } = sending(16 * KiB, 32 * KiB, 32 * KiB)
  await advance(1_000)
  expect(written).toEqual([16 * KiB, 0])
  await advance(1_000)
  expect(written).toEqual([16 * KiB, 16 * KiB])
  // All is due now; each piece is looked at once more.
  await advance(2_000)
  await sent
  expect(written).toEqual([32 * KiB, 32 * KiB])
})

it('does not hold up what takes less than a timer does', async () => {
  const { sent, written } = sending(1_000_000, 900)
  await sent
  expect(written).toEqual([900])
})

it('sends no more to a client that has hung up', async () => {
  const { sent, written, abortClient, advance } = sending(16 * KiB, 64 * KiB)
  await advance(1_000)
  abortClient.abort()
  await sent
  expect(written[0]).toBeLessThanOrEqual(32 * KiB)
})
