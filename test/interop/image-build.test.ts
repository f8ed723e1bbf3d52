// The build stage of deploy/Dockerfile without docker: what it copies is all that the build needs.

import { execFile } from 'node:child_process'
import { cpSync, existsSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, it, onTestFinished } from 'vitest'
import { read } from '../docs/markdown.ts'

const top = fileURLToPath(new URL('../../', import.meta.url))

it('builds the server and the playground from what the Dockerfile copies', async () => {
  const cwd = mkdtempSync(join(tmpdir(), 'image-'))
  onTestFinished(() => rmSync(cwd, { recursive: true }))
  const [, stage = ''] = /^FROM \S+ AS build\n([\s\S]*?)^FROM/m.exec(read('deploy/Dockerfile')) ?? []
  const copied = [...stage.matchAll(/^COPY (.+) \S+$/gm)].flatMap(([, sources = '']) => sources.split(' '))
  expect(copied).toContain('src')
  for (const path of copied) cpSync(join(top, path), join(cwd, path), { recursive: true })
  symlinkSync(join(top, 'node_modules'), join(cwd, 'node_modules'))
  const [, command = ''] = /^RUN (npm run .+)$/m.exec(stage) ?? []
  await promisify(execFile)('sh', ['-c', command], { cwd })
  expect(existsSync(join(cwd, 'dist/cli/main.js'))).toBe(true)
  expect(readdirSync(join(cwd, 'dist/playground/assets')).length).toBeGreaterThan(10)
  expect(readdirSync(join(cwd, 'dist')).filter((name) => name.startsWith('.'))).toEqual([])
}, 900_000)
