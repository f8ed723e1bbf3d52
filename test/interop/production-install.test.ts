// Installs from the lock file as a Dockerfile and an operator do, from the registry of this machine.

import { execFile } from 'node:child_process'
import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, it, onTestFinished } from 'vitest'

const top = fileURLToPath(new URL('../../', import.meta.url))
const run = promisify(execFile)

it('installs with npm ci --omit=dev without warnings, and starts the gateway', async () => {
  const cwd = mkdtempSync(join(tmpdir(), 'installed-'))
  onTestFinished(() => rmSync(cwd, { recursive: true }))
  for (const path of ['package.json', 'package-lock.json', '.npmrc', 'dist', 'schema'])
    cpSync(join(top, path), join(cwd, path), { recursive: true })
  // Ignores a developer's own settings, which may cause npm warnings.
  const env = { PATH: process.env.PATH, HOME: process.env.HOME, NPM_CONFIG_USERCONFIG: '/dev/null' }
  const flags = ['--omit=dev', '--ignore-scripts', '--prefer-offline', '--no-audit', '--no-update-notifier']
  const { stdout, stderr } = await run('npm', ['ci', ...flags], { cwd, env })
  expect(stderr).toBe('')
  expect(stdout).toMatch(/added \d+ packages/)
  expect((await run(process.execPath, ['dist/cli/main.js', '--help'], { cwd })).stdout).toContain('Usage')
}, 900_000)
