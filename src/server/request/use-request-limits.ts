// Refuses requests that are too long, by what they say of their length, which node:http holds them to, and those that do not
// say it as they come; and lists of operations that are too many. (Yoga's own limit of the length makes a new request of
// each, which costs a small query a third of its time.)

import type { GraphQLError } from 'graphql'
import type { Plugin } from 'graphql-yoga'
import { badInput, tooComplex } from '../../schema/errors/api-error.ts'
import { refused } from '../errors/rejection-error.ts'

export interface RequestLimits {
  /** Of its body. */
  readonly requestBytes: number
  /** Operations in one request, which is then a list of them; 0 takes no list. */
  readonly batch: number
}

export function useRequestLimits({ requestBytes, batch }: RequestLimits): Plugin {
  return {
    onRequestParse({ request, requestParser, setRequestParser, fetchAPI }) {
      const length = request.headers.get('content-length')
      if (length !== null && Number(length) > requestBytes) throw tooLong(Number(length), requestBytes)
      if (length === null && requestParser && request.body)
        setRequestParser(async ({ url, method, headers, signal, body }) => {
          const text = await readWhole(body as unknown as AsyncIterable<Uint8Array>, requestBytes).catch(
            (error: unknown) => {
              throw signal.aborted ? signal.reason : error
            },
          )
          return requestParser(new fetchAPI.Request(url, { method, headers, signal, body: text }))
        })
      return {
        onRequestParseDone({ requestParserResult: operations }) {
          if (!Array.isArray(operations)) return
          if (operations.length === 0) throw refused(nothing, { status: 400 })
          if (batch === 0 || operations.length > batch) throw tooMany(operations.length, batch)
          // The plugins that come before Yoga's own look at each would fail at it.
          const odd = operations.findIndex((each) => typeof each !== 'object' || each === null)
          if (odd >= 0) throw noOperation(odd)
        },
      }
    },
  }
}

const nothing = badInput('the request is an empty list of operations', 'Send an operation.')

async function readWhole(body: AsyncIterable<Uint8Array>, most: number): Promise<string> {
  const pieces: Uint8Array[] = []
  let bytes = 0
  // Not for await, which would destroy the body, and the connection with it, before the response is sent.
  const iterator = body[Symbol.asyncIterator]()
  for (;;) {
    const { done, value } = await iterator.next()
    if (done) return Buffer.concat(pieces).toString()
    bytes += value.byteLength
    if (bytes > most) throw tooLong(bytes, most)
    pieces.push(value)
  }
}

const tooLong = (bytes: number, most: number): GraphQLError =>
  refused(
    tooComplex(
      'the request has',
      bytes,
      most,
      'bytes',
      'Ask for fewer objects in one operation, or raise --max-request-bytes.',
      'request',
    ),
    { status: 413 },
  )

const noOperation = (at: number): GraphQLError =>
  refused(
    badInput(
      `number ${at + 1} of the list of operations is no object`,
      'Send { "query": … } for each operation of the list.',
    ),
    { status: 400 },
  )

const tooMany = (operations: number, most: number): GraphQLError =>
  refused(
    tooComplex(
      'the request is a list of',
      operations,
      most,
      'operations',
      most === 0
        ? 'Send each operation by itself and not in a list, or allow lists with --max-batch.'
        : 'Send fewer operations at once, or raise --max-batch.',
      'request',
    ),
    { status: 400 },
  )
