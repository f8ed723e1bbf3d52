// deploy/vsphere-graphql.service with deploy/environment, as far as they can be tried without systemd at the top: what they set is
// what the gateway has, and systemd-analyze, where there is one, has nothing against the unit.

import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { read } from '../docs/markdown.ts'
import { configOf, fitForOthers, unknown } from './deployed.ts'

const unit = read('deploy/vsphere-graphql.service')
const valuesOf = (key: string) =>
  [...unit.matchAll(new RegExp(`^${key}=(.*)$`, 'gm'))].map(([, value]) => value ?? '')
const assignments = (words: readonly string[]) =>
  Object.fromEntries(words.map((word) => word.split(/=(.*)/s, 2) as [string, string]))

const ownLines = read('deploy/environment')
  .split('\n')
  .filter((line) => /^[^#]/.test(line))
const { GATEWAY_NAME: gatewayName = '', ...own } = assignments(ownLines)
const { NODE_ENV, ...given } = assignments(valuesOf('Environment').flatMap((line) => line.split(' ')))
const env = { ...given, ...own }
const [, program, command, ...argv] =
  valuesOf('ExecStart')[0]
    ?.replace(/\$\{GATEWAY_NAME\}/, gatewayName)
    .split(' ') ?? []

describe('the unit', () => {
  it('serves with settings that there are', () => {
    expect(program).toBe('/opt/vsphere-graphql/dist/cli/main.js')
    expect(command).toBe('serve')
    expect(unknown(env)).toEqual([])
    const config = configOf(argv, env)
    expect(config).toMatchObject({ ...fitForOthers, admin: { host: '127.0.0.1', port: 4001 } })
    expect(NODE_ENV).toBe('production')
  })

  it('is handed each credential that it names', () => {
    const named = Object.values(given).flatMap((value) => /^%d\/(.+)$/.exec(value)?.[1] ?? [])
    const loaded = valuesOf('LoadCredential').map((value) => value.split(':') as [string, string])
    expect(loaded.map(([name]) => name).sort()).toEqual(named.sort())
    for (const [name, path] of loaded) expect(basename(path)).toBe(name)
  })

  it('reads the file that is shown, and lets the gateway stop in its time', () => {
    expect(valuesOf('EnvironmentFile')).toEqual(['/etc/vsphere-graphql/environment'])
    expect(Number(valuesOf('TimeoutStopSec'))).toBeGreaterThan(40)
    expect(valuesOf('Restart')).toEqual(['on-failure'])
  })
})

describe.skipIf(spawnSync('systemd-analyze', ['--version']).status !== 0)('systemd-analyze', () => {
  /** Runs it on the unit, with a Node that this machine has; gives what it has to say. */
  function analyze(...argv: string[]): string {
    const folder = mkdtempSync(join(tmpdir(), 'unit-'))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    const file = join(folder, 'vsphere-graphql.service')
    writeFileSync(file, unit.replace('/usr/bin/node', process.execPath))
    const { status, stdout, stderr } = spawnSync('systemd-analyze', [...argv, file], { encoding: 'utf8' })
    return `${stdout}${stderr}ended with ${status}\n`
  }

  it('finds nothing wrong', () => {
    expect(analyze('verify')).toBe('ended with 0\n')
  })

  it('finds little that it could do to the machine', () => {
    // Of 100, where a unit without any protection has 96.
    expect(analyze('security', '--offline=true', '--threshold=15', '--no-pager')).toMatch(/ended with 0\n$/)
  })
})
