// Suggests the name that a user probably meant.

/** Returns the candidate closest to `word`; undefined if none is close. */
export function didYouMean(word: string, candidates: readonly string[]): string | undefined {
  const limit = word.length < 4 ? 1 : Math.max(2, Math.floor(word.length / 3))
  const scored = candidates
    .map((candidate) => ({ candidate, distance: distance(word, candidate) }))
    .filter((scored) => scored.distance <= limit)
    .sort((a, b) => a.distance - b.distance)
  return scored[0]?.candidate ?? candidates.find((candidate) => word.length > 2 && candidate.startsWith(word))
}

/** Levenshtein distance: the number of insertions, deletions and substitutions. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const changed = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)
      next.push(Math.min(changed, row[j]! + 1, next[j - 1]! + 1))
    }
    row = next
  }
  return row[b.length]!
}
