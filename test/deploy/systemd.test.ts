// Tests deploy/vsphere-graphql.service with deploy/environment and each authentication mode (deploy/systemd) without a running
// systemd: the settings exist, and systemd-analyze, if installed, reports no problem.

import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { read } from '../docs/markdown.ts'
import { configOf, servableOnNetwork, unknown, type Variables } from './deployment-files.ts'

const unit = read('deploy/vsphere-graphql.service')
const auths = ['token.conf', 'jwt.conf', 'vsphere.conf'] as const
const proxy = '00-trust-proxy.conf'
type Auth = (typeof auths)[number]

/** Applies a drop-in after the unit; an empty value resets all earlier values. */
function valuesOf(key: string, contents: readonly string[]): string[] {
  const all = contents.flatMap((text) => [...text.matchAll(new RegExp(`^${key}=(.*)$`, 'gm'))])
  const values = all.map(([, value = '']) => value)
  return values.slice(values.lastIndexOf('') + 1)
}

const assignments = (words: readonly string[]): Record<string, string> =>
  Object.fromEntries(words.map((word) => word.split(/=(.*)/s, 2) as [string, string]))

/** deploy/environment as the authentication mode requires it: uncomments some lines and removes others. */
function environment(auth: Auth, more: readonly string[]): Variables {
  const lines = read('deploy/environment').split('\n')
  const isRequired = (name: string) => (auth === 'jwt.conf' && name.startsWith('JWT_')) || more.includes(name)
  const own = assignments(
    lines.flatMap((line) => {
      const [, comment, setting, name = ''] = /^(#?)(([A-Z_]+)=.*)$/.exec(line) ?? []
      return setting !== undefined && (comment === '' || isRequired(name)) ? [setting] : []
    }),
  )
  if (auth === 'vsphere.conf') delete own.VSPHERE_USERNAME
  return own
}

/** The command that systemd starts, and its environment. */
function started(auth: Auth, { dropIns = [] as string[], more = [] as string[] } = {}) {
  const contents = [unit, ...[...dropIns, auth].map((name) => read(`deploy/systemd/${name}`))]
  const environmentLines = assignments(valuesOf('Environment', contents).flatMap((line) => line.split(' ')))
  const all: Record<string, string> = { ...environmentLines, ...environment(auth, more) }
  for (const name of valuesOf('UnsetEnvironment', contents).flatMap((line) => line.split(' ')))
    delete all[name]
  const { NODE_ENV, FLAGS = '', GATEWAY_NAME = '', ...env } = all
  const [, program, command, ...argv] = (valuesOf('ExecStart', contents).at(-1) ?? '')
    .split(' ')
    .flatMap((word) => (word === '$FLAGS' ? FLAGS.split(' ').filter(Boolean) : [word]))
    .map((word) => word.replace(/\$\{GATEWAY_NAME\}/, GATEWAY_NAME))
  return { program, command, argv, env, NODE_ENV, credentials: valuesOf('LoadCredential', contents) }
}

const modes = { 'token.conf': 'token', 'jwt.conf': 'jwt', 'vsphere.conf': 'vsphere' } as const

describe.each(auths)('the unit with %s', (auth) => {
  it('uses only existing settings', () => {
    const { program, command, argv, env, NODE_ENV } = started(auth)
    expect(program).toBe('/opt/vsphere-graphql/dist/cli/main.js')
    expect(command).toBe('serve')
    expect(unknown(env)).toEqual([])
    const config = configOf(argv, env)
    expect(config).toMatchObject({
      ...servableOnNetwork,
      auth: { mode: modes[auth] },
      admin: { host: '127.0.0.1', port: 4001 },
      readOnly: false,
    })
    expect(config.vcenter?.account?.username).toBe(
      auth === 'vsphere.conf' ? undefined : 'gateway@vsphere.local',
    )
    expect(NODE_ENV).toBe('production')
  })

  it('passes the flags from the environment file', () => {
    const { argv, env } = started(auth, { more: ['FLAGS'] })
    expect(configOf(argv, env)).toMatchObject({
      readOnly: true,
      allowedHosts: expect.arrayContaining(['gateway.example.com', 'gateway']),
    })
  })

  it('serves plain HTTP only on loopback behind a proxy', () => {
    const { argv, env, credentials } = started(auth, { dropIns: [proxy], more: ['FLAGS'] })
    expect(configOf(argv, env)).toMatchObject({
      host: '127.0.0.1',
      tls: undefined,
      auth: { mode: modes[auth] },
    })
    expect(argv).toContain('--trust-proxy')
    expect(credentials.filter((each) => each.startsWith('tls'))).toEqual([])
  })

  it.each([[[]], [[proxy]]])('loads each credential that it references, and no other, with %j', (dropIns) => {
    const { env, credentials } = started(auth, { dropIns })
    const named = Object.values(env).flatMap((value) => /^%d\/(.+)$/.exec(value)?.[1] ?? [])
    const loaded = credentials.map((value) => value.split(':') as [string, string])
    expect(loaded.map(([name]) => name).sort()).toEqual(named.sort())
    for (const [name, path] of loaded) expect(basename(path)).toBe(name)
  })
})

describe('the unit', () => {
  it('rejects all callers while no authentication mode is configured', () => {
    const { argv, env } = started('token.conf')
    const { AUTH, TOKEN_FILE, ...rest } = env
    expect(unit).not.toMatch(/AUTH|TOKEN_FILE/)
    expect(() => configOf(argv, rest)).toThrow('set --auth token, jwt or vsphere')
  })

  it('has a test for every drop-in', () => {
    const files = readdirSync(new URL('../../deploy/systemd/', import.meta.url))
    expect(files.sort()).toEqual([proxy, ...auths].sort())
  })

  it('reads the documented environment file, and gives the gateway enough time to stop', () => {
    expect(valuesOf('EnvironmentFile', [unit])).toEqual(['/etc/vsphere-graphql/environment'])
    expect(Number(valuesOf('TimeoutStopSec', [unit]))).toBeGreaterThan(40)
    expect(valuesOf('Restart', [unit])).toEqual(['on-failure'])
  })
})

describe.skipIf(spawnSync('systemd-analyze', ['--version']).status !== 0)('systemd-analyze', () => {
  /** Runs it on the unit, with a Node that exists on this machine, and returns its output. */
  function analyze(dropIns: readonly string[], ...argv: string[]): string {
    const folder = mkdtempSync(join(tmpdir(), 'unit-'))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    const file = join(folder, 'vsphere-graphql.service')
    const withNode = (text: string) => text.replaceAll('/usr/bin/node', process.execPath)
    writeFileSync(file, withNode(unit))
    mkdirSync(`${file}.d`)
    for (const name of dropIns)
      writeFileSync(join(`${file}.d`, name), withNode(read(`deploy/systemd/${name}`)))
    const { status, stdout, stderr } = spawnSync('systemd-analyze', [...argv, file], { encoding: 'utf8' })
    return `${stdout}${stderr}ended with ${status}\n`
  }

  const sets: readonly [readonly string[]][] = [
    [[]],
    ...auths.map((auth): [string[]] => [[auth]]),
    [[proxy, 'token.conf']],
  ]
  it.each(sets)('reports no problem with %j', (dropIns) => {
    expect(analyze(dropIns, 'verify')).toBe('ended with 0\n')
  })

  it('reports a low exposure level', () => {
    // Out of 100; a unit without any hardening has 96.
    expect(analyze([], 'security', '--offline=true', '--threshold=15', '--no-pager')).toMatch(
      /ended with 0\n$/,
    )
  })
})
