// The body of an answer as its reader sees it: decompressed while it arrives, bounded, and failing only in ways that TransportError names.

import { pipeline, type Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import type { TransportResponse } from './transport.ts'
import { TransportError } from './transport-error.ts'

/**
 * How many times its compressed size a body may have once it is larger than `anyRatioBytes`: an inventory has some 30 times,
 * and a body that is made to be large a thousand.
 */
const maxRatio = 200
const anyRatioBytes = 8 * 1024 * 1024

/** The body behind `source`, and the headers that are still true of it. */
export function readBody(
  source: Readable,
  headers: TransportResponse['headers'],
  maxBytes: number,
  label: string,
): Pick<TransportResponse, 'headers' | 'body'> {
  if (headers['content-encoding'] !== 'gzip') return { headers, body: withMaxBytes(source, maxBytes, label) }

  const { 'content-encoding': _encoding, 'content-length': _length, ...rest } = headers
  const gunzip = createGunzip()
  // The reader meets the error in `gunzip`; the callback only keeps it from being thrown here.
  pipeline(source, gunzip, () => {})
  gunzip.on('error', () => {})
  return { headers: rest, body: withMaxBytes(gunzip, maxBytes, label, () => gunzip.bytesWritten) }
}

/** `compressedBytes`: how many bytes were decompressed so far. */
function withMaxBytes(
  stream: Readable,
  maxBytes: number,
  label: string,
  compressedBytes?: () => number,
): AsyncIterable<Uint8Array> {
  async function* read() {
    let bytes = 0
    try {
      for await (const chunk of stream) {
        bytes += chunk.length
        if (bytes > maxBytes) {
          throw new TransportError('TOO_LARGE', `${label}: the answer is larger than ${maxBytes} bytes`)
        }
        if (compressedBytes && bytes > anyRatioBytes && bytes > maxRatio * compressedBytes()) {
          throw new TransportError(
            'TOO_LARGE',
            `${label}: the answer is compressed more than ${maxRatio} times`,
          )
        }
        yield chunk as Uint8Array
      }
    } catch (error) {
      if (!isZlibError(error)) throw error
      throw new TransportError('CLOSED', `${label}: the compressed answer is cut or damaged`, {
        cause: error,
      })
    }
  }

  const chunks = read()
  return {
    [Symbol.asyncIterator]: () => ({
      next: () => chunks.next(),
      async return() {
        // A generator that has not begun would end without running, and leave the connection taken.
        stream.destroy()
        return chunks.return()
      },
    }),
  }
}

function isZlibError(error: unknown): boolean {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('Z_')
}
