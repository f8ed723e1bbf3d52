// The page of the playground with its settings, and its assets.

import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { createYoga } from 'graphql-yoga'
import { describe, expect, it, onTestFinished } from 'vitest'
import { buildSchema } from '../../../src/schema/schema.ts'
import type { PlaygroundSettings } from '../../../src/server/playground/page.ts'
import { type PlaygroundOptions, usePlayground } from '../../../src/server/playground/use-playground.ts'
import { startGateway } from '../../test-gateway.ts'
import { createBuiltPlayground } from './built-playground.ts'

const schema = buildSchema()

/** Sends requests to an endpoint that has no other plugin. */
function serve(options: PlaygroundOptions = {}) {
  const plugins = [usePlayground({ directory: createBuiltPlayground(), ...options })]
  const yoga = createYoga({ schema, plugins, graphiql: false, logging: false })
  return async (path = '/graphql', headers: Record<string, string> = {}, method = 'GET') =>
    yoga.fetch(`http://localhost${path}`, { method, headers: { accept: 'text/html', ...headers } })
}

async function settingsOf(options?: PlaygroundOptions): Promise<PlaygroundSettings> {
  const html = await (await serve(options)()).text()
  const [, json = ''] =
    /<script type="application\/json" id="playground-settings">(.*?)<\/script>/s.exec(html) ?? []
  return JSON.parse(json)
}

const idsOf = ({ examples }: PlaygroundSettings): string[] => examples.map(({ id }) => id)

describe('the settings of the page', () => {
  it('state how clients authenticate and what the vCenter is', async () => {
    expect(await settingsOf()).toMatchObject({ scheme: null, readOnly: false, isSimulator: true })
    expect(await settingsOf({ scheme: 'Bearer', readOnly: true, isSimulator: false })).toMatchObject({
      scheme: 'Bearer',
      readOnly: true,
      isSimulator: false,
      version: expect.stringMatching(/^\d+\.\d+\.\d+/),
    })
  })

  it('escape an example that contains </script>', async () => {
    const examples = mkdtempSync(join(tmpdir(), 'examples-'))
    onTestFinished(() => rmSync(examples, { recursive: true }))
    const query = '# A </script> in a title\nquery Hello { __typename }\n'
    writeFileSync(join(examples, '01-hello.graphql'), query)
    const html = await (await serve({ examples })()).text()
    expect(html).not.toContain('A </script>')
    expect((await settingsOf({ examples })).examples).toEqual([
      { id: 'hello', group: '', title: 'A </script> in a title', description: '', kind: 'query', query },
    ])
  })

  it('have variables that name objects of the simulator, and null for other vCenters', async () => {
    const changesSince = (settings: PlaygroundSettings) =>
      settings.examples.find(({ query }) => query.includes('mutation Backup3ChangesSince'))?.variables
    expect(changesSince(await settingsOf())).toEqual({ virtualMachine: 'web-02', disk: 2000, changeId: null })
    const { examples } = await settingsOf({ isSimulator: false })
    const values = examples.flatMap(({ variables = {} }) => Object.values(variables))
    expect(values.length).toBeGreaterThan(10)
    expect(new Set(values)).toEqual(new Set([null]))
  })

  it('have no mutations, nor examples that need the result of one, in read-only mode', async () => {
    const all = await settingsOf()
    const readOnly = await settingsOf({ readOnly: true })
    expect(all.examples.filter(({ kind }) => kind === 'mutation').length).toBeGreaterThan(6)
    expect(readOnly.examples.filter(({ kind }) => kind === 'mutation')).toEqual([])
    expect(JSON.stringify(readOnly)).not.toMatch(/^mutation\b/m)
    const omitted = idsOf(all).filter((id) => !idsOf(readOnly).includes(id))
    expect(omitted).toEqual(
      idsOf(all).filter((id) => {
        const { kind, variables = {} } = all.examples.find((each) => each.id === id)!
        return kind === 'mutation' || Object.values(variables).includes(null)
      }),
    )
  })
})

describe('the page', () => {
  it('loads nothing from other hosts, and its policy forbids that', async () => {
    const response = await serve()()
    expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8')
    expect(response.headers.get('content-security-policy')).toMatch(
      /^default-src 'none'; script-src 'self'; worker-src 'self'; .*frame-ancestors 'none'$/,
    )
    expect(response.headers.get('content-security-policy')).not.toContain('unsafe-eval')
    expect(await response.text()).not.toMatch(/<(script|link|img)[^>]+(src|href)="?(https?:)?\/\//)
  })

  it('is compressed for browsers that accept it, and can be cached', async () => {
    const get = serve()
    const plain = await get()
    expect(plain.headers.get('content-encoding')).toBeNull()
    const packed = await get('/graphql', { 'accept-encoding': 'gzip, deflate, br' })
    expect(packed.headers.get('content-encoding')).toBe('gzip')
    expect(gunzipSync(Buffer.from(await packed.arrayBuffer())).toString()).toBe(await plain.text())
    for (const [accepted, encoding] of [
      ['gzip;q=0', null],
      ['gzip;q=0.0, br', null],
      ['gzip;q=0.5', 'gzip'],
      ['GZIP', 'gzip'],
      ['*', 'gzip'],
      ['gzip;q=0, *', null],
      ['br, *;q=0', null],
    ] as const)
      expect(
        (await get('/graphql', { 'accept-encoding': accepted })).headers.get('content-encoding'),
        accepted,
      ).toBe(encoding)

    const etag = packed.headers.get('etag') ?? ''
    expect(plain.headers.get('etag')).toBe(etag)
    const known = await get('/graphql', { 'if-none-match': etag })
    expect([known.status, await known.text()]).toEqual([304, ''])
    for (const tags of ['*', etag.replace('W/', ''), `W/"another", ${etag}`])
      expect((await get('/graphql', { 'if-none-match': tags })).status).toBe(304)
    expect((await get('/graphql', { 'if-none-match': 'W/"another"' })).status).toBe(200)
    const head = await get('/graphql', {}, 'HEAD')
    expect([head.status, head.headers.get('etag'), await head.text()]).toEqual([200, etag, ''])
  })

  it('says what to run when the playground is not built, and appears once it is', async () => {
    const directory = createBuiltPlayground()
    rmSync(join(directory, 'index.html'))
    const get = serve({ directory })
    const response = await get()
    expect(response.status).toBe(503)
    expect(response.headers.get('content-security-policy')).toContain("default-src 'none'")
    expect(await response.text()).toContain('<code>npm run build</code>')
    writeFileSync(
      join(directory, 'index.html'),
      '<script type="application/json" id="playground-settings">{}</script>',
    )
    expect((await get()).status).toBe(200)
  })
})

describe('an asset', () => {
  const assets = {
    'index-1.js': 'start()',
    'index-2.css': 'a {}',
    'codicon-3.ttf': 'font',
  }

  it('is served compressed or plain, and is cached forever', async () => {
    const get = serve({ directory: createBuiltPlayground(assets) })
    for (const [name, contentType] of [
      ['index-1.js', 'text/javascript; charset=utf-8'],
      ['index-2.css', 'text/css; charset=utf-8'],
      ['codicon-3.ttf', 'font/ttf'],
    ] as const) {
      const packed = await get(`/playground/assets/${name}`, { accept: '*/*', 'accept-encoding': 'gzip' })
      expect(packed.status).toBe(200)
      expect(Object.fromEntries(packed.headers)).toMatchObject({
        'content-type': contentType,
        'content-encoding': 'gzip',
        'cache-control': 'public, max-age=31536000, immutable',
        'x-content-type-options': 'nosniff',
        vary: 'accept-encoding',
      })
      expect(gunzipSync(Buffer.from(await packed.arrayBuffer())).toString()).toBe(assets[name])
      const plain = await get(`/playground/assets/${name}`, { accept: '*/*' })
      expect([plain.headers.get('content-encoding'), await plain.text()]).toEqual([null, assets[name]])
      const known = await get(`/playground/assets/${name}`, {
        'if-none-match': plain.headers.get('etag') ?? '',
      })
      expect(known.status).toBe(304)
    }
  })

  it('of a later build is served after a file of the first one was not found', async () => {
    const directory = createBuiltPlayground({ 'index-1.js': 'start()', 'same-1.js': 'same()' })
    const get = serve({ directory })
    expect((await get()).status).toBe(200)
    await get('/playground/assets/same-1.js')
    rmSync(join(directory, 'assets', 'index-1.js.gz'))
    writeFileSync(join(directory, 'assets', 'index-2.js.gz'), gzipSync('restart()'))
    const page = readFileSync(join(directory, 'index.html'), 'utf8')
    writeFileSync(join(directory, 'index.html'), page.replace('<head>', '<head><!-- later -->'))
    expect((await get('/playground/assets/index-1.js', { accept: '*/*' })).status).toBe(404)
    expect(await (await get('/playground/assets/index-2.js', { accept: '*/*' })).text()).toBe('restart()')
    expect(await (await get()).text()).toContain('<!-- later -->')
  })

  it.each([
    '/playground/assets/another.js',
    '/playground/assets/index-1.js.gz',
    '/playground/assets/../index.html',
    '/playground/assets/..%2findex.html',
    '/playground/assets/%2e%2e/index.html',
    '/playground/assets/..%5cindex.html',
    '/playground/assets//index-1.js',
    '/playground/assets/',
    '/playground/index.html',
    '/playground/',
    '/assets/index-1.js',
  ])('is not found at %s', async (path) => {
    const gateway = startGateway({ playgroundDirectory: createBuiltPlayground() })
    onTestFinished(() => gateway.close())
    const response = await gateway.fetch(path, { headers: { accept: '*/*' } })
    expect([response.status, await response.text()]).toEqual([404, expect.stringContaining('Not found')])
  })

  it('is not found when the playground is not built', async () => {
    const response = await serve({ directory: '/nonexistent' })('/playground/assets/index-1.js', {
      accept: '*/*',
    })
    expect(response.status).toBe(404)
  })

  it('is held in memory once for many clients that do not read the response', async () => {
    const content = Buffer.alloc(9e6)
    for (let at = 0; at < content.length; at += 4)
      content.writeUInt32LE(Math.imul(at, 2_654_435_761) >>> 0, at)
    const playgroundDirectory = createBuiltPlayground({ 'large.js': content })
    const gateway = startGateway({ playgroundDirectory })
    onTestFinished(() => gateway.close())
    const { port, host } = new URL(await gateway.listen())
    await (await gateway.fetch('/playground/assets/large.js')).arrayBuffer()
    const before = process.memoryUsage().rss
    for (let each = 0; each < 20; each += 1) {
      const socket = connect(Number(port), '127.0.0.1')
      onTestFinished(() => void socket.destroy())
      socket.write(`GET /playground/assets/large.js HTTP/1.1\r\nhost: ${host}\r\n\r\n`)
      await once(socket, 'readable')
    }
    // One copy for each client would take 180 MB.
    expect(process.memoryUsage().rss - before).toBeLessThan(60e6)
  })
})
