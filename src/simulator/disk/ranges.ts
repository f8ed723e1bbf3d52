// Byte ranges built from writes, exact or rounded out to whole grains. Always sorted, disjoint and merged.

/** The bytes from start up to, but not including, end. */
export interface ByteRange {
  readonly start: number
  readonly end: number
}

/** Many ranges in flat arrays: a disk can have a million of them. */
export interface Areas {
  readonly starts: Float64Array
  readonly ends: Float64Array
}

/** Returns the exact union of ranges. */
export function mergeRanges(ranges: readonly ByteRange[]): ByteRange[] {
  const merged: { start: number; end: number }[] = []
  for (const { start, end } of ranges.toSorted((a, b) => a.start - b.start)) {
    const last = merged.at(-1)
    if (last && start <= last.end) last.end = Math.max(last.end, end)
    else merged.push({ start, end })
  }
  return merged
}

// Packs start and length of an area, in grains, into one number so that a plain numeric sort orders them. A
// disk has at most 2^21 grains (see grainOf), so 53 bits are enough for both.
const lengthBits = 2 ** 22

/**
 * Returns the union of ranges, each rounded out to whole grains. The last area can extend past the end of the
 * disk.
 */
export function grainAreas(ranges: Iterable<ByteRange>, grain: number): Areas {
  const packed: number[] = []
  for (const { start, end } of ranges) {
    const first = Math.floor(start / grain)
    packed.push(first * lengthBits + Math.ceil(end / grain) - first)
  }
  const sorted = new Float64Array(packed).sort()
  // The starts reuse the sorted array: at most as many starts are written as entries have been read.
  const starts = sorted
  const ends = new Float64Array(sorted.length)
  let count = 0
  for (const each of sorted) {
    const start = Math.floor(each / lengthBits) * grain
    const end = start + (each % lengthBits) * grain
    const lastEnd = count > 0 ? (ends[count - 1] as number) : -1
    if (start <= lastEnd) ends[count - 1] = Math.max(lastEnd, end)
    else {
      starts[count] = start
      ends[count] = end
      count += 1
    }
  }
  return { starts: starts.subarray(0, count), ends: ends.subarray(0, count) }
}

export function totalLength({ starts, ends }: Areas): number {
  let total = 0
  for (let index = 0; index < starts.length; index += 1)
    total += (ends[index] as number) - (starts[index] as number)
  return total
}

const smallestGrain = 64 * 1024

/** Returns the granularity of change tracking: 64 KiB, doubled until a disk has at most 2^21 grains. */
export function grainOf(capacity: number): number {
  let grain = smallestGrain
  while (capacity / grain > 2 ** 21) grain *= 2
  return grain
}
