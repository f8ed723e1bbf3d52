// When something lasted: a vCenter that was away, callers that were refused.

/** Times by Date.now(), which all processes of one machine share. `to` is missing while it goes on. */
interface Period {
  readonly from: number
  to?: number
}

export class Periods {
  readonly #all: Period[] = []

  get all(): readonly Readonly<Period>[] {
    return this.#all
  }

  /** It begins, if it does not go on already. */
  begin(at: number): void {
    if (this.#current === undefined) this.#all.push({ from: at })
  }

  end(at: number): void {
    const current = this.#current
    if (current) current.to = at
  }

  /** Whether a time has a moment in common with any of them. */
  meets({ from, to = Number.POSITIVE_INFINITY }: Readonly<Period>): boolean {
    return this.#all.some((each) => each.from <= to && (each.to ?? Number.POSITIVE_INFINITY) >= from)
  }

  /** Milliseconds of all of them, from one moment to another. */
  within(from: number, to: number): number {
    const lengths = this.#all.map((each) => Math.min(each.to ?? to, to) - Math.max(each.from, from))
    return lengths.reduce((sum, length) => sum + Math.max(0, length), 0)
  }

  get #current(): Period | undefined {
    const last = this.#all.at(-1)
    return last?.to === undefined ? last : undefined
  }
}
