// Streams a response body: decompresses it on arrival, limits its size, and reports read failures as TransportError.

import { pipeline, type Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import type { TransportResponse } from './transport.ts'
import { TransportError } from './transport-error.ts'

/**
 * Maximum compression ratio of a body larger than `minRatioCheckBytes`. A real inventory compresses about 30 times, a
 * decompression bomb about 1,000 times.
 */
const maxRatio = 200
const minRatioCheckBytes = 8 * 1024 * 1024

/**
 * Decompresses and bounds the body in `source`.
 * @param maxBytes limit of the decompressed size
 * @param label names the request in error messages
 * @returns the body, and the headers that still apply to it: no `content-encoding` or `content-length` once decompressed
 */
export function readBody(
  source: Readable,
  headers: TransportResponse['headers'],
  maxBytes: number,
  label: string,
): Pick<TransportResponse, 'headers' | 'body'> {
  if (headers['content-encoding'] !== 'gzip') return { headers, body: withMaxBytes(source, maxBytes, label) }

  const { 'content-encoding': _encoding, 'content-length': _length, ...rest } = headers
  const gunzip = createGunzip()
  // The consumer receives the error from `gunzip`. The callback only prevents an uncaught exception.
  pipeline(source, gunzip, () => {})
  gunzip.on('error', () => {})
  return { headers: rest, body: withMaxBytes(gunzip, maxBytes, label, () => gunzip.bytesWritten) }
}

/**
 * @param compressedBytes returns the number of compressed bytes read so far
 * @throws TransportError `TOO_LARGE` over a limit, `CLOSED` if the compressed data is invalid
 */
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
          throw new TransportError('TOO_LARGE', `${label}: the response is larger than ${maxBytes} bytes`)
        }
        if (compressedBytes && bytes > minRatioCheckBytes && bytes > maxRatio * compressedBytes()) {
          throw new TransportError(
            'TOO_LARGE',
            `${label}: the compression ratio of the response is over ${maxRatio}`,
          )
        }
        yield chunk as Uint8Array
      }
    } catch (error) {
      if (!isZlibError(error)) throw error
      throw new TransportError('CLOSED', `${label}: the compressed response is truncated or corrupt`, {
        cause: error,
      })
    }
  }

  const chunks = read()
  return {
    [Symbol.asyncIterator]: () => ({
      next: () => chunks.next(),
      async return() {
        // A generator that has not started ends without running its code, so it would not release the connection.
        stream.destroy()
        return chunks.return()
      },
    }),
  }
}

function isZlibError(error: unknown): boolean {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('Z_')
}
