// Where GraphiQL keeps its state: the tabs with this window, everything else, such as the history and the theme, with the browser.

/** Under these keys GraphiQL keeps the tabs and the text of its editors. Another window must not replace them. */
const ofWindow = new Set(['graphiql:tabState', 'graphiql:query', 'graphiql:variables', 'graphiql:headers'])

type Kept = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>

export function createPageStorage(windowStorage: Kept, browserStorage: Kept) {
  const storageOf = (key: string): Kept => (ofWindow.has(key) ? windowStorage : browserStorage)
  return {
    getItem: (key: string) => storageOf(key).getItem(key),
    setItem: (key: string, value: string) => storageOf(key).setItem(key, value),
    removeItem: (key: string) => storageOf(key).removeItem(key),
    get length() {
      return ownKeys(windowStorage).length + ownKeys(browserStorage).length
    },
    clear() {
      for (const storage of [windowStorage, browserStorage])
        for (const key of ownKeys(storage)) storage.removeItem(key)
    },
  }
}

const ownKeys = (storage: Kept): string[] => Object.keys(storage).filter((key) => key.startsWith('graphiql:'))

/** Returns whether any tab of this window has an operation. */
export function hasOperation(windowStorage: Pick<Storage, 'getItem'>): boolean {
  try {
    const { tabs } = JSON.parse(windowStorage.getItem('graphiql:tabState') ?? '{}')
    return tabs.some(({ query }: { query?: string | null }) => (query ?? '').trim() !== '')
  } catch {
    return false
  }
}
