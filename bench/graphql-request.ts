// One GraphQL operation and its answer: timed until its last byte is there, read only after that.

export interface Operation {
  readonly query: string
  readonly variables?: Readonly<Record<string, unknown>>
}

export interface TimedResponse {
  readonly ms: number
  readonly body: Uint8Array
}

export type ExecuteOperation = (operation: Operation) => Promise<TimedResponse>

/** What a program sends with its operation. */
export const plainHeaders = { 'content-type': 'application/json' } as const
/** The same with the trace, so that the retrievals can be counted. */
export const tracedHeaders = { ...plainHeaders, 'x-vsphere-trace': '1' } as const

/** What was answered, if it was without errors. */
export function read<Data>({ body }: TimedResponse): { data: Data; retrievals: number } {
  const { data, errors, extensions } = JSON.parse(Buffer.from(body).toString()) as {
    data: Data
    errors?: readonly { message: string }[]
    extensions?: { vsphere?: { retrievals: number } }
  }
  if (errors)
    throw new Error(`the gateway answered with ${errors.length} errors, first: ${errors[0]?.message}`)
  return { data, retrievals: extensions?.vsphere?.retrievals ?? 0 }
}
