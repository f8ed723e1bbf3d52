// Tests docs/deployment.md: its quick start runs verbatim against the simulator, and its settings exist.

import { readdirSync, readFileSync, statSync } from 'node:fs'
import { basename, join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { parse as parseYaml } from 'yaml'
import type { Setting } from '../../src/config/settings/setting.ts'
import { serveSettings } from '../../src/config/settings.ts'
import { createSimulator } from '../../src/simulator/index.ts'
import { blocks, deadLinksOf, read, section } from './markdown.ts'
import { canRunCommands, runCommands } from './run-commands.ts'

const docs = read('docs/deployment.md')
const settings: readonly Setting[] = Object.values(serveSettings)

const quickStart = section(docs, '## Quick start')

describe('the quick start', () => {
  /** Runs the commands verbatim, except for the replacements in `change`, for a user who enters `password`. */
  async function runQuickStart(password: string, change = (command: string) => command) {
    const simulator = createSimulator({ password: 'correct horse battery' })
    onTestFinished(() => simulator.close())
    const { url } = await simulator.listen({ tls: true })
    const script = blocks(quickStart, 'bash')
      .map(change)
      .join('\n')
      .replace('vcenter.example.com:443', new URL(url).host)
      .replace('gateway@vsphere.local', 'user')
    const { code, out, folder } = await runCommands(script, `${password}\n`)
    return { code, out, folder, simulator }
  }

  it.skipIf(!canRunCommands)('starts, queries, monitors and stops a gateway', async () => {
    const { code, out, folder, simulator } = await runQuickStart('correct horse battery')
    expect(code).toBe(0)
    expect(out).toMatch(/^([\dA-F]{2}:){31}[\dA-F]{2}$/m)
    expect(out).toContain('"connected":true}],"virtualMachines":{"totalCount":20}}}')
    expect(out).toMatch(/^vsphere_graphql_vcenter_sessions\{vcenter="[\d.:]+"\} 1$/m)
    expect(out).toMatch(/vsphere_graphql_operations_total\{kind="query",outcome="success"\} 1$/m)
    expect(out).toMatch(/ended with 0\n$/)
    expect(simulator.live.sessions).toBe(0)
    expect(simulator.calls.filter(({ method }) => method === 'Login')).toHaveLength(1)
    const secrets = join(folder, 'secrets')
    for (const name of readdirSync(secrets)) expect(statSync(join(secrets, name)).mode & 0o077, name).toBe(0)
    // Ignored by git.
    expect(readdirSync(folder).sort()).toEqual(['gateway.log', 'secrets'])
    expect(read('.gitignore').split('\n')).toEqual(expect.arrayContaining(['*.log', '/secrets/']))
    expect(readFileSync(join(folder, 'gateway.log'), 'utf8')).toContain('"identity":"grafana"')
  })

  it.skipIf(!canRunCommands)(
    'shows the reason when the gateway cannot log in, instead of waiting forever',
    async () => {
      // The following commands would fail and leave the gateway running.
      const steps = (command: string) => (/curl -s |^ *scrape/m.test(command) ? '' : command)
      const { out } = await runQuickStart('wrong', steps)
      expect(out).toMatch(/^\{"level":"error".*rejected/m)
      expect(out).toMatch(/ended with 0\n$/)
    },
  )

  it.skipIf(!canRunCommands)('does not wait for a gateway that has exited', async () => {
    const steps = (command: string) =>
      /curl -s |kill %1 &&/.test(command) ? '' : command.replace('--port 4000', '--port none')
    const { out } = await runQuickStart('correct horse battery', steps)
    expect(out).toMatch(/^vsphere-graphql: --port .*must be a whole number/m)
  })

  it('leaves no settings in the shell', () => {
    const commands = blocks(quickStart, 'bash').join('\n')
    const exported = [...commands.matchAll(/\b(VSPHERE_\w+)=/g)].map(([, name]) => name)
    const [, unset = ''] = /^ *unset (.+)$/m.exec(commands) ?? []
    expect(unset.split(' ').sort()).toEqual(exported.sort())
  })

  it('configures Prometheus with the address of the metrics', () => {
    const [config] = blocks(quickStart, 'yaml')
    expect(parseYaml(config as string).scrape_configs[0].static_configs).toEqual([
      { targets: ['127.0.0.1:4001'] },
    ])
  })
})

it('names only existing settings', () => {
  const flags = [...docs.matchAll(/`--([a-z-]+)/g)].map(([, flag]) => flag)
  expect(flags.length).toBeGreaterThan(20)
  for (const flag of flags) expect(settings.map((setting) => setting.flag)).toContain(flag)
  const variables = [...docs.matchAll(/ -e ([A-Z_]+)=/g)].map(([, name]) => name)
  expect(variables.length).toBeGreaterThan(5)
  for (const name of variables) expect(settings.map((setting) => setting.env)).toContain(name)
})

it('creates the Secrets that the manifest mounts', () => {
  const made = [...docs.matchAll(/--from-file=(\S+)/g)].map(([, name]) => name)
  const manifest = read('deploy/kubernetes.yaml')
  const mounted = [...manifest.matchAll(/name: (?:VSPHERE_PASSWORD_FILE|TOKEN_FILE), value: (\S+) /g)]
  expect(made.map((path) => basename(path as string))).toEqual(
    mounted.map(([, path]) => basename(path as string)),
  )
  for (const name of ['generic vsphere-graphql ', 'tls vsphere-graphql-tls '])
    expect(docs).toContain(`secret ${name}`)
})

it('has no broken links', () => {
  expect(deadLinksOf('deployment.md')).toEqual([])
})

describe('the proxies', () => {
  const text = section(docs, '## Reverse proxy')
  const operationTimeout = serveSettings.operationTimeout.value.parse(undefined)

  it.each(['nginx', 'haproxy'])(
    "%s waits longer than the operation timeout, and forwards the client's address",
    (name) => {
      const [config = ''] = blocks(text, name)
      const [, seconds] = /(?:proxy_read_timeout|timeout server) +(\d+)s/.exec(config) ?? []
      expect(Number(seconds)).toBeGreaterThan(operationTimeout)
      expect(config).toMatch(/set-?_?header X-Forwarded-For/)
      expect(config).toContain('127.0.0.1:4000')
    },
  )

  it('nginx keeps the Host header, and does not buffer events', () => {
    const [config] = blocks(text, 'nginx')
    expect(config).toContain('proxy_set_header Host $http_host;')
    expect(config).toContain('proxy_buffering off;')
  })
})
