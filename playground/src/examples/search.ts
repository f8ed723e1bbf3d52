// Finds examples by words.

import type { Example } from '../settings.ts'

type Searched = Pick<Example, 'title' | 'description' | 'query'>

/**
 * Returns the examples that contain all words, in any case: first those with all of them in the title, then in the title and the
 * description, then in the operation too.
 */
export function searchExamples<Found extends Searched>(examples: readonly Found[], search: string): Found[] {
  const words = search.toLowerCase().split(/\s+/)
  const ranked = examples.flatMap((example) => {
    const rank = searchedIn(example).findIndex((text) => words.every((word) => text.includes(word)))
    return rank < 0 ? [] : [{ example, rank }]
  })
  return ranked.sort((a, b) => a.rank - b.rank).map(({ example }) => example)
}

/** What is searched, each with everything before it. */
const searchedIn = ({ title, description, query }: Searched): readonly string[] =>
  [title, `${title} ${description}`, `${title} ${description} ${query}`].map((text) => text.toLowerCase())
