// What an answer has, or could have, by the kinds that have a limit.

export interface Tally {
  readonly objects: number
  /** Texts, numbers and the like, nulls in their place too: each that is selected of each object, and each of a list. */
  readonly values: number
  readonly errors: number
}

export const nothing: Tally = { objects: 0, values: 0, errors: 0 }
export const oneValue: Tally = { ...nothing, values: 1 }
export const oneError: Tally = { ...nothing, errors: 1 }

export const plus = (a: Tally, b: Tally): Tally => byKind((kind) => a[kind] + b[kind])

export const times = (factor: number, tally: Tally): Tally => byKind((kind) => factor * tally[kind])

/** The most of each kind that any of them has. */
export const most = (tallies: readonly Tally[]): Tally =>
  byKind((kind) => Math.max(0, ...tallies.map((each) => each[kind])))

const byKind = (of: (kind: keyof Tally) => number): Tally => ({
  objects: of('objects'),
  values: of('values'),
  errors: of('errors'),
})
