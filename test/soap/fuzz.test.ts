// Mutated responses: each decodes to values of the declared types, or throws a SoapError. It throws nothing else and has no
// side effects. REPLIES sets their number, SEED selects them.

import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { SoapReply } from '../../src/soap/envelope.ts'
import { type MethodName, methodSignature } from '../../src/soap/method-signature.ts'
import { createReplyReader } from '../../src/soap/reply-decoder.ts'
import { SoapError } from '../../src/soap/soap-error.ts'
import { listTypeMismatch, typeMismatch } from './conforms.ts'
import { decodeReply } from './decode-reply.ts'
import { mutated } from './mutated.ts'
import { recordReplies } from './recorded-replies.ts'

const numRuns = Number(process.env.REPLIES ?? 2_000)
const seed = Number(process.env.SEED ?? 53)

/** The result of decoding; undefined when it was rejected. */
function outcome<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch (error) {
    expect(error).toBeInstanceOf(SoapError)
    return undefined
  }
}

/** Returns where the result violates the return type of the method. */
function replyMismatch(method: MethodName, reply: SoapReply<unknown>): string | undefined {
  if ('fault' in reply) {
    const { faultcode, faultstring, detail } = reply.fault
    return (
      typeMismatch(faultcode, 'string') ??
      typeMismatch(faultstring, 'string') ??
      (detail === undefined ? undefined : typeMismatch(detail, 'MethodFault'))
    )
  }
  const { returns } = methodSignature(method)
  if (reply.result === undefined) return returns && !returns.optional ? 'there is no result' : undefined
  if (!returns) return 'there is a result'
  return returns.repeated
    ? listTypeMismatch(reply.result, returns.type)
    : typeMismatch(reply.result, returns.type)
}

/** The properties that all objects inherit. */
const builtIn = () =>
  [Object, Array, Map, Function, String].map(({ prototype }) => Reflect.ownKeys(prototype))

/** The fields of a result whose items are streamed, if the gateway streams that method. */
const streamedFields: Partial<Record<MethodName, readonly [field: string, type: string]>> = {
  RetrievePropertiesEx: ['objects', 'ObjectContent'],
  ContinueRetrievePropertiesEx: ['objects', 'ObjectContent'],
  QueryChangedDiskAreas: ['changedArea', 'DiskChangeExtent'],
}

it('decodes a damaged response as declared, or rejects it', {
  timeout: 120_000 + numRuns * 20,
}, async () => {
  const replies = await recordReplies()
  // Ensures coverage: there must be enough recorded responses.
  expect(new Set(replies.map(({ method }) => method)).size).toBeGreaterThan(10)
  expect(replies.some(({ text }) => text.includes(':Fault>'))).toBe(true)
  const before = builtIn()
  let [read, rejected] = [0, 0]

  const damaged = fc
    .constantFrom(...replies)
    .chain(({ method, text }) =>
      mutated(fc.constant(text)).map((damagedText) => ({ method, text: damagedText })),
    )
  fc.assert(
    fc.property(damaged, fc.integer({ min: 1, max: 5_000 }), ({ method, text }, step) => {
      const complete = outcome(() => decodeReply(method, text))
      if (complete) expect(replyMismatch(method, complete)).toBeUndefined()

      const [field, type] = streamedFields[method] ?? []
      const take = new Map<string, (item: unknown) => void>()
      if (field && type) take.set(field, (item) => expect(typeMismatch(item, type)).toBeUndefined())
      const chunked = outcome(() => {
        const reader = createReplyReader(method, take)
        for (let from = 0; from < text.length; from += step) reader.write(text.slice(from, from + step))
        return reader.end()
      })
      if (chunked) expect(replyMismatch(method, chunked)).toBeUndefined()

      if (complete && chunked) read += 1
      else rejected += 1
    }),
    { numRuns, seed },
  )

  expect(builtIn()).toEqual(before)
  // Both outcomes must be frequent, otherwise only one of them is tested.
  expect(Math.min(read, rejected)).toBeGreaterThan(numRuns / 10)
})
