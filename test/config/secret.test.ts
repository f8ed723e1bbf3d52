// Secrets: values that printing and serializing do not reveal.

import { format, inspect } from 'node:util'
import { expect, it } from 'vitest'
import { loadServeConfig } from '../../src/config/config.ts'
import { Secret } from '../../src/config/secret.ts'

const secret = new Secret('hunter2')

it('reveals its value only through reveal', () => {
  expect(secret.reveal()).toBe('hunter2')
  const shown = [
    `${secret}`,
    String(secret),
    JSON.stringify({ secret }),
    inspect({ secret }, { showHidden: true, depth: Infinity }),
    format('%s %o %O %j', secret, secret, secret, secret),
    JSON.stringify(Object.getOwnPropertyDescriptors(secret)),
    JSON.stringify({ ...secret }),
    JSON.stringify(structuredClone(secret)),
  ].join('\n')
  expect(shown).toContain('[secret]')
  expect(shown).not.toContain('hunter2')
})

it('keeps a whole configuration safe to print', () => {
  const config = loadServeConfig({ argv: ['--url', 'root:hunter2@vc'], env: {} })
  expect(config.vcenter?.account?.password.reveal()).toBe('hunter2')
  expect(inspect(config, { depth: Infinity }) + JSON.stringify(config)).not.toContain('hunter2')
})
