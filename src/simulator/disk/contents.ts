// The bytes of a disk at a point of its history. They are computed from the writes, so that no data is kept: each write fills its range
// with bytes that depend on the disk, on the write and on the position, and what was never written is zero.

import type { Disk } from './disk.ts'
import type { ByteRange } from './ranges.ts'
import type { Point } from './write-history.ts'

/** Returns the bytes [start, start + length) of a disk at a point. */
export function contentsAt(disk: Disk, point: Point, start: number, length: number): Buffer {
  const bytes = Buffer.alloc(length)
  const seed = hashOf(disk.seed)
  const end = start + length
  const writes = [...disk.history.numberedWrites(undefined, point)].filter(
    (write) => write.offset < end && write.offset + write.length > start,
  )
  // From the last write to the first, so that what was overwritten is not computed.
  let gaps: readonly ByteRange[] = [{ start, end }]
  for (const write of writes.reverse()) {
    const key = mixed(seed, write.number)
    const left: ByteRange[] = []
    for (const gap of gaps) {
      const from = Math.max(gap.start, write.offset)
      const to = Math.min(gap.end, write.offset + write.length)
      if (from >= to) {
        left.push(gap)
        continue
      }
      fill(bytes, from - start, to - start, start, key)
      if (gap.start < from) left.push({ start: gap.start, end: from })
      if (to < gap.end) left.push({ start: to, end: gap.end })
    }
    gaps = left
  }
  return bytes
}

/**
 * Fills a part of a buffer.
 * @param base the position on the disk of the buffer's first byte
 * @param key differs between writes
 */
function fill(bytes: Buffer, from: number, to: number, base: number, key: number): void {
  // Positions exceed 32 bits, so they are divided, not shifted.
  const byteAt = (position: number) => mixed(key, Math.floor(position / 4)) >>> (8 * (position % 4))
  let index = from
  for (; index < to && (base + index) % 4 !== 0; index += 1) bytes[index] = byteAt(base + index)
  const words = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  for (let word = (base + index) / 4; index + 4 <= to; index += 4, word += 1)
    words.setInt32(index, mixed(key, word), true)
  for (; index < to; index += 1) bytes[index] = byteAt(base + index)
}

/** Mixes two numbers into 32 bits (the finalizer of MurmurHash3). */
function mixed(key: number, value: number): number {
  let hash = Math.imul(value | 0, 0x9e3779b1) ^ key ^ Math.floor(value / 2 ** 32)
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return hash ^ (hash >>> 16)
}

function hashOf(text: string): number {
  let hash = 0
  for (let index = 0; index < text.length; index += 1) hash = mixed(hash, text.charCodeAt(index))
  return hash
}
