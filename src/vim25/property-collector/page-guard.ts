// Detects a server that endlessly sends the same or empty pages. Tokens and versions cannot detect this: vcsim reuses them for
// different pages. A page is identified by its first object, which servers normally send only once.

import { SoapError } from '../../soap/soap-error.ts'

/** Servers occasionally send an empty page, and an object that changes during the retrieval may be sent again. */
const maxIdlePages = 20

export class PageGuard {
  readonly #operation: string
  readonly #maxCopies: number
  readonly #pages = new Map<string, number>()
  #idle = 0

  /**
   * @param operation describes the operation in the error message
   * @param maxCopies how often a page may be sent; a server may send an object once per filter spec that selects it
   */
  constructor(operation: string, maxCopies = 1) {
    this.#operation = operation
    this.#maxCopies = maxCopies
  }

  /**
   * Records a page that is not the last one.
   * @param first identifies the first object of the page; undefined for an empty page
   * @throws SoapError after too many pages without new objects
   */
  record(first: string | undefined): void {
    if (first !== undefined) {
      const copies = (this.#pages.get(first) ?? 0) + 1
      this.#pages.set(first, copies)
      if (copies <= this.#maxCopies) return
    }
    this.#idle += 1
    if (this.#idle > maxIdlePages)
      throw new SoapError(
        `vSphere sent more than ${maxIdlePages} repeated or empty pages of ${this.#operation}`,
      )
  }
}
