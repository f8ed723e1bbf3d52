// Whether the response covers the operation: in a tab from the start page, where the question has been read already, or in all tabs by
// the user's choice, which is kept for the session of the browser's tab.

const storageKey = 'vsphere-graphql:wide'

/** The parts of Storage that are used. */
interface SessionStorage {
  getItem(key: string): string | null
  setItem(key: string, value: string): void
}

export class WidthStore {
  readonly #storage: SessionStorage
  readonly #listeners = new Set<() => void>()
  /** Tabs that were opened wide, and whose operation the user has not shown since. */
  readonly #wideTabs = new Set<string>()
  #isChosen: boolean

  constructor(storage: SessionStorage) {
    this.#storage = storage
    this.#isChosen = storage.getItem(storageKey) === 'true'
  }

  /** For useSyncExternalStore: calls the listener after each change, and returns the function that stops this. */
  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  isWide(tabId: string): boolean {
    return this.#isChosen || this.#wideTabs.has(tabId)
  }

  /** The user's choice, for all tabs. */
  choose(isWide: boolean): void {
    this.#isChosen = isWide
    this.#storage.setItem(storageKey, String(isWide))
    this.#wideTabs.clear()
    this.#notify()
  }

  /** Gives the response of an operation that is opened the whole width, or the width that the user has chosen. */
  open(tabId: string, isWide: boolean): void {
    if (isWide) this.#wideTabs.add(tabId)
    else this.#wideTabs.delete(tabId)
    this.#notify()
  }

  #notify(): void {
    for (const listener of this.#listeners) listener()
  }
}
