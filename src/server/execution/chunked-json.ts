// Serializes the data of a large response in chunks, since JSON.stringify would block the event loop. The
// output is identical for an executor's data: objects, lists and JSON scalars. Inserts the lists that were
// written as JSON (schema/execution/bulk-lists.ts).

import { type ExecutionResult, locatedError, type OperationDefinitionNode } from 'graphql'
import { isOverBudget, yieldToEventLoop } from '../../concurrency/event-loop.ts'
import { limitExceeded } from '../../schema/errors/api-error.ts'
import { JsonText } from '../../schema/execution/json-text.ts'

export interface ResponseLimits {
  /** Maximum size of a query's response, as JSON. */
  readonly responseBytes: number
}

/** Shorter output is serialized in one go, which takes a few milliseconds. In characters. */
const largeLength = 100_000

/** Serializes the data of a large result. Returns an error instead if it exceeds the limit of a query. */
export async function serializeIfLarge(
  result: ExecutionResult,
  { responseBytes }: ResponseLimits,
  operation: OperationDefinitionNode,
  signal?: AbortSignal,
): Promise<ExecutionResult> {
  if (!isLarge(result.data)) return result
  // The response of a mutation has no limit, since the client needs its outcome. An event has the limits of
  // its objects and values only.
  const maxBytes = operation.operation === 'query' ? responseBytes : Number.POSITIVE_INFINITY
  let bytes = 0
  try {
    const text = await stringifyInChunks(result.data, (chunkBytes) => {
      signal?.throwIfAborted()
      bytes += chunkBytes
      if (bytes > maxBytes) throw responseTooLarge(bytes, maxBytes)
    })
    return { ...result, stringify: stringifyWithData(text) } as ExecutionResult
  } catch (error) {
    return { data: null, errors: [locatedError(error, operation)] }
  }
}

export const isLarge = (data: unknown): boolean => estimateLength(data, largeLength) > largeLength

/**
 * Serializes the data.
 * @param onChunk receives the byte length of each chunk; an error it throws stops the serialization
 */
export async function stringifyInChunks(data: unknown, onChunk: (bytes: number) => void): Promise<string> {
  let text = ''
  for (const chunk of jsonChunks(data)) {
    onChunk(Buffer.byteLength(chunk))
    text += chunk
    if (isOverBudget()) await yieldToEventLoop()
  }
  return text
}

function* jsonChunks(value: unknown, prefix = ''): Generator<string, void> {
  if (value instanceof JsonText) {
    yield prefix
    // Not joined with the prefix, which would copy the text.
    yield value.text
    return
  }
  if (typeof value !== 'object' || value === null || !isLarge(value)) {
    yield prefix + JSON.stringify(value)
    return
  }
  const isList = Array.isArray(value)
  let separator = prefix + (isList ? '[' : '{')
  for (const [name, item] of Object.entries(value)) {
    if (item === undefined) continue
    yield* jsonChunks(item, isList ? separator : `${separator}${JSON.stringify(name)}:`)
    separator = ','
  }
  yield isList ? ']' : '}'
}

/**
 * Estimates the length of a value's JSON. Stops counting once the length exceeds `limit`, as it does with a
 * JsonText, which JSON.stringify would parse.
 */
function estimateLength(value: unknown, limit: number): number {
  if (typeof value === 'string') return value.length + 2
  if (typeof value !== 'object' || value === null) return 8
  if (value instanceof JsonText) return Number.POSITIVE_INFINITY
  let length = 2
  if (Array.isArray(value)) {
    for (const item of value) {
      length += 1 + estimateLength(item, limit - length)
      if (length > limit) break
    }
    return length
  }
  for (const name in value) {
    length += name.length + 4 + estimateLength((value as Record<string, unknown>)[name], limit - length)
    if (length > limit) break
  }
  return length
}

/** Serializes a result whose data is already serialized. */
const stringifyWithData =
  (text: string) =>
  (result: ExecutionResult): string => {
    let json = ''
    // Added up, because `join` would copy the text.
    for (const [name, value] of Object.entries(result)) {
      if (value === undefined || name === 'stringify') continue
      json += `${json && ','}${JSON.stringify(name)}:`
      json += name === 'data' ? text : JSON.stringify(value)
    }
    return `{${json}}`
  }

const responseTooLarge = (bytes: number, maxBytes: number) =>
  limitExceeded({
    subject: 'the response already has',
    actual: bytes,
    limit: maxBytes,
    unit: 'bytes',
    remedy: 'Request fewer objects or fewer fields, use shorter aliases, or raise --max-response-mb.',
  })
