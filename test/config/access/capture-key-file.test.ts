// Tests the file of --capture-key-file.

import { describe, expect, test } from 'vitest'
import { readCaptureKeys } from '../../../src/config/access/capture-key-file.ts'
import { loadServeConfig } from '../../../src/config/config.ts'

const key = 'k'.repeat(32)
const read = (text: string) => readCaptureKeys('keys', () => text)

test('has one key per line, without comments, and with any line ends', () => {
  expect(read(`\uFEFF# new\r\n${key}1\r\n\r\n  ${key}2  \n`)).toEqual([`${key}1`, `${key}2`])
})

describe('is rejected without showing a key', () => {
  test.each([
    ['', 'contains no key'],
    ['# nothing', 'contains no key'],
    [`${key}\nshort-secret`, 'line 2: the key must have at least 32 characters'],
  ])('%j', (text, message) => {
    expect(() => read(text)).toThrow(message)
    expect(() => read(text)).not.toThrow(/short-secret/)
  })
})

test('is read at the start, and is not shown if the setting has the key itself', () => {
  const load = (value: string) =>
    loadServeConfig({
      argv: ['--capture-key-file', value],
      env: {},
      readFile: (path) => {
        if (path === 'keys.txt') return key
        throw Object.assign(new Error('missing'), { code: 'ENOENT' })
      },
      modeOf: () => 0o600,
    })
  expect(load('keys.txt').captureKeyFile).toBe('keys.txt')
  expect(() => load(key)).toThrow('not shown')
})
