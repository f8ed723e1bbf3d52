// What the page knows of its gateway, from the block that the gateway fills (src/server/playground/page.ts).

export interface Example {
  /** The name in links, such as `snapshots/old-snapshots`. */
  readonly id: string
  readonly group: string
  readonly title: string
  readonly description: string
  readonly kind: 'query' | 'mutation' | 'subscription'
  readonly query: string
  readonly variables?: Readonly<Record<string, unknown>>
}

export interface Settings {
  readonly version: string
  /** The scheme of the Authorization header; null if no credentials are needed. */
  readonly scheme: 'Bearer' | 'Basic' | null
  readonly readOnly: boolean
  readonly isSimulator: boolean
  readonly examples: readonly Example[]
}

const defaults: Settings = { version: '', scheme: null, readOnly: false, isSimulator: false, examples: [] }

export const settings: Settings = {
  ...defaults,
  ...JSON.parse(document.getElementById('playground-settings')?.textContent || '{}'),
}
