// Something that happened in a simulated vCenter before its start.

/** Keys and times grow together, so entries of all kinds are recorded in the order of time. */
export interface PastEntry {
  /** Milliseconds since 1970. */
  readonly at: number
  record(): void
}
