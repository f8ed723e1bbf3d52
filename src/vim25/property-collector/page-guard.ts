// Detects a server that sends the same or empty pages for ever. Tokens and versions prove nothing: vcsim keeps the same ones for
// different pages. A page is known by its first object, which no server sends first twice.

import { SoapError } from '../../soap/soap-error.ts'

/** Servers do send an empty page now and then, and an object that changes while pages are read may come again. */
const maxIdlePages = 20

export class PageGuard {
  readonly #what: string
  readonly #maxCopies: number
  readonly #pages = new Map<string, number>()
  #idle = 0

  /** @param maxCopies how often a page may come: a server may send an object once for each filter spec that selects it. */
  constructor(what: string, maxCopies = 1) {
    this.#what = what
    this.#maxCopies = maxCopies
  }

  /**
   * Notes a page that another one follows, by its first object; undefined for an empty page.
   * @throws SoapError after too many pages that bring nothing new.
   */
  record(first: string | undefined): void {
    if (first !== undefined) {
      const copies = (this.#pages.get(first) ?? 0) + 1
      this.#pages.set(first, copies)
      if (copies <= this.#maxCopies) return
    }
    this.#idle += 1
    if (this.#idle > maxIdlePages)
      throw new SoapError(`the pages of ${this.#what} do not end: they repeat or are empty`)
  }
}
