// Arithmetic with sorted, disjoint ranges of bytes.

/** The bytes from `start` to before `end`. */
export interface Range {
  readonly start: number
  readonly end: number
}

/** Returns the ranges sorted, with overlapping and adjacent ones merged, and without empty ones. */
export function mergeRanges(ranges: readonly Range[]): Range[] {
  const merged: { start: number; end: number }[] = []
  for (const { start, end } of [...ranges].sort((a, b) => a.start - b.start)) {
    const last = merged.at(-1)
    if (start >= end) continue
    if (last && start <= last.end) last.end = Math.max(last.end, end)
    else merged.push({ start, end })
  }
  return merged
}

/** Returns what is in both lists, each of which is sorted and disjoint. */
export function intersectRanges(one: readonly Range[], other: readonly Range[]): Range[] {
  const common: Range[] = []
  for (let i = 0, j = 0; i < one.length && j < other.length; ) {
    const [a, b] = [one[i]!, other[j]!]
    const [start, end] = [Math.max(a.start, b.start), Math.min(a.end, b.end)]
    if (start < end) common.push({ start, end })
    if (a.end <= b.end) i += 1
    else j += 1
  }
  return common
}

/** Returns what is in `from` and not in `taken`, each of which is sorted and disjoint. */
export function subtractRanges(from: readonly Range[], taken: readonly Range[]): Range[] {
  const left: Range[] = []
  let at = 0
  for (const { start, end } of from) {
    let next = start
    while (at < taken.length && taken[at]!.end <= start) at += 1
    for (let each = at; each < taken.length && taken[each]!.start < end; each += 1) {
      if (taken[each]!.start > next) left.push({ start: next, end: taken[each]!.start })
      next = Math.max(next, taken[each]!.end)
    }
    if (next < end) left.push({ start: next, end })
  }
  return left
}

/** Returns the number of bytes in disjoint ranges. */
export const lengthOf = (ranges: readonly Range[]): number =>
  ranges.reduce((sum, { start, end }) => sum + end - start, 0)
