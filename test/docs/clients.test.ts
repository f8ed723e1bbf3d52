// Tests docs/clients.md: its programs and commands run on the simulator, and its statements on headers hold.

import { execFile, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, it, onTestFinished } from 'vitest'
import { parse as parseYaml } from 'yaml'
import { startGateway } from '../test-gateway.ts'
import { examples, runCommand } from './examples.ts'
import { blocks, deadLinksOf, read, section } from './markdown.ts'

const docs = read('docs/clients.md')
const documentedUrl = 'http://127.0.0.1:4000/graphql'
const runs = (name: string) => spawnSync(name, ['--version']).status === 0

async function listen(options: Parameters<typeof startGateway>[0] = {}) {
  const gateway = startGateway(options)
  onTestFinished(() => gateway.close())
  return { gateway, url: await gateway.listen() }
}

/** Writes a program of the page to a file below node_modules, so that it can import packages. */
function writeProgram(source: string, name: string, url: string): string {
  const directory = mkdtempSync(fileURLToPath(new URL('../../node_modules/.docs-', import.meta.url)))
  onTestFinished(() => rmSync(directory, { recursive: true }))
  const path = join(directory, name)
  writeFileSync(path, source.replaceAll(documentedUrl, url))
  return path
}

describe('the commands and programs', () => {
  it.skipIf(!runs('curl'))('of the first example print the documented response', async () => {
    const { url } = await listen()
    const [example] = examples(docs, 'sh')
    expect(await runCommand(example?.source ?? '', url)).toEqual(example?.response)
  })

  it.skipIf(!runs('curl'))('of persisted operations print the documented response', async () => {
    const text = section(docs, '## Persisted operations')
    const [, file = ''] = /`(\{.+\})`:/.exec(text) ?? []
    const documents = new Map(Object.entries(JSON.parse(file) as Record<string, string>))
    const { url } = await listen({ persisted: { documents, persistedOnly: true } })
    const [example] = examples(text, 'sh')
    expect(await runCommand(example?.source ?? '', url)).toEqual(example?.response)
  })

  it('of subscriptions print the current state', async () => {
    const text = section(docs, '## Subscriptions')
    const [source] = blocks(text, 'js')
    const [printed = '', events = ''] = blocks(text, 'text')
    const { url } = await listen()
    const program = spawn('node', [writeProgram(source as string, 'subscribe.mjs', url)])
    onTestFinished(() => {
      program.kill()
    })
    const lines: string[] = []
    for await (const line of createInterface({ input: program.stdout })) if (lines.push(line) === 2) break
    expect(lines).toEqual(printed.trimEnd().split('\n'))

    const [command] = blocks(text, 'sh')
    const script = (command as string).replace(documentedUrl, url)
    const curl = spawn('bash', ['-c', `exec ${script}`], { env: { PATH: process.env.PATH } })
    onTestFinished(() => {
      curl.kill()
    })
    const received: string[] = []
    for await (const line of createInterface({ input: curl.stdout })) if (received.push(line) === 4) break
    expect(received).toEqual(events.trimEnd().split('\n'))
  })

  it.skipIf(!runs('python3'))('of Python print the names of all virtual machines', async () => {
    const [source] = blocks(docs, 'python')
    const { gateway, url } = await listen()
    const program = writeProgram(source as string, 'machines.py', url)
    const { stdout } = await promisify(execFile)('python3', [program])
    const { data } = await gateway.execute('{ virtualMachines { nodes { name } } }')
    expect(stdout.trimEnd().split('\n')).toEqual(
      data.virtualMachines.nodes.map(({ name }: { name: string }) => name),
    )
  })

  it('have no syntax errors', () => {
    const programs = blocks(docs, 'js')
    expect(programs.length).toBeGreaterThan(1)
    for (const [index, source] of programs.entries()) {
      const path = writeProgram(source, `${index}.mjs`, documentedUrl)
      expect(spawnSync('node', ['--check', path]).status, source).toBe(0)
    }
  })

  describe('of errors', () => {
    const [source] = blocks(section(docs, '## Errors'), 'js')
    const load = async (url: string) =>
      import(/* @vite-ignore */ pathToFileURL(writeProgram(source as string, 'execute.mjs', url)).href)

    it('return the data, or throw the code without a retry', async () => {
      const { gateway, url } = await listen()
      const { execute } = await load(url)
      expect(await execute('{ vcenters { name } }')).toEqual({ vcenters: [{ name: 'test' }] })
      const ambiguous = execute('{ virtualMachine(by: { name: "app-01" }) { id } }')
      await expect(ambiguous).rejects.toMatchObject({ code: 'AMBIGUOUS', retryable: false })
      expect(gateway.operations.filter(({ codes }) => String(codes) === 'AMBIGUOUS')).toHaveLength(1)
    })

    it('retry an error that is retryable', async () => {
      let requests = 0
      const overloaded = { message: 'Too many', extensions: { code: 'OVERLOADED', retryable: true } }
      const server = createServer((_request, response) => {
        requests += 1
        const body = requests === 1 ? { errors: [overloaded] } : { data: { vcenters: [] } }
        response.writeHead(requests === 1 ? 503 : 200, { 'retry-after': '0' }).end(JSON.stringify(body))
      }).listen(0, '127.0.0.1')
      onTestFinished(() => {
        server.close()
        server.closeAllConnections()
      })
      await once(server, 'listening')
      const { execute } = await load(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
      expect(await execute('{ vcenters { name } }')).toEqual({ vcenters: [] })
      expect(requests).toBe(2)
    })
  })
})

describe('the CSRF rule', () => {
  const query = '{ __typename }'
  const url = `/graphql?query=${encodeURIComponent(query)}`

  it.each([
    ['GET', {}, 403],
    ['GET', { accept: 'application/json' }, 403],
    ['GET', { 'x-graphql-yoga-csrf': '1' }, 200],
    ['GET', { 'apollo-require-preflight': 'true' }, 200],
    ['GET', { 'x-apollo-operation-name': 'Names' }, 200],
    ['GET', { 'x-vsphere-trace': '1' }, 200],
    ['GET', { 'content-type': 'application/json' }, 200],
    ['GET', { 'sec-fetch-site': 'same-origin' }, 200],
    ['GET', { 'sec-fetch-site': 'same-site' }, 403],
    ['GET', { origin: 'http://localhost' }, 200],
    ['GET', { origin: 'http://localhost:5173' }, 403],
    ['POST', { 'content-type': 'text/plain' }, 403],
    ['POST', { 'content-type': 'text/plain', 'x-graphql-yoga-csrf': '1' }, 415],
    ['POST', { 'content-type': 'application/graphql+json', 'x-graphql-yoga-csrf': '1' }, 200],
    ['POST', { 'content-type': 'application/json' }, 200],
  ] as const)('answers %s with %o with %i', async (method, headers, status) => {
    const { gateway } = await listen()
    const response =
      method === 'GET'
        ? await gateway.fetch(url, { headers })
        : await gateway.fetch('/graphql', { method, headers, body: JSON.stringify({ query }) })
    expect(response.status).toBe(status)
  })
})

describe('a page on another origin', () => {
  const text = section(docs, '## Pages on another origin')
  const [, origin = ''] = /--allowed-origin (\S+)/.exec(text) ?? []
  const post = (host = 'localhost') => ({
    method: 'POST',
    headers: { 'content-type': 'application/json', origin, host },
    body: JSON.stringify({ query: '{ __typename }' }),
  })

  it('can read the documented error', async () => {
    const { gateway } = await listen()
    const response = await gateway.fetch('/graphql', post())
    expect(response.status).toBe(403)
    expect(response.headers.get('access-control-allow-origin')).toBe(origin)
    const body = await response.json()
    expect(body).toMatchObject(JSON.parse(blocks(text, 'json')[0] as string))
    expect(body.errors[0].extensions.remedy).toContain('--allowed-origin')
  })

  it('can send requests with --allowed-origin, or through a proxy that keeps the Host header', async () => {
    const { gateway } = await listen({ allowedOrigins: [origin] })
    expect((await gateway.fetch('/graphql', post())).status).toBe(200)
    const { gateway: other } = await listen()
    expect((await other.fetch('/graphql', post(new URL(origin).host))).status).toBe(200)
  })
})

it('maps scalars as codegen.yml does', () => {
  const generates = (yaml: string) =>
    Object.values<{ config?: object }>(parseYaml(yaml).generates).find(({ config }) => config !== undefined)
  const [shown] = blocks(docs, 'yaml')
  expect(generates(read('codegen.yml'))).toMatchObject(generates(shown as string) as object)
})

it('has no broken links', () => {
  expect(deadLinksOf('clients.md')).toEqual([])
})
