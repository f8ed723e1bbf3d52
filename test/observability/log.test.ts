// The log: JSON and text lines, levels, redaction and escaping.

import { describe, expect, it } from 'vitest'
import { createLog } from '../../src/observability/log.ts'

function logging(options: Parameters<typeof createLog>[1] = {}) {
  let text = ''
  const log = createLog({ write: (piece) => (text += piece) }, options)
  return {
    log,
    get text() {
      return text
    },
    get lines() {
      return text
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line))
    },
  }
}

const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/)

describe('the JSON log', () => {
  it('writes a line as an object with its time, level, message and fields', () => {
    const written = logging()
    written.log.warn('something', { requestId: 'a', durationMs: 3 })
    expect(written.lines).toEqual([{ level: 'warn', time, msg: 'something', requestId: 'a', durationMs: 3 }])
  })

  it('writes the stack of an error on the same line', () => {
    const written = logging()
    written.log.error('failed', { err: new TypeError('no such\nthing') })
    expect(written.lines).toMatchObject([
      {
        err: { type: 'TypeError', message: 'no such\nthing', stack: expect.stringContaining('log.test.ts') },
      },
    ])
  })
})

describe('the log level', () => {
  it.each([
    ['info', ['i', 'w', 'e']],
    ['warn', ['w', 'e']],
    ['error', ['e']],
  ] as const)('%s includes %j', (level, expected) => {
    const written = logging({ level })
    written.log.info('i')
    written.log.warn('w')
    written.log.error('e')
    expect(written.lines.map(({ msg }) => msg)).toEqual(expected)
  })

  it('never suppresses the audit of mutations', () => {
    const written = logging({ level: 'error' })
    written.log.info('mutation', { audit: true, outcome: 'success' })
    expect(written.lines).toEqual([{ level: 'info', time, msg: 'mutation', audit: true, outcome: 'success' }])
  })
})

it.each(['password', 'cookie', 'set-cookie', 'authorization', 'token', 'secret', 'sessionKey', 'variables'])(
  'redacts %s fields at any depth',
  (name) => {
    const written = logging()
    const secret = { [name]: 'hunter2' }
    // Together and one by one, because lines without such a name take a faster path.
    const fields = { ...secret, headers: secret, request: { headers: secret } }
    const error = Object.assign(new Error('why'), secret)
    for (const each of [
      fields,
      secret,
      { headers: secret },
      { request: { headers: secret } },
      { err: error },
    ])
      written.log.info('x', each)
    written.log.info('x', { audit: true, input: secret })
    expect(written.text).not.toContain('hunter2')
    expect(written.text.match(/\[redacted\]/g)).toHaveLength(8)
  },
)

describe('the text log', () => {
  it('writes human-readable lines', () => {
    const written = logging({ format: 'text' })
    written.log.info('operation', {
      kind: 'query',
      name: 'Q',
      durationMs: 3,
      calls: { Login: 1 },
      who: 'a b',
    })
    expect(written.text).toMatch(
      /^\S+Z info operation kind=query name=Q durationMs=3 calls={"Login":1} who="a b"\n$/,
    )
  })

  it('writes the stack of an error below its line', () => {
    const written = logging({ format: 'text' })
    written.log.error('failed', { err: new Error('why') })
    expect(written.text).toMatch(/^\S+Z error failed\n {4}Error: why\n {4}at .*log\.test\.ts/)
  })

  it('escapes line breaks and terminal control characters', () => {
    const written = logging({ format: 'text' })
    written.log.warn('a\n2026 info forged \u001b[31m', {
      field: 'b\nc',
      plain: '\u001b]0;x',
      // The C1 control characters, which JSON does not escape.
      spaced: 'd e\u009b31m\u007f',
      nested: { name: 'f\u009b31m' },
      // Unicode line separators, and characters that change the text direction.
      turned: 'g\u2028h\u202ei\u2066j',
    })
    expect(written.text.match(/\n/g)).toHaveLength(1)
    expect(written.text.trimEnd()).not.toMatch(/[\p{Cc}\u2028\u202e\u2066]/u)
  })
})
