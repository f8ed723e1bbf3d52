// Replies that no server should send, made of good ones: each is read as values of the declared types, or is a SoapError.
// Nothing else is thrown, and nothing outside the reading changes. REPLIES says how many, SEED which.

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

/** What a reading gave; undefined when it was refused. */
function outcome<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch (error) {
    expect(error).toBeInstanceOf(SoapError)
    return undefined
  }
}

/** Where what was read is none of the type that the method returns. */
function misfitOfReply(method: MethodName, reply: SoapReply<unknown>): string | undefined {
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

/** What all objects have without being given anything. */
const builtIn = () =>
  [Object, Array, Map, Function, String].map(({ prototype }) => Reflect.ownKeys(prototype))

/** The fields of a result whose items are handed over as they end where the gateway reads that method. */
const taken: Partial<Record<MethodName, readonly [field: string, type: string]>> = {
  RetrievePropertiesEx: ['objects', 'ObjectContent'],
  ContinueRetrievePropertiesEx: ['objects', 'ObjectContent'],
  QueryChangedDiskAreas: ['changedArea', 'DiskChangeExtent'],
}

it('a damaged reply is read as what is declared, or refused', {
  timeout: 60_000 + numRuns * 20,
}, async () => {
  const replies = await recordReplies()
  // Whoever records too little tests nothing.
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
      if (complete) expect(misfitOfReply(method, complete)).toBeUndefined()

      const [field, type] = taken[method] ?? []
      const take = new Map<string, (item: unknown) => void>()
      if (field && type) take.set(field, (item) => expect(typeMismatch(item, type)).toBeUndefined())
      const pieces = outcome(() => {
        const reader = createReplyReader(method, take)
        for (let from = 0; from < text.length; from += step) reader.write(text.slice(from, from + step))
        return reader.end()
      })
      if (pieces) expect(misfitOfReply(method, pieces)).toBeUndefined()

      if (complete && pieces) read += 1
      else rejected += 1
    }),
    { numRuns, seed },
  )

  expect(builtIn()).toEqual(before)
  // Both happen often, or else only one of them is tested.
  expect(Math.min(read, rejected)).toBeGreaterThan(numRuns / 10)
})
