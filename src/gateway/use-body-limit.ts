// Refuses request bodies that are too long: by what they say of their length, which node:http holds them to, and those that
// do not say it as they come. (Yoga's own limit makes a new request of each, which costs a small query a third of its time.)

import { GraphQLError } from 'graphql'
import type { Plugin } from 'graphql-yoga'

/** 5,000 tokens and the ids of a whole page are far less. */
export const mostBodyBytes = 2_000_000

/** Of one that is too long; then the connection goes. */
const mostReadBytes = 5 * mostBodyBytes

export function useBodyLimit(): Plugin {
  return {
    onRequestParse({ request, requestParser, setRequestParser, fetchAPI }) {
      const length = request.headers.get('content-length')
      if (length !== null) {
        if (Number(length) > mostBodyBytes) throw tooLong()
        return
      }
      if (!requestParser || !request.body) return
      setRequestParser(async ({ url, method, headers, signal, body }) => {
        const text = await readWhole(body as unknown as AsyncIterable<Uint8Array>)
        return requestParser(new fetchAPI.Request(url, { method, headers, signal, body: text }))
      })
    },
  }
}

async function readWhole(body: AsyncIterable<Uint8Array>): Promise<string> {
  const pieces: Uint8Array[] = []
  let bytes = 0
  for await (const piece of body) {
    bytes += piece.byteLength
    // Read on for a while all the same, as who is still sending does not look at the answer; but not kept.
    if (bytes <= mostBodyBytes) pieces.push(piece)
    else if (bytes > mostReadBytes) throw tooLong()
  }
  if (bytes > mostBodyBytes) throw tooLong()
  return Buffer.concat(pieces).toString()
}

const tooLong = (): GraphQLError =>
  new GraphQLError(`the request is longer than ${mostBodyBytes} bytes`, {
    extensions: { http: { status: 413 } },
  })
