// Rejects requests that are too long and batches that are too large. A request with a Content-Length, which
// node:http enforces, is rejected by that header; others once they exceed the limit. (Yoga's own limit copies
// each request, which costs a small query a third of its time.)

import type { GraphQLError } from 'graphql'
import type { Plugin } from 'graphql-yoga'
import { badInput, limitExceeded } from '../../schema/errors/api-error.ts'
import { rejectionError } from '../errors/rejection-error.ts'

export interface RequestLimits {
  /** Maximum length of the request body. */
  readonly requestBytes: number
  /** Maximum number of operations in a batch; 0 disables batches. */
  readonly batch: number
}

export function useRequestLimits({ requestBytes, batch }: RequestLimits): Plugin {
  return {
    onRequestParse({ request, requestParser, setRequestParser, fetchAPI }) {
      const length = request.headers.get('content-length')
      if (length !== null && Number(length) > requestBytes)
        throw requestTooLarge(Number(length), requestBytes)
      if (length === null && requestParser && request.body)
        setRequestParser(async ({ url, method, headers, signal, body }) => {
          const text = await readBody(body as unknown as AsyncIterable<Uint8Array>, requestBytes).catch(
            (error: unknown) => {
              throw signal.aborted ? signal.reason : error
            },
          )
          return requestParser(new fetchAPI.Request(url, { method, headers, signal, body: text }))
        })
      return {
        onRequestParseDone({ requestParserResult: operations }) {
          if (!Array.isArray(operations)) return
          if (operations.length === 0) throw rejectionError(emptyBatch, { status: 400 })
          if (batch === 0 || operations.length > batch) throw batchTooLarge(operations.length, batch)
          // Plugins that run before Yoga's own check would throw at such an item.
          const invalidIndex = operations.findIndex((each) => typeof each !== 'object' || each === null)
          if (invalidIndex >= 0) throw invalidBatchItem(invalidIndex)
        },
      }
    },
  }
}

const emptyBatch = badInput('the batch is empty', 'Send at least one operation.')

async function readBody(body: AsyncIterable<Uint8Array>, maxBytes: number): Promise<string> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  // Not for await, which would destroy the body, and with it the connection, before the response is sent.
  const iterator = body[Symbol.asyncIterator]()
  for (;;) {
    const { done, value } = await iterator.next()
    if (done) return Buffer.concat(chunks).toString()
    bytes += value.byteLength
    if (bytes > maxBytes) throw requestTooLarge(bytes, maxBytes)
    chunks.push(value)
  }
}

const requestTooLarge = (bytes: number, limit: number): GraphQLError =>
  rejectionError(
    limitExceeded({
      subject: 'the request has',
      actual: bytes,
      limit,
      unit: 'bytes',
      remedy: 'Request fewer objects in one operation, or raise --max-request-bytes.',
      scope: 'request',
    }),
    { status: 413 },
  )

const invalidBatchItem = (index: number): GraphQLError =>
  rejectionError(
    badInput(
      `operation ${index + 1} of the batch is not an object`,
      'Send { "query": … } for each operation of the batch.',
    ),
    { status: 400 },
  )

const batchTooLarge = (operations: number, limit: number): GraphQLError =>
  rejectionError(
    limitExceeded({
      subject: 'the batch has',
      actual: operations,
      limit,
      unit: 'operations',
      remedy:
        limit === 0
          ? 'Send each operation in a separate request, or enable batches with --max-batch.'
          : 'Send smaller batches, or raise --max-batch.',
      scope: 'request',
    }),
    { status: 400 },
  )
