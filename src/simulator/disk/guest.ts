// Simulated guest writes: the installation of an operating system, then a few writes at every tick. All
// writes derive from the disk's seed and the time, so they are computed on demand and nothing runs in the
// background.

import { createRandom } from '../random.ts'
import type { Write } from './write-history.ts'

const KiB = 1024
const MiB = 1024 * KiB
const block = 4 * KiB

/** Interval between writes of a running guest, and the longer interval for the time before the simulation started. */
const tickMs = 5_000
const historicTickMs = 6 * 60 * 60 * 1000
/** A large write is at most this part of a disk, so that a small disk keeps most of its data for minutes. */
const largestWrite = 64
/** If more than this many ticks are due at once, only every nth tick is generated. */
const ticksAtOnce = 20_000

function placed(offset: number, length: number, capacity: number, time: number): Write {
  const start = Math.min(Math.floor(offset / block) * block, Math.max(0, capacity - block))
  return { offset: start, length: Math.min(Math.max(block, length), capacity - start), time }
}

/**
 * Yields the writes of an installer: boot sectors, some dozens of extents, and the backup partition table at
 * the end.
 */
export function* installation(seed: string, capacity: number, time: number): Generator<Write> {
  const random = createRandom(seed, 'installation')
  yield placed(0, Math.min(2 * MiB, capacity), capacity, time)
  const used = capacity * (0.15 + 0.3 * random.next())
  const extents = 24 + random.integer(48)
  const stride = (capacity * 0.9) / extents
  for (let index = 0; index < extents; index += 1) {
    const length = Math.ceil(((used / extents) * (0.2 + 1.6 * random.next())) / block) * block
    const offset = index * stride + random.next() * Math.max(0, stride - length)
    if (offset + block <= capacity) yield placed(offset, length, capacity, time)
  }
  const backupTable = Math.min(capacity, 33 * 512)
  yield { offset: capacity - backupTable, length: backupTable, time }
}

/**
 * Yields the writes of a running guest in a time span, excluding `after` and including `upTo`.
 * @param span.origin is the start of the simulation.
 */
export function* guestWrites(
  seed: string,
  capacity: number,
  span: { readonly after: number; readonly upTo: number; readonly origin: number },
): Generator<Write> {
  const { after, upTo, origin } = span
  for (const { from, to, step } of [
    { from: after, to: Math.min(upTo, origin), step: historicTickMs },
    { from: Math.max(after, origin), to: upTo, step: tickMs },
  ]) {
    if (to <= from) continue
    const first = Math.floor((from - origin) / step) + 1
    const last = Math.floor((to - origin) / step)
    const stride = Math.max(1, Math.ceil((last - first) / ticksAtOnce))
    for (let tick = first; tick <= last; tick += stride) {
      yield* writesOfTick(seed, capacity, tick, origin + tick * step)
    }
  }
}

function* writesOfTick(seed: string, capacity: number, tick: number, time: number): Generator<Write> {
  const random = createRandom(seed, 'tick', tick)
  const writes = 1 + random.integer(4)
  for (let index = 0; index < writes; index += 1) {
    const kind = random.next()
    if (kind < 0.5) {
      // Tables and metadata, rewritten often in a small part of the disk.
      yield placed(random.next() * capacity * 0.1, block * (1 + random.integer(16)), capacity, time)
    } else if (kind < 0.8) {
      // A log that wraps around in one sixteenth of the disk.
      const log = capacity / 16
      yield placed(capacity * 0.6 + ((Math.abs(tick) * 256 * KiB) % log), 256 * KiB, capacity, time)
    } else {
      const length = Math.min(MiB * (1 + random.integer(16)), Math.floor(capacity / largestWrite))
      yield placed(random.next() * capacity * 0.7, length, capacity, time)
    }
  }
}
