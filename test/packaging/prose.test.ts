// The prose check rejects avoided words in tracked files, and only these.

import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it, onTestFinished } from 'vitest'

const script = fileURLToPath(new URL('../../scripts/check-prose.mjs', import.meta.url))
const avoided = (word: string) => [...word].reverse().join('')

it('reports avoided words in prose and in identifiers, with file, line and a better word', () => {
  const directory = mkdtempSync(join(tmpdir(), 'prose-'))
  onTestFinished(() => rmSync(directory, { recursive: true }))
  const check = (content: string) => {
    writeFileSync(join(directory, 'page.md'), content)
    execFileSync('git', ['init', '-q'], { cwd: directory })
    execFileSync('git', ['add', '.'], { cwd: directory })
    const { status, stderr } = spawnSync(process.execPath, [script], { cwd: directory, encoding: 'utf8' })
    return { status, stderr }
  }
  expect(check('The client requests a task.\nlet inFlight = 0\nA restless taskForce.\n')).toEqual({
    status: 0,
    stderr: '',
  })
  // Reversed, so that this file passes the check.
  const [prose, identifier] = [avoided('wena'), avoided('ecnOdlot')]
  expect(check(`One line.\nRead ${prose}: ${identifier}\n`)).toEqual({
    status: 1,
    stderr: `page.md:2: “${prose}”: again\npage.md:2: “${avoided('dlot')}”: report, return, log, distinguish\n`,
  })
})
