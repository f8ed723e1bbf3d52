// Tests docs/getting-started.md: its commands run on the simulator and print what the page shows.

import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { describe, expect, it, onTestFinished } from 'vitest'
import { loadServeConfig } from '../../src/config/config.ts'
import { startServer } from '../../src/server/start-server.ts'
import { createSimulator } from '../../src/simulator/index.ts'
import { startGateway } from '../test-gateway.ts'
import { examples, runCommand } from './examples.ts'
import { blocks, deadLinksOf, read, section } from './markdown.ts'

const docs = read('docs/getting-started.md')
const users = section(docs, '## Try users with different rights')
const connect = section(docs, '## Connect to a vCenter')
const program = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url))
const runs = (name: string, flag: string) => spawnSync(name, [flag]).status === 0

describe.skipIf(!runs('bash', '--version') || !runs('curl', '--version'))('the commands', () => {
  it('print the documented responses of the simulator', async () => {
    const gateway = startGateway()
    onTestFinished(() => gateway.close())
    const url = await gateway.listen()
    const onSimulator = examples(docs.replace(connect, '').replace(users, ''), 'sh')
    expect(onSimulator).toHaveLength(3)
    for (const { source, response } of onSimulator)
      expect(await runCommand(source, url)).toMatchObject(response)
  })

  it('show what users with different rights may do', async () => {
    const silent = { info() {}, warn() {}, error() {} }
    const config = loadServeConfig({ argv: ['--port', '0', '--auth', 'vsphere'], env: {} })
    const server = await startServer(config, silent)
    onTestFinished(() => server.stop())
    const [{ source, response } = { source: '', response: {} }] = examples(users, 'sh')
    expect(await runCommand(source, server.url)).toEqual(response)
    const [, query = ''] = /`(\{ datacenters .*? \} \})`/.exec(users) ?? []
    const result = await fetch(server.url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        authorization: `Basic ${Buffer.from('frankfurt:pass').toString('base64')}`,
      },
      body: JSON.stringify({ query }),
    })
    expect(await result.json()).toEqual({ data: { datacenters: { nodes: [{ name: 'Frankfurt' }] } } })
  })

  it.skipIf(!runs('openssl', 'version'))(
    'connect to a vCenter with an account, a password file and a pinned certificate',
    async () => {
      const simulator = createSimulator({ password: 'correct horse battery' })
      onTestFinished(() => simulator.close())
      const { url } = await simulator.listen({ tls: true })
      const { host } = new URL(url)
      const directory = mkdtempSync(join(tmpdir(), 'getting-started-'))
      onTestFinished(() => rmSync(directory, { recursive: true }))
      const script = blocks(connect, 'bash')
        .join('\n')
        .replace('vcenter.example.com:443', host)
        .replace('vcenter.example.com', host)
        .replace('graphql-reader@vsphere.local', 'user')
        // Before the certificate is trusted, it is a problem.
        .replace('npm run --silent doctor', `{ node ${program} doctor || [ $? = 1 ]; }`)
        .replace('npm run --silent doctor', `node ${program} doctor`)
        .replace('npm start --', `exec node ${program} serve --port 0 --vcenter-name vcenter.example.com`)
      const shell = spawn('bash', ['-e', '-c', script], {
        cwd: directory,
        env: { PATH: process.env.PATH },
        stdio: ['pipe', 'pipe', 'ignore'],
      })
      onTestFinished(() => {
        shell.kill('SIGKILL')
      })
      shell.stdin.end('correct horse battery\n')
      let endpoint = ''
      const lines: string[] = []
      for await (const line of createInterface({ input: shell.stdout })) {
        lines.push(line)
        endpoint = /^GraphiQL: (\S+)/.exec(line)?.[1] ?? ''
        if (endpoint !== '') break
      }
      const [certificateProblem = ''] = blocks(connect, 'text')
      expect(lines.join('\n')).toContain(certificateProblem.replaceAll(/^ {3}/gm, '').trim())
      expect(lines.filter((line) => /^(1 problem|No problem) found, /.test(line))).toHaveLength(2)
      const [{ source, response } = { source: '', response: {} }] = examples(connect, 'sh')
      expect(await runCommand(source, endpoint)).toEqual(response)
      shell.kill('SIGTERM')
      expect((await once(shell, 'exit'))[0]).toBe(0)
      expect(simulator.live.sessions).toBe(0)
    },
  )
})

it('has no broken links', () => {
  expect(deadLinksOf('getting-started.md')).toEqual([])
})
