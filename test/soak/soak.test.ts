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
}, 120_000)

it('succeeds with a few clients for a few seconds', async () => {
  const { stdout } = await soak('--seconds', '4', '--clients', '10')
  expect(stdout).toMatch(/^10 clients, 10 of them change something/)
  for (const kind of ['query', 'changed areas', 'subscription', 'the last'])
    expect(stdout).toMatch(new RegExp(`^${kind} .*answered [1-9]`, 'm'))
  expect(stdout).toMatch(/^sessions +1 while it served; nothing left when it had stopped$/m)
  expect(stdout.trimEnd()).toMatch(/\nAll is well\.$/)
}, 120_000)

it.each([
  [['--clients', '0'], '--clients is a number from 1 on'],
  [['--insecure'], '--insecure needs --url'],
  [['--changes', '*'], '--changes needs --url'],
  [['--adversary', '--seed', 'x'], '--seed is a number from 1 on'],
])('rejects %j', async (flags, message) => {
  await expect(soak(...flags)).rejects.toMatchObject({ code: 2, stderr: `${message}\n` })
})
