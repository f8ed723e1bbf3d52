// Suggests the name that a user probably meant.

/** Returns the candidate closest to `word`; undefined if none is close. */
export const didYouMean = (word: string, candidates: readonly string[]): string | undefined =>
  closestTo(word, candidates)[0]

/** Returns the candidates closest to `word`: several if they are equally close, none if none is close. */
export function closestTo(word: string, candidates: readonly string[]): readonly string[] {
  const limit = word.length < 4 ? 1 : Math.max(2, Math.floor(word.length / 3))
  const scored = candidates
    .map((candidate) => ({ candidate, distance: distance(word, candidate) }))
    .filter((scored) => scored.distance <= limit)
    .sort((a, b) => a.distance - b.distance)
  const [first] = scored
  if (first)
    return scored.filter(({ distance }) => distance === first.distance).map(({ candidate }) => candidate)
  return candidates.filter((candidate) => word.length > 2 && candidate.startsWith(word)).slice(0, 1)
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
