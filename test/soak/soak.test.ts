// Runs the soak test as a program: a short run succeeds, and invalid arguments are rejected.

import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { beforeAll, expect, it } from 'vitest'

const run = promisify(execFile)
const top = fileURLToPath(new URL('../..', import.meta.url))
const soak = (...flags: string[]) => run(process.execPath, ['soak/dist/main.js', ...flags], { cwd: top })

beforeAll(async () => {
  await run(process.execPath, ['node_modules/typescript/bin/tsc', '-p', 'soak/tsconfig.json'], { cwd: top })
})

it('succeeds with a few clients for a few seconds', async () => {
  const { stdout } = await soak('--seconds', '4', '--clients', '10')
  expect(stdout).toMatch(/^10 clients, 10 of which change virtual machines/)
  for (const kind of ['query', 'changed areas', 'subscription', 'final query'])
    expect(stdout).toMatch(new RegExp(`^${kind} .*succeeded [1-9]`, 'm'))
  expect(stdout).toMatch(/^sessions +1 while serving; nothing left after shutdown$/m)
  expect(stdout.trimEnd()).toMatch(/\nNo problems found\.$/)
})

it.each([
  [['--clients', '0'], '--clients must be an integer of at least 1'],
  [['--insecure'], '--insecure requires --url'],
  [['--changes', '*'], '--changes requires --url'],
  [['--adversary', '--seed', 'x'], '--seed must be an integer of at least 1'],
])('rejects %j', async (flags, message) => {
  await expect(soak(...flags)).rejects.toMatchObject({ code: 2, stderr: `${message}\n` })
})
