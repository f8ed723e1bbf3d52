// Streaming decoding of responses: equals decoding the whole text, for any chunks.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { typed } from '../../src/soap/codec.ts'
import { methods } from '../../src/soap/declarations/methods.ts'
import { encodeFault, encodeReply, type MethodName } from '../../src/soap/envelope.ts'
import { createReplyReader } from '../../src/soap/reply-decoder.ts'
import { SoapError } from '../../src/soap/soap-error.ts'
import { parseTypeExpression } from '../../src/soap/type-registry.ts'
import { declaredValue } from './declared-values.ts'
import { decodeReply } from './decode-reply.ts'
import { vcenterRetrieval, vcsimRetrieval, vcsimTaskUpdate } from './fixtures.ts'

const nothing = new Map<string, (item: unknown) => void>()

function readInChunks(method: MethodName, text: string, cuts: readonly number[]): unknown {
  const reader = createReplyReader(method, nothing)
  const bounds = [...new Set(cuts.map((cut) => cut % (text.length + 1)))].sort((a, b) => a - b)
  let from = 0
  for (const to of [...bounds, text.length]) {
    reader.write(text.slice(from, to))
    from = to
  }
  return reader.end()
}

const outcome = (read: () => unknown): unknown => {
  try {
    return read()
  } catch (error) {
    expect(error).toBeInstanceOf(SoapError)
    return SoapError
  }
}

const cuts = fc.array(fc.nat(), { maxLength: 12 })
const names = Object.keys(methods) as MethodName[]

describe('a response in chunks', () => {
  it.each([
    ['a vCenter', 'RetrievePropertiesEx', vcenterRetrieval],
    ['vcsim', 'RetrievePropertiesEx', vcsimRetrieval],
    ['vcsim', 'WaitForUpdatesEx', vcsimTaskUpdate],
  ] as const)('of %s to %s decodes as the whole text does', (_who, method, text) => {
    fc.assert(
      fc.property(cuts, (where) => {
        expect(readInChunks(method, text, where)).toEqual(decodeReply(method, text))
      }),
      { numRuns: 50 },
    )
  })

  it('decodes as the whole text does, for every method', () => {
    for (const method of names) {
      const { returns } = methods[method]
      const { repeated, type } = parseTypeExpression(returns === 'void' ? 'string' : returns)
      const value = declaredValue(type)
      fc.assert(
        fc.property(repeated ? fc.array(value, { maxLength: 3 }) : value, cuts, (result, where) => {
          const text = encodeReply(method, returns === 'void' ? undefined : result)
          expect(readInChunks(method, text, where)).toEqual(decodeReply(method, text))
        }),
        { numRuns: 8 },
      )
    }
  })

  it('decodes a fault as the whole text does', () => {
    const text = encodeFault('no <way>', { _typeName: 'NoPermission', privilegeId: 'System.Read' } as never)
    expect(readInChunks('Login', text, [3, 100, 250])).toEqual(decodeReply('Login', text))
  })

  it('is rejected when it is truncated anywhere', () => {
    for (let length = 0; length < vcsimRetrieval.trimEnd().length; length += 1) {
      expect(outcome(() => readInChunks('RetrievePropertiesEx', vcsimRetrieval.slice(0, length), []))).toBe(
        SoapError,
      )
    }
  })

  it('decodes or rejects any mutation of a valid body; both decoders agree if both accept it', () => {
    const inserted = fc.oneof(
      fc.string({ maxLength: 6, unit: 'binary' }),
      fc.constantFrom('x:', ':', ' a="b"', '<x/>', '&#38;', '<![CDATA[<]]>', '<!-- -->', '\r\n', '\u{1f4be}'),
    )
    const mutation = fc.tuple(fc.nat(), fc.nat({ max: 6 }), inserted)
    const body = fc.constantFrom(vcenterRetrieval, vcsimRetrieval)
    fc.assert(
      fc.property(
        body,
        fc.array(mutation, { minLength: 1, maxLength: 4 }),
        cuts,
        (good, mutations, where) => {
          let text = good
          for (const [at, remove, insert] of mutations) {
            const position = at % text.length
            text = text.slice(0, position) + insert + text.slice(position + remove)
          }
          const chunked = outcome(() => readInChunks('RetrievePropertiesEx', text, where))
          const complete = outcome(() => decodeReply('RetrievePropertiesEx', text))
          if (chunked !== SoapError && complete !== SoapError) expect(chunked).toEqual(complete)
        },
      ),
      { numRuns: 500 },
    )
  })

  it('decodes elements with any prefix, or with several, as the whole text does', () => {
    const element =
      /(<\/?)(?=(?:obj|propSet|name|val|deviceInfo|label|VirtualDevice|ManagedObjectReference)\b)/g
    for (const prefix of ['vim25:', 'a:b:']) {
      for (const body of [vcenterRetrieval, vcsimRetrieval]) {
        const text = body.replace(element, `$1${prefix}`)
        expect(readInChunks('RetrievePropertiesEx', text, [300, 700])).toEqual(
          decodeReply('RetrievePropertiesEx', body),
        )
        expect(decodeReply('RetrievePropertiesEx', text)).toEqual(decodeReply('RetrievePropertiesEx', body))
      }
    }
  })

  it('rejects a document type declaration and entities unknown to XML', () => {
    const bomb = '<!DOCTYPE a [<!ENTITY b "c">]>'
    expect(outcome(() => readInChunks('Login', `${bomb}<a>&b;</a>`, []))).toBe(SoapError)
    const text = vcenterRetrieval.replace('</name>', '&constructor;</name>')
    expect(outcome(() => readInChunks('RetrievePropertiesEx', text, []))).toBe(SoapError)
  })
})

it('passes items on as they end, and leaves them out of the result', () => {
  const objects = [1, 2, 3].map((number) => ({
    obj: { type: 'VirtualMachine', value: `vm-${number}` },
    propSet: [{ name: 'name', val: typed('string', `vm ${number}`) }],
  }))
  const text = encodeReply('RetrievePropertiesEx', { token: 'more', objects })
  const received: unknown[] = []
  const reader = createReplyReader(
    'RetrievePropertiesEx',
    new Map([['objects', (object) => received.push(object)]]),
  )
  const middle = text.indexOf('vm-2')
  reader.write(text.slice(0, middle))
  expect(received).toHaveLength(1)
  reader.write(text.slice(middle))
  expect(reader.end()).toEqual({ result: { _typeName: 'RetrieveResult', token: 'more' } })
  const complete = decodeReply('RetrievePropertiesEx', text) as { result: { objects: unknown[] } }
  expect(received).toEqual(complete.result.objects)
})
