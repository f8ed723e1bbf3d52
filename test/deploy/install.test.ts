// Runs the installation steps of docs/deployment.md: the files exist where the systemd unit and the image expect them, with
// permissions that allow the service and exclude other users.

import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it, onTestFinished } from 'vitest'
import { blocks, read, section } from '../docs/markdown.ts'
import { configOf, servableOnNetwork, unknown, type Variables } from './deployment-files.ts'

const docs = read('docs/deployment.md')
const repository = fileURLToPath(new URL('../../', import.meta.url))
const secrets = ['tls.crt', 'tls.key', 'tokens', 'vcenter-password']

/** A directory that represents the root of the file system, with the project built by a user with a restrictive umask. */
function createRoot() {
  const root = mkdtempSync(join(tmpdir(), 'install-'))
  onTestFinished(() => rmSync(root, { recursive: true }))
  const at = join(root, 'project')
  const bin = join(root, 'bin')
  for (const folder of ['etc/systemd/system', 'opt', 'project/secrets', 'project/dist/cli', 'bin'])
    mkdirSync(join(root, folder), { recursive: true })
  for (const path of ['package.json', 'package-lock.json', '.npmrc', 'schema', 'deploy'])
    execFileSync('cp', ['-r', join(repository, path), at])
  writeFileSync(join(at, 'dist/cli/main.js'), '')
  for (const name of [...secrets.map((name) => `secrets/${name}`), 'vcenter-ca.pem'])
    writeFileSync(join(at, name), name)
  execFileSync('chmod', ['-R', 'go-rwx', at])
  const stubs = {
    npm: 'mkdir -p node_modules/graphql && touch node_modules/graphql/index.js',
    systemctl: ':',
    git: ':',
  }
  for (const [name, does] of Object.entries(stubs))
    writeFileSync(join(bin, name), `#!/bin/sh\n${does}\n`, { mode: 0o755 })
  return {
    root,
    at,
    /** Runs commands of the document in a shell with a umask that excludes other users. */
    run(commands: readonly string[]) {
      const script = commands.join('\n').replaceAll(/(?<= )\/(?=(etc|opt)\/)/g, `${root}/`)
      const { status, stderr } = spawnSync('bash', ['--norc', '-e', '-c', `umask 077\n${script}`], {
        cwd: at,
        encoding: 'utf8',
        env: { PATH: `${bin}:${process.env.PATH}` },
      })
      expect(stderr).toBe('')
      expect(status).toBe(0)
    },
  }
}

const modeOf = (path: string) => statSync(path).mode & 0o777

describe('the installation for systemd', () => {
  const commands = blocks(section(docs, '## systemd'), 'sh').filter((block) => block.includes('install '))
  const install = () => {
    const { root, run } = createRoot()
    run(commands)
    return root
  }

  it('makes the gateway readable for the service, and the secrets only for root', () => {
    const root = install()
    const opt = join(root, 'opt/vsphere-graphql')
    for (const entry of ['.', ...(readdirSync(opt, { recursive: true }) as string[])]) {
      const mode = modeOf(join(opt, entry))
      expect(mode & (statSync(join(opt, entry)).isDirectory() ? 0o005 : 0o004), entry).not.toBe(0)
      expect(mode & 0o022, entry).toBe(0)
    }
    expect(readdirSync(opt)).toEqual(
      expect.arrayContaining(['dist', 'node_modules', 'package.json', 'schema']),
    )
    const etc = join(root, 'etc/vsphere-graphql')
    expect(readdirSync(etc).sort()).toEqual([...secrets, 'environment', 'vcenter-ca.pem'].sort())
    for (const name of secrets) expect(modeOf(join(etc, name)), name).toBe(0o600)
    for (const name of ['environment', 'vcenter-ca.pem', '.'])
      expect(modeOf(join(etc, name)) & 0o004, name).not.toBe(0)
  })

  it('installs the unit and its drop-in where systemd finds them', () => {
    const system = join(install(), 'etc/systemd/system')
    expect(readFileSync(join(system, 'vsphere-graphql.service'), 'utf8')).toBe(
      read('deploy/vsphere-graphql.service'),
    )
    expect(readFileSync(join(system, 'vsphere-graphql.service.d/auth.conf'), 'utf8')).toBe(
      read('deploy/systemd/token.conf'),
    )
  })

  it('can be upgraded to another version and rolled back', () => {
    const { root, at, run } = createRoot()
    const built = join(root, 'opt/vsphere-graphql/dist/cli/main.js')
    const [upgrade = '', back = ''] = blocks(section(docs, '### Upgrade'), 'sh')
    const install = commands.join('\n').split('\n')
    run(commands)
    writeFileSync(join(at, 'dist/cli/main.js'), 'new')
    run([upgrade, ...install.slice(0, install.findIndex((line) => line.startsWith('chmod')) + 1)])
    expect(readFileSync(built, 'utf8')).toBe('new')
    run([back])
    expect(readFileSync(built, 'utf8')).toBe('')
  })

  it('starts the service only after the settings were edited', () => {
    const text = section(docs, '## systemd')
    expect(text.indexOf('systemctl enable')).toBeGreaterThan(text.indexOf('Then edit'))
  })

  it('lists the required files of each authentication mode', () => {
    const rows = [...section(docs, '## systemd').matchAll(/^\| \[(\w+\.conf)\].*? \| (.+?) \| .*\|$/gm)]
    expect(rows).toHaveLength(3)
    for (const [, name, files = ''] of rows) {
      const loaded = [read('deploy/vsphere-graphql.service'), read(`deploy/systemd/${name}`)].flatMap(
        (text) => [...text.matchAll(/^LoadCredential=(.+?):/gm)].map(([, each]) => each),
      )
      expect([...files.matchAll(/`(.+?)`/g)].map(([, file]) => file).sort()).toEqual(loaded.sort())
    }
  })
})

describe('docker run', () => {
  const [files = '', commands = ''] = blocks(section(docs, '## Docker'), 'sh')
  const run = commands.slice(commands.indexOf('docker run')).replaceAll('\\\n', ' ').split('\n', 1)[0] ?? ''
  const variables: Variables = Object.fromEntries(
    [...run.matchAll(/ -e (\w+)=(\S+)/g)].map(([, name, value]) => [name as string, value as string]),
  )
  const image: Variables = { HOST: '0.0.0.0', PORT: '4000', ADMIN_HOST: '127.0.0.1', ADMIN_PORT: '4001' }
  const argv = run.split(' serve ')[1]?.trim().split(' ') ?? []

  it('uses only existing settings', () => {
    expect(unknown(variables)).toEqual([])
    expect(configOf(argv, { ...image, ...variables })).toMatchObject(servableOnNetwork)
  })

  it('works with the other authentication modes', () => {
    const { AUTH, TOKEN_FILE, ...rest } = variables
    const [jwt, vsphere] = section(docs, '## Docker')
      .split('\n')
      .filter((line) => line.startsWith('- Other modes:'))
      .flatMap((line) => [...line.matchAll(/`(-e AUTH=.+?)`/g)])
      .map(([, words = '']) =>
        Object.fromEntries(
          [...words.matchAll(/(\w+)=(\S+)/g)].map(([, name, value]) => [
            name as string,
            value === '…' ? 'https://id.example.com' : (value as string),
          ]),
        ),
      )
    expect(configOf(argv, { ...image, ...rest, ...jwt }).auth.mode).toBe('jwt')
    const { VSPHERE_USERNAME, VSPHERE_PASSWORD_FILE, ...perUser } = rest
    expect(configOf(argv, { ...image, ...perUser, ...vsphere }).auth.mode).toBe('vsphere')
  })

  it('has the stop timeout of the unit, and files that its user can read', () => {
    const [, seconds] = /--stop-timeout (\d+)/.exec(run) ?? []
    expect(read('deploy/vsphere-graphql.service')).toContain(`TimeoutStopSec=${seconds}\n`)
    const [, uid, gid] = /^USER (\d+):(\d+)$/m.exec(read('deploy/Dockerfile')) ?? []
    const [, owned = ''] =
      new RegExp(`^install -o ${uid} -g ${gid} -m 400 (.+) /etc/vsphere-graphql$`, 'm').exec(files) ?? []
    expect(
      owned
        .split(' ')
        .map((path) => basename(path))
        .sort(),
    ).toEqual(secrets)
    for (const path of Object.values(variables).filter((value) => value.startsWith('/run/secrets/')))
      expect(files).toContain(basename(path))
  })
})
