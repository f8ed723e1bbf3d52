// What a new tab of GraphiQL is opened with.

export interface OpenTab {
  readonly query: string
  readonly variables?: Readonly<Record<string, unknown>> | undefined
}
