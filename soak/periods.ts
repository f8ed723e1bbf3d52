// Records periods of time: of an unreachable vCenter, or of rejected requests.

/**
 * Times are those of Date.now(), which all processes of a machine share. `to` is missing while the period
 * lasts.
 */
interface Period {
  readonly from: number
  to?: number
}

export class Periods {
  readonly #all: Period[] = []

  get all(): readonly Readonly<Period>[] {
    return this.#all
  }

  /** Begins a period, unless one is open. */
  begin(at: number): void {
    if (this.#current === undefined) this.#all.push({ from: at })
  }

  end(at: number): void {
    const current = this.#current
    if (current) current.to = at
  }

  /** Whether a period overlaps any of these. */
  overlaps({ from, to = Number.POSITIVE_INFINITY }: Readonly<Period>): boolean {
    return this.#all.some((each) => each.from <= to && (each.to ?? Number.POSITIVE_INFINITY) >= from)
  }

  /** Returns the total length within a range, in milliseconds. */
  lengthWithin(from: number, to: number): number {
    const lengths = this.#all.map((each) => Math.min(each.to ?? to, to) - Math.max(each.from, from))
    return lengths.reduce((sum, length) => sum + Math.max(0, length), 0)
  }

  get #current(): Period | undefined {
    const last = this.#all.at(-1)
    return last?.to === undefined ? last : undefined
  }
}
