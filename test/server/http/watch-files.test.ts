// Watched files: changes are detected by content, regardless of timestamps.

import { execFileSync } from 'node:child_process'
import { statSync, utimesSync, writeFileSync } from 'node:fs'
import { setTimeout } from 'node:timers/promises'
import { afterAll, expect, it, onTestFinished } from 'vitest'
import { watchFiles } from '../../../src/server/http/watch-files.ts'
import { temporaryFiles } from '../auth/authenticated-gateway.ts'

const files = temporaryFiles()
afterAll(() => files.clear())

function watch(file: string) {
  const stop = new AbortController()
  onTestFinished(() => stop.abort())
  const lines: string[] = []
  const add = (line: string) => lines.push(line)
  const watched = watchFiles({
    files: [file],
    read: (readFile) => readFile(file),
    setting: '--token-file',
    watchOptions: { log: { info: add, warn: add, error: add }, signal: stop.signal, pollIntervalMs: 100 },
  })
  return { watched, lines }
}

it('detects a change right after the first read with the same time and length', async () => {
  const file = files.write('followed', 'first')
  const { atime, mtime } = statSync(file)
  const { watched } = watch(file)
  writeFileSync(file, 'other')
  utimesSync(file, atime, mtime)
  expect(watched.current).toBe('first')
  await expect.poll(() => watched.current).toBe('other')
})

it('ignores a rewrite with the same content', async () => {
  const file = files.write('followed', 'first')
  const { watched, lines } = watch(file)
  files.write('followed', 'first')
  const other = watch(files.write('other', 'a'))
  files.write('other', 'b')
  // The watcher has read both versions by then.
  await expect.poll(() => other.watched.current).toBe('b')
  expect([watched.current, lines]).toEqual(['first', []])
})

it('ignores a file that is still being written', async () => {
  const file = files.write('followed', 'first')
  const { watched, lines } = watch(file)
  const seen = new Set<string>()
  for (let length = 1; length <= 12; length += 1) {
    writeFileSync(file, 'x'.repeat(length))
    // Shorter than the polling interval.
    await setTimeout(25)
    seen.add(watched.current)
  }
  await expect.poll(() => watched.current).toBe('x'.repeat(12))
  expect([...seen]).toEqual(['first'])
  expect(lines).toHaveLength(1)
})

it('ignores a pipe in place of the file, without blocking', async () => {
  const file = files.write('followed', 'first')
  const { watched, lines } = watch(file)
  files.remove('followed')
  execFileSync('mkfifo', [file])
  await expect.poll(() => lines).toHaveLength(1)
  expect([watched.current, lines[0]]).toEqual(['first', expect.stringContaining('not a regular file')])
})
