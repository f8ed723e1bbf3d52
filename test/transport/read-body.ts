// Reads a response body to its end.

import type { TransportResponse } from '../../src/transport/transport.ts'

export async function readBytes({ body }: Pick<TransportResponse, 'body'>): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  for await (const chunk of body) chunks.push(chunk)
  return Buffer.concat(chunks)
}

export async function readText(response: Pick<TransportResponse, 'body'>): Promise<string> {
  return (await readBytes(response)).toString()
}
