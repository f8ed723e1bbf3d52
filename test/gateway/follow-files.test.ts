// Files that are followed: a change counts by what the files hold, whenever it comes.

import { readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { afterAll, expect, it, onTestFinished } from 'vitest'
import { followFiles } from '../../src/gateway/follow-files.ts'
import { temporaryFiles } from './auth/guarded-gateway.ts'

const files = temporaryFiles()
afterAll(() => files.clear())

function follow(file: string) {
  const stop = new AbortController()
  onTestFinished(() => stop.abort())
  const lines: string[] = []
  const add = (line: string) => lines.push(line)
  const followed = followFiles({
    files: [file],
    read: () => readFileSync(file, 'utf8'),
    setting: '--token-file',
    following: { log: { info: add, warn: add, error: add }, signal: stop.signal },
  })
  return { followed, lines }
}

it('a change in the instant after the first reading, with the same time and length, is taken up', async () => {
  const file = files.write('followed', 'first')
  const { atime, mtime } = statSync(file)
  const { followed } = follow(file)
  writeFileSync(file, 'other')
  utimesSync(file, atime, mtime)
  expect(followed.current).toBe('first')
  await expect.poll(() => followed.current, { timeout: 5_000 }).toBe('other')
})

it('one that is written again with what it held has not changed', async () => {
  const file = files.write('followed', 'first')
  const { followed, lines } = follow(file)
  files.write('followed', 'first')
  const other = follow(files.write('other', 'a'))
  files.write('other', 'b')
  // Both have been looked at by then.
  await expect.poll(() => other.followed.current, { timeout: 5_000 }).toBe('b')
  expect([followed.current, lines]).toEqual(['first', []])
})
