// One GraphQL operation and its response, timed until the last byte and parsed only after that.

export interface Operation {
  readonly query: string
  readonly variables?: Readonly<Record<string, unknown>>
}

export interface TimedResponse {
  readonly ms: number
  readonly body: Uint8Array
}

export type ExecuteOperation = (operation: Operation) => Promise<TimedResponse>

/** Headers of a regular client. */
export const plainHeaders = { 'content-type': 'application/json' } as const
/** The same with the SOAP trace, for the number of retrievals. */
export const tracedHeaders = { ...plainHeaders, 'x-vsphere-trace': '1' } as const

/** Parses a response. @throws Error if it has errors */
export function read<Data>({ body }: TimedResponse): { data: Data; retrievals: number } {
  const { data, errors, extensions } = JSON.parse(Buffer.from(body).toString()) as {
    data: Data
    errors?: readonly { message: string }[]
    extensions?: { vsphere?: { retrievals: number } }
  }
  if (errors) throw new Error(`the response has ${errors.length} errors, the first is: ${errors[0]?.message}`)
  return { data, retrievals: extensions?.vsphere?.retrievals ?? 0 }
}
