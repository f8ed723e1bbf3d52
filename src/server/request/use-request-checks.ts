// Rejects requests before their documents are parsed: by the encoding and length of the body, its JSON, the
// number of operations, and the variables of each operation.

import { locatedError } from 'graphql'
import type { FetchAPI, Plugin } from 'graphql-yoga'
import { ApiError, badInput, limitExceeded } from '../../schema/errors/api-error.ts'
import { rejectionError } from '../errors/rejection-error.ts'

export interface RequestLimits {
  /** Maximum length of the request body. */
  readonly requestBytes: number
  /** Maximum number of operations in a batch; 0 disables batches. */
  readonly batch: number
  /** Number of values of all variables, including those inside lists and objects. */
  readonly variableValues: number
  /** Nesting of lists and objects in variables. */
  readonly depth: number
}

const batches = new WeakSet<Request>()

const unsupportedEncoding = badInput(
  'compressed or encoded request bodies are not supported',
  'Send the body without content-encoding.',
)
const invalidJson = badInput('variables or extensions are not valid JSON', 'Send each as a JSON object.')
const batchedSubscription = badInput(
  'a batch cannot contain a subscription',
  'Send the subscription in a separate request.',
)
const emptyBatch = badInput('the batch is empty', 'Send at least one operation.')

/**
 * Rejects a subscription in a batch, whose one JSON response cannot contain events.
 * @throws GraphQLError BAD_USER_INPUT
 */
export function rejectBatch(request: Request): void {
  if (batches.has(request)) throw locatedError(batchedSubscription, undefined)
}

export function useRequestChecks(limits: RequestLimits): Plugin {
  return {
    onRequestParse({ request, requestParser, setRequestParser, fetchAPI }) {
      // An encoded body would otherwise be reported as invalid JSON.
      const encoding = request.headers.get('content-encoding') ?? 'identity'
      if (encoding.toLowerCase() !== 'identity')
        throw rejectionError(unsupportedEncoding, { status: 415, headers: { 'accept-encoding': 'identity' } })
      // node:http enforces a declared length.
      const length = request.headers.get('content-length')
      if (length !== null) checkLength(Number(length), limits)
      if (requestParser)
        setRequestParser(async (request) => {
          const isUnlimited = length === null && request.body !== null
          try {
            return await requestParser(isUnlimited ? await readRequest(request, limits, fetchAPI) : request)
          } catch (error) {
            // JSON in a parameter of a GET request or a form, which Yoga would treat as an internal error and
            // log with the request's contents.
            throw error instanceof SyntaxError ? rejectionError(invalidJson, { status: 400 }) : error
          }
        })
      return {
        onRequestParseDone({ requestParserResult: operations }) {
          if (!Array.isArray(operations)) return
          checkBatch(operations, limits)
          batches.add(request)
        },
      }
    },
    onParams: ({ params: { variables } }) => checkVariables(variables, limits),
  }
}

/**
 * Reads the body of a request without a declared length, up to the limit. (Yoga's own limit copies each
 * request, which costs a small query a third of its time.)
 */
async function readRequest(
  { url, method, headers, signal, body }: Request,
  limits: RequestLimits,
  { Request }: FetchAPI,
): Promise<Request> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  // Not for await, which would destroy the body, and with it the connection, before the response is sent.
  const iterator = (body as unknown as AsyncIterable<Uint8Array>)[Symbol.asyncIterator]()
  for (;;) {
    const { done, value } = await iterator.next().catch((error: unknown) => {
      throw signal.aborted ? signal.reason : error
    })
    if (done) return new Request(url, { method, headers, signal, body: Buffer.concat(chunks).toString() })
    bytes += value.byteLength
    checkLength(bytes, limits)
    chunks.push(value)
  }
}

function checkLength(bytes: number, { requestBytes }: RequestLimits): void {
  if (bytes <= requestBytes) return
  const error = limitExceeded({
    subject: 'the request has',
    actual: bytes,
    limit: requestBytes,
    unit: 'bytes',
    remedy: 'Request fewer objects in one operation, or raise --max-request-bytes.',
    scope: 'request',
  })
  throw rejectionError(error, { status: 413 })
}

function checkBatch(operations: readonly unknown[], { batch }: RequestLimits): void {
  if (operations.length === 0) throw rejectionError(emptyBatch, { status: 400 })
  if (operations.length > batch) {
    const exceeded = limitExceeded({
      subject: 'the batch has',
      actual: operations.length,
      limit: batch,
      unit: 'operations',
      remedy:
        batch === 0
          ? 'Send each operation in a separate request, or enable batches with --max-batch.'
          : 'Send smaller batches, or raise --max-batch.',
      scope: 'request',
    })
    const error =
      batch === 0 ? new ApiError(exceeded.code, 'batches are disabled', exceeded.details) : exceeded
    throw rejectionError(error, { status: 400 })
  }
  // Plugins that run before Yoga's own check would throw at such an item.
  const invalidIndex = operations.findIndex((each) => typeof each !== 'object' || each === null)
  if (invalidIndex < 0) return
  const remedy = 'Send { "query": … } for each operation of the batch.'
  const error = badInput(`operation ${invalidIndex + 1} of the batch is not an object`, remedy)
  throw rejectionError(error, { status: 400 })
}

/**
 * Limits variables before they are validated against their types: each invalid value would add an error that
 * quotes the value around it.
 */
function checkVariables(variables: unknown, { variableValues, depth }: RequestLimits): void {
  const check = (actual: number, limit: number, unit: string, remedy: string) => {
    const subject = 'the variables have at least'
    if (actual > limit) throw rejectionError(limitExceeded({ subject, actual, limit, unit, remedy }))
  }
  let count = 0
  let currentLevel: unknown[] = [variables]
  for (let level = 0; currentLevel.length > 0; level += 1) {
    check(level, depth, 'levels', 'Send values with fewer levels, or raise --max-depth.')
    currentLevel = currentLevel.flatMap((each) =>
      typeof each === 'object' && each !== null ? Object.values(each) : [],
    )
    count += currentLevel.length
    const remedy = 'Send fewer values in one operation, or raise --max-variable-values.'
    check(count, variableValues, 'values', remedy)
  }
}
