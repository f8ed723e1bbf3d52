// The bytes of a disk at a point of its history. They are computed from the writes, so that no data is kept: each write fills its range
// with bytes that depend on the disk, on the write and on the position, and what was never written is zero.

import type { Disk } from './disk.ts'
import type { Point } from './write-history.ts'

/** Returns the bytes [start, start + length) of a disk at a point. */
export function contentsAt(disk: Disk, point: Point, start: number, length: number): Buffer {
  const bytes = Buffer.alloc(length)
  const seed = hashOf(disk.seed)
  for (const write of disk.history.numberedWrites(undefined, point)) {
    const from = Math.max(start, write.offset)
    const to = Math.min(start + length, write.offset + write.length)
    if (from < to) fill(bytes, from - start, to - start, start, mixed(seed, write.number))
  }
  return bytes
}

/**
 * Fills a part of a buffer.
 * @param base the position on the disk of the buffer's first byte
 * @param key differs between writes
 */
function fill(bytes: Buffer, from: number, to: number, base: number, key: number): void {
  let word = 0
  let wordAt = -1
  for (let index = from; index < to; index += 1) {
    const position = base + index
    // Positions exceed 32 bits, so they are divided, not shifted.
    const at = Math.floor(position / 4)
    if (at !== wordAt) {
      wordAt = at
      word = mixed(key, at)
    }
    bytes[index] = word >>> (8 * (position % 4))
  }
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
