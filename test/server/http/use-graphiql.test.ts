// The examples in GraphiQL's tabs and their preset variables.

import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { gunzipSync } from 'node:zlib'
import { createYoga } from 'graphql-yoga'
import { expect, it, onTestFinished } from 'vitest'
import { buildSchema } from '../../../src/schema/schema.ts'
import { useGraphiql } from '../../../src/server/http/use-graphiql.ts'
import { startGateway } from '../../test-gateway.ts'

const operations = new URL('../../../schema/operations/', import.meta.url)

async function pageOf(options: Parameters<typeof useGraphiql>[0]): Promise<string> {
  const yoga = createYoga({ schema: buildSchema(), plugins: [useGraphiql(options)], graphiql: false })
  const response = await yoga.fetch('http://localhost/graphql', { headers: { accept: 'text/html' } })
  return response.text()
}

const requested = (headers: Record<string, string>) => {
  const yoga = createYoga({ schema: buildSchema(), plugins: [useGraphiql()], graphiql: false })
  return yoga.fetch('http://localhost/graphql', { headers: { accept: 'text/html', ...headers } })
}

const escapedJson = (text: unknown) => JSON.stringify(JSON.stringify(text, null, 2)).slice(1, -1)

it('fills in objects of the embedded simulator, and placeholders for other vCenters', async () => {
  const simulatorPage = await pageOf({ isSimulator: true })
  const vcenterPage = await pageOf({ isSimulator: false })
  expect(simulatorPage).toContain(escapedJson({ virtualMachine: 'web-02', disk: 2000, changeId: null }))
  expect(vcenterPage).toContain(escapedJson({ virtualMachine: null, disk: null, changeId: null }))
  for (const each of ['virtualMachine', 'earlier']) expect(vcenterPage).not.toContain(`\\"${each}\\": \\"`)
})

it('omits mutations and their follow-up examples in read-only mode', async () => {
  const all = await pageOf({})
  const readOnly = await pageOf({ readOnly: true })
  for (const name of ['Backup2FullMap', 'Backup4CleanUp', 'Live2FollowItsTask']) {
    expect(all).toContain(name)
    expect(readOnly).not.toContain(name)
  }
  for (const name of ['ChangesSinceASnapshot', 'InventoryLive']) expect(readOnly).toContain(name)
})

it('has no example with a mutation when mutations are disabled', async () => {
  const page = await pageOf({ readOnly: true })
  const mutations = readdirSync(operations)
    .filter((name) => name.endsWith('.graphql'))
    .flatMap((name) => /^mutation \w+/m.exec(readFileSync(new URL(name, operations), 'utf8')) ?? [])
  expect(mutations.length).toBeGreaterThan(3)
  for (const mutation of mutations) expect(page).not.toContain(mutation)
})

it.each(['dashboard/', 'history/'])('opens the operations of the folder %s in one tab', async (name) => {
  const folder = new URL(name, operations)
  const contents = readdirSync(folder).map((file) => readFileSync(new URL(file, folder), 'utf8'))
  expect(contents.length).toBeGreaterThan(5)
  expect(await pageOf({})).toContain(JSON.stringify(contents.join('\n')))
})

it('prompts for a token when one is required, and never stores it in the browser', async () => {
  const template = JSON.stringify(JSON.stringify({ authorization: 'Bearer ' }, null, 2))
  expect(await pageOf({ scheme: 'Bearer' })).toContain(`"headers":${template}`)
  const open = await pageOf({})
  expect(open).not.toContain(template)
  expect(open).toContain('"shouldPersistHeaders":false')
})

it('compresses the page for browsers that accept it, and lets them cache it', async () => {
  const plain = await requested({})
  expect(plain.headers.get('content-encoding')).toBeNull()
  const packed = await requested({ 'accept-encoding': 'gzip, deflate, br' })
  expect(packed.headers.get('content-encoding')).toBe('gzip')
  const unpacked = gunzipSync(Buffer.from(await packed.arrayBuffer())).toString()
  expect(unpacked).toBe(await plain.text())
  expect((await requested({ 'accept-encoding': 'gzip;q=0' })).headers.get('content-encoding')).toBeNull()

  const etag = packed.headers.get('etag') ?? ''
  expect(plain.headers.get('etag')).toBe(etag)
  const known = await requested({ 'if-none-match': etag })
  expect([known.status, await known.text()]).toEqual([304, ''])
  expect((await requested({ 'if-none-match': 'W/"another"' })).status).toBe(200)
})

it('holds the page in memory once for many clients that do not read the response', async () => {
  const gateway = startGateway()
  onTestFinished(() => gateway.close())
  const { port, host } = new URL(await gateway.listen())
  await (await gateway.fetch('/graphql', { headers: { accept: 'text/html' } })).text()
  const before = process.memoryUsage().rss
  const sockets = await Promise.all(
    Array.from({ length: 20 }, async () => {
      const socket = connect(Number(port), '127.0.0.1')
      onTestFinished(() => void socket.destroy())
      socket.write(`GET /graphql HTTP/1.1\r\nhost: ${host}\r\naccept: text/html\r\n\r\n`)
      await once(socket, 'readable')
      return socket
    }),
  )
  expect(sockets).toHaveLength(20)
  // One copy for each client would take 180 MB.
  expect(process.memoryUsage().rss - before).toBeLessThan(60e6)
}, 30_000)
