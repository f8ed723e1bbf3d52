// Tests the signer of captures: what it accepts, and how a key is replaced.

import { expect, test } from 'vitest'
import { createCaptureSigner, createProcessSigner } from '../../src/vcenter/capture-signer.ts'

test('verifies its own signatures of the same text only', () => {
  const signer = createCaptureSigner(() => ['key one'])
  const signature = signer.sign('text')
  expect(signature).toMatch(/^[\w-]{43}$/)
  expect(signer.verify('text', signature)).toBe(true)
  expect(signer.verify('Text', signature)).toBe(false)
  expect(signer.verify('text', 'A'.repeat(43))).toBe(false)
  expect(signer.verify('text', '')).toBe(false)
  // Other characters at the end decode to the same bytes.
  const accepted = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_='].filter((last) =>
    signer.verify('text', signature.slice(0, -1) + last),
  )
  expect(accepted).toEqual([signature.at(-1)])
  expect(createCaptureSigner(() => ['key two']).verify('text', signature)).toBe(false)
})

test('signs with the first key, and verifies with all', () => {
  let keys = ['old']
  const signer = createCaptureSigner(() => keys)
  const old = signer.sign('text')
  keys = ['new', 'old']
  expect(signer.verify('text', old)).toBe(true)
  expect(signer.sign('text')).toBe(createCaptureSigner(() => ['new']).sign('text'))
  keys = ['new']
  expect(signer.verify('text', old)).toBe(false)
})

test('has another random key in each process, and warns once, when it signs', () => {
  const warnings: string[] = []
  const create = () => createProcessSigner('vc', { warn: (line) => void warnings.push(line) })
  const [one, other] = [create(), create()]
  expect(one.verify('text', other.sign('text'))).toBe(false)
  other.sign('text')
  expect(warnings).toHaveLength(1)
})
