// Parsing of token files: names, roles, hashes and errors.

import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { readTokenFile } from '../../../src/config/access/token-file.ts'

const read = (text: string) => readTokenFile('tokens', () => text)
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')

const one = 'c81e728d9d4c2f636f067f89cc14862c'
const two = 'eccbc87e4b5ce2fe28308fd9f2a7baf3'

describe('a token file', () => {
  it('has one line for each token, with its name and role', () => {
    const known = read(
      `\uFEFF# for the dashboards\r\n\r\n  grafana\treader ${one}  \r\n#x\nci@example.com operator ${two}==\n`,
    )
    expect(known).toEqual([
      { name: 'grafana', role: 'reader', hash: Buffer.from(sha256(one), 'hex') },
      { name: 'ci@example.com', role: 'operator', hash: Buffer.from(sha256(`${two}==`), 'hex') },
    ])
  })

  it('may contain hashes instead of tokens', () => {
    const hash = sha256(one)
    expect(read(`grafana reader sha256:${hash}`)).toEqual(read(`grafana reader ${one}`))
    expect(read(`grafana reader sha256:${hash.toUpperCase()}`)).toEqual(read(`grafana reader ${one}`))
  })

  it('may have two tokens with one name for rotation', () => {
    expect(read(`a reader ${one}\na reader ${two}`)).toHaveLength(2)
  })
})

describe('an invalid token file', () => {
  const form =
    'the token must be at least 20 letters, digits, or - . _ ~ + /, or sha256: and 64 hexadecimal digits'
  it.each([
    [`${one}`, 'line 1: the line must have three words: NAME ROLE TOKEN'],
    [`\n#\na reader`, 'line 3: the line must have three words: NAME ROLE TOKEN'],
    [`a reader ${one} ${two}`, 'line 1: the line must have three words: NAME ROLE TOKEN'],
    [`a admin ${one}`, 'line 1: the role must be reader, power or operator'],
    [`a Reader ${one}`, 'line 1: the role must be reader, power or operator'],
    [`${one} a reader`, 'line 1: the role must be reader, power or operator'],
    [`a:b reader ${one}`, 'line 1: the name must be at most 64 letters, digits, or _ . @ -'],
    [`${'a'.repeat(65)} reader ${one}`, 'line 1: the name must be'],
    [`a reader short-${one.slice(0, 10)}`, `line 1: ${form}`],
    [`a reader ${one}:${two}`, `line 1: ${form}`],
    [`a reader sha256:${one}`, `line 1: ${form}`],
    [`a reader ${one}\nb reader ${one}`, 'line 2: the token is the same as on line 1'],
    [`a reader ${one}\nb operator sha256:${sha256(one)}`, 'line 2: the token is the same as on line 1'],
    [
      `a reader ${one}\na operator ${two}`,
      'line 2: the name a has the role reader on line 1; a name can have only one role',
    ],
  ])('is reported in one line without any token: %j', (text, message) => {
    let reported = ''
    try {
      read(text)
    } catch (error) {
      expect(error).toMatchObject({ name: 'ConfigError' })
      reported = (error as Error).message
    }
    expect(reported).toContain(message)
    expect(reported).not.toContain('\n')
    for (const secret of [one, two, sha256(one)]) expect(reported).not.toContain(secret.slice(0, 10))
  })
})
