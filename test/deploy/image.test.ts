// Tests deploy/Dockerfile without docker: the files that it copies exist and pass .dockerignore, and its last stage, assembled
// from the lock file, serves and passes its health check. `npm test` builds dist/ first.

import { execFile } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, describe, expect, it, onTestFinished } from 'vitest'
import { read } from '../docs/markdown.ts'
import { startProgram } from '../interop/child-process.ts'
import { configOf, servableOnNetwork, unknown, type Variables } from './deployment-files.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))
const run = promisify(execFile)

/** The instructions, `KEYWORD arguments`, by stage. */
const stages = read('deploy/Dockerfile')
  .split('\n')
  .filter((line) => /^[^#]/.test(line))
  .map((line) => line.split(/ (.*)/s, 2) as [string, string])
  .reduce<[string, string][][]>((all, instruction) => {
    if (instruction[0] === 'FROM') all.push([])
    all.at(-1)?.push(instruction)
    return all
  }, [])
const last = stages.at(-1) ?? []
const lastOf = (keyword: string) => last.find(([each]) => each === keyword)?.[1] ?? ''
const [node = '', ...entry]: string[] = JSON.parse(lastOf('ENTRYPOINT'))
const argv: string[] = JSON.parse(lastOf('CMD'))
const env: Variables = Object.fromEntries(
  lastOf('ENV')
    .split(' ')
    .map((word) => word.split('=') as [string, string]),
)
const [, health = ''] = / CMD (.*)$/.exec(lastOf('HEALTHCHECK')) ?? []

describe('the Dockerfile', () => {
  it('uses only known instructions, and starts each stage with the same Node', () => {
    const known = 'FROM WORKDIR COPY RUN ENV USER EXPOSE STOPSIGNAL HEALTHCHECK ENTRYPOINT CMD'.split(' ')
    for (const [keyword] of stages.flat()) expect(known).toContain(keyword)
    const bases = stages.map(([[, from = ''] = ['', '']]) => from.split(' AS ')[0])
    expect(new Set(bases)).toEqual(new Set(['node:24-alpine']))
  })

  it('copies existing files that .dockerignore does not exclude', () => {
    const copies = stages.flat().flatMap(([keyword, rest]) => (keyword === 'COPY' ? [rest.split(' ')] : []))
    const sources = copies.flatMap((words) => (words[0]?.startsWith('--') ? [] : words.slice(0, -1)))
    for (const file of sources) expect(existsSync(join(root, file)), file).toBe(true)
    const included = [...read('.dockerignore').matchAll(/^!(.+)$/gm)].map(([, path]) => path)
    expect(included.sort()).toEqual([...new Set(sources)].sort())

    const stageNames = stages.map(([[, from = ''] = ['', '']]) => from.split(' AS ')[1])
    for (const [flag] of copies.filter(([first]) => first?.startsWith('--')))
      expect(stageNames).toContain(flag?.replace('--from=', ''))
  })

  it('runs as an unprivileged user, and stops on the signal of a clean shutdown', () => {
    expect(lastOf('USER')).toBe('1000:1000')
    expect(lastOf('STOPSIGNAL')).toBe('SIGTERM')
    expect(lastOf('EXPOSE')).toBe(env.PORT)
  })

  it('uses only existing settings, and requires authentication', () => {
    const { NODE_ENV, ...own } = env
    expect(NODE_ENV).toBe('production')
    expect(unknown(own)).toEqual([])
    expect(() => configOf(argv.slice(1), own)).toThrow('set --auth token, jwt or vsphere')
    const variables = { AUTH: 'token', TOKEN_FILE: 'tokens', TLS_CERT: 'tls.crt', TLS_KEY: 'tls.key' }
    const { vcenter, allowedHosts, ...expected } = servableOnNetwork
    expect(configOf(argv.slice(1), { ...own, ...variables })).toMatchObject({
      ...expected,
      admin: { host: '127.0.0.1', port: 4001 },
    })
  })
})

describe('the last stage of the Dockerfile', () => {
  const folder = mkdtempSync(join(tmpdir(), 'image-'))
  afterAll(() => rmSync(folder, { recursive: true }))
  for (const path of ['package.json', 'schema', 'dist'])
    cpSync(join(root, path), join(folder, path), { recursive: true })
  // Links exactly what `npm ci --omit=dev` installs; modules resolve only through these links.
  const locked: Record<string, { dev?: boolean }> = JSON.parse(read('package-lock.json')).packages
  const production = Object.keys(locked).filter((path) => path !== '' && !locked[path]?.dev)
  for (const path of production.filter((each) => each.lastIndexOf('node_modules') === 0)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    symlinkSync(join(root, path), join(folder, path))
  }
  const environment = {
    ...env,
    PATH: process.env.PATH,
    NODE_OPTIONS: '--preserve-symlinks --preserve-symlinks-main',
  }
  const command = (...more: string[]): [string, string[]] => [
    node === 'node' ? process.execPath : node,
    [...entry.map((part) => (part.endsWith('.js') ? join(folder, part) : part)), ...more],
  ]

  it('needs no development dependency', async () => {
    expect(production.length).toBeGreaterThan(50)
    expect(existsSync(join(folder, 'node_modules/vitest'))).toBe(false)
    const { stdout } = await run(...command('--help'), { env: environment })
    expect(stdout).toContain('Usage: vsphere-graphql')
  })

  it('serves, passes its health check, and writes no files', async () => {
    const before = readdirSync(folder, { recursive: true })
    // Listens only on loopback. Tracing is enabled because its libraries are loaded on demand.
    const local = { ...environment, HOST: '127.0.0.1', PORT: '0', ADMIN_PORT: '0' }
    const spans = ['--otlp-endpoint', 'http://127.0.0.1:1']
    const program = await startProgram(...command(...argv, ...spans), /"adminUrl":"\S+:(\d+)"/, local)
    onTestFinished(async () => void (await program.stop('SIGKILL')))
    const [probe = '', ...probeArgv]: string[] = JSON.parse(health)
    const isHealthy = () =>
      run(probe, probeArgv, { env: { ...environment, ADMIN_PORT: program.match[1] } }).then(
        () => true,
        ({ code }) => code !== 1,
      )
    expect(await isHealthy()).toBe(true)
    expect(await program.stop('SIGTERM')).toBe(0)
    expect(program.output.stdout).toBe('')
    expect(await isHealthy()).toBe(false)
    expect(readdirSync(folder, { recursive: true })).toEqual(before)
  })
})
