// Tests docs/library.md: its programs run on the simulator, and its tables match the code. test/interop/library.test.ts installs the
// package into a project of its own, and runs the documented test there.

import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createSimulator } from '../../src/simulator/index.ts'
import { blocks, deadLinksOf, read, rowsOf, section } from './markdown.ts'

const docs = read('docs/library.md')

/** Writes a program of the page to a folder in which the package is known by its name. */
function writeProgram(source: string): { directory: string; path: string } {
  const directory = mkdtempSync(fileURLToPath(new URL('../../dist/.docs-', import.meta.url)))
  onTestFinished(() => rmSync(directory, { recursive: true }))
  const path = join(directory, 'program.mjs')
  writeFileSync(path, source)
  return { directory, path }
}

const [gatewayProgram = '', persistedProgram = ''] = blocks(section(docs, '## Gateway'), 'js')
const [serverProgram = ''] = blocks(section(docs, '## Whole server'), 'js')
const simulatorSection = section(docs, '## Simulator')

describe('the programs', () => {
  it('embed a gateway that authenticates its client, and logs out when it ends', async () => {
    const simulator = createSimulator()
    onTestFinished(() => simulator.close())
    const { url, certificate = '' } = await simulator.listen({ tls: true })
    const { directory, path } = writeProgram(
      gatewayProgram
        .replace('https://vcenter.example.com', url)
        .replace('gateway@vsphere.local', 'user')
        .replace(
          "listen(4000, '127.0.0.1')",
          "listen(0, '127.0.0.1', () => console.log(server.address().port))",
        ),
    )
    mkdirSync(join(directory, 'secrets'))
    const secrets = {
      'dashboard-token': 'secret\n',
      'vcenter-password': 'pass\n',
      'vcenter-ca.pem': certificate,
    }
    for (const [name, text] of Object.entries(secrets)) writeFileSync(join(directory, 'secrets', name), text)
    const program = spawn(process.execPath, [path], { cwd: directory, stdio: ['ignore', 'pipe', 'ignore'] })
    onTestFinished(() => void program.kill('SIGKILL'))
    const [port] = await once(createInterface({ input: program.stdout }), 'line')
    const request = async (authorization: string) => {
      const response = await fetch(`http://127.0.0.1:${port}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization },
        body: JSON.stringify({ query: '{ viewer { name role } virtualMachines { totalCount } }' }),
      })
      return { status: response.status, body: await response.json() }
    }
    expect((await request('Bearer other')).status).toBe(401)
    expect(await request('Bearer secret')).toEqual({
      status: 200,
      body: {
        data: {
          viewer: { name: 'dashboard', role: 'READER' },
          virtualMachines: { totalCount: expect.any(Number) },
        },
      },
    })
    expect(simulator.live.sessions).toBe(1)
    program.kill('SIGTERM')
    expect((await once(program, 'exit'))[0]).toBe(0)
    expect(simulator.live.sessions).toBe(0)
  })

  it('read a file of persisted operations', async () => {
    const { directory, path } = writeProgram(`${persistedProgram.replace(/^ {2}/gm, '')}
import { createGateway, createSimulator } from 'vsphere-graphql'
const simulator = createSimulator({ vms: 2 })
const gateway = createGateway({ vcenter: simulator, persistedOperations })
const headers = { 'content-type': 'application/json' }
const body = JSON.stringify({ documentId: 'count' })
console.log(await (await gateway.fetch('/graphql', { method: 'POST', headers, body })).text())
await gateway.close()
await simulator.close()
`)
    writeFileSync(join(directory, 'persisted.json'), '{ "count": "{ virtualMachines { totalCount } }" }')
    const { stdout } = await promisify(execFile)(process.execPath, [path], { cwd: directory })
    expect(stdout).toBe('{"data":{"virtualMachines":{"totalCount":2}}}\n')
  })

  it('print the documented output of the simulator', async () => {
    const [source = ''] = blocks(simulatorSection, 'js')
    const [output] = blocks(simulatorSection, 'text')
    const { stdout } = await promisify(execFile)(process.execPath, [writeProgram(source).path])
    expect(stdout).toBe(output)
  })

  it('add users to the simulator, who see what their grants allow', async () => {
    const [, source = ''] = blocks(simulatorSection, 'js')
    const { path } = writeProgram(`${source}
import { createTestGateway } from 'vsphere-graphql/testing'

for (const [username, password] of [['frankfurt', 'pass'], ['auditor', 'secret']]) {
  const gateway = createTestGateway({ simulator, account: { username, password } })
  const { data } = await gateway.execute('{ datacenters { nodes { name } } }')
  console.log(username, data.datacenters.nodes.map(({ name }) => name).join())
  await gateway.close()
}
await simulator.close()
`)
    const { stdout } = await promisify(execFile)(process.execPath, [path])
    expect(stdout).toBe('frankfurt Frankfurt\nauditor Oregon\n')
  })

  it('start and stop the whole server', async () => {
    const { path } = writeProgram(serverProgram)
    const { stdout } = await promisify(execFile)(process.execPath, [path])
    expect(stdout).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/graphql\n$/)
  })
})

it('describes all options of createGateway', () => {
  const source = readFileSync(new URL('../../src/server/create-gateway.ts', import.meta.url), 'utf8')
  const [, common = ''] = /interface CommonOptions \{([\s\S]*?)\n\}/.exec(source) ?? []
  const options = [...common.matchAll(/^ {2}readonly (\w+)\?/gm)].map(([, name]) => name)
  const rows = rowsOf(section(docs, '## Gateway')).flatMap(([names = '']) =>
    [...names.matchAll(/`(\w+)`/g)].map(([, name]) => name),
  )
  expect(options.length).toBeGreaterThan(8)
  expect(rows.sort()).toEqual([...options, 'vcenter', 'authenticate'].sort())
})

it('lists all exports', async () => {
  const exportsOf = async (path: string) => Object.keys(await import(path)).sort()
  const [main, testing] = rowsOf(section(docs, '## Exports')).map(([, content = '']) =>
    [...content.matchAll(/`(\w+)`/g)].map(([, name]) => name).sort(),
  )
  expect(main).toEqual(await exportsOf('../../src/index.ts'))
  expect(testing).toEqual(await exportsOf('../../src/testing.ts'))
})

it('has no broken links', () => {
  expect(deadLinksOf('library.md')).toEqual([])
})
