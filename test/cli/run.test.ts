// The command line without a server: help, version and invalid settings.

import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { run } from '../../src/cli/run.ts'
import { testContext } from './test-context.ts'

async function cli(argv: string, env: Record<string, string> = {}) {
  const { context, written } = testContext(argv, env)
  return { code: await run(context), ...written }
}

describe('--help', () => {
  it.each([
    ['--help', 'Usage: vsphere-graphql [serve] [flags]', '--allowed-host HOST'],
    ['-h', 'Usage: vsphere-graphql [serve] [flags]', 'VSPHERE_PASSWORD'],
    ['serve --help', 'Usage: vsphere-graphql [serve] [flags]', '--url URL'],
    ['simulate --help', 'Usage: vsphere-graphql simulate [flags]', '--vms N'],
    ['print-schema --help', 'Usage: vsphere-graphql print-schema [flags]', '--read-only'],
    ['serve --nonsense --help', 'Usage: vsphere-graphql [serve] [flags]', '--port PORT'],
  ])('is printed for %s', async (argv, usage, flag) => {
    const { code, stdout, stderr } = await cli(argv)
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout.split('\n')[0]).toBe(usage)
    expect(stdout).toContain(flag)
    for (const command of ['serve', 'simulate', 'print-schema']) expect(stdout).toContain(`\n  ${command} `)
  })
})

it('states what --read-only does for print-schema', async () => {
  expect((await cli('print-schema --help')).stdout).toContain('Print the schema without mutations.')
})

it.each(['--version', 'serve --version', 'simulate --version'])(
  'prints the version of the package for %s',
  async (argv) => {
    const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'))
    expect(await cli(argv)).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' })
  },
)

describe('an invalid setting', () => {
  it.each([
    ['sreve', {}, 'unknown command "sr…" (5 characters); did you mean serve?'],
    [
      'frobnicate',
      {},
      'unknown command "fr…" (10 characters); available commands: serve, doctor, simulate, print-schema',
    ],
    ['--prot 80', {}, 'unknown flag --prot; did you mean --port?'],
    ['serve', { PORT: 'x' }, '--port (PORT) must be a whole number from 0 to 65535, not "x"'],
    ['', { VSPHERE_URL: 'vc' }, 'no user name for the vCenter'],
    ['simulate --vms 0', {}, '--vms must be a whole number from 1 to 100000, not "0"'],
    ['print-schema --out x', {}, 'unknown flag --out'],
  ])('%s %j prints one line and exits with 2', async (argv, env, message) => {
    const { code, stdout, stderr } = await cli(argv, env as Record<string, string>)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toContain(`vsphere-graphql: ${message}`)
    expect(stderr.match(/\n/g)).toHaveLength(1)
  })
})
