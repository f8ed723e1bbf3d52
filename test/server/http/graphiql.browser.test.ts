// GraphiQL in a real browser without network access, on the embedded simulator.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createSchema, createYoga } from 'graphql-yoga'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { loadServeConfig } from '../../../src/config/config.ts'
import { useGraphiql } from '../../../src/server/http/use-graphiql.ts'
import { type RunningServer, startServer } from '../../../src/server/start-server.ts'
import { chromiumPath, type OpenedPage, openInChromium } from '../../browser.ts'
import { type Graphiql, graphiqlOn } from '../../graphiql.ts'

const noLog = { info() {}, warn() {}, error() {} }

describe.skipIf(chromiumPath === undefined)('GraphiQL in a browser', () => {
  let server: RunningServer
  let opened: OpenedPage
  let graphiql: Graphiql

  beforeAll(async () => {
    server = await startServer(loadServeConfig({ argv: ['--port', '0'], env: {} }), noLog)
    opened = await openInChromium(server.url)
    graphiql = graphiqlOn(opened.page)
  }, 60_000)

  afterAll(async () => {
    await opened?.close()
    await server?.stop()
  })

  it('opens the examples as tabs', async () => {
    expect(await graphiql.tabs()).toEqual([
      'InventoryAtAGlance',
      'OneVirtualMachine',
      'Backup1EnableTracking',
      'Backup2FullMap',
      'Backup3ChangesSince',
      'Backup4CleanUp',
      'ChangesSinceASnapshot',
      'HostsAndTheirLoad',
      'DatastoresByFreeSpace',
      'Live1StartASnapshot',
      'Live2FollowItsTask',
      'InventoryLive',
      'Search',
      'ShutDownMachines',
      'Capture1BeginABackup',
      'Capture2EndTheBackup',
      'MachinesByPowerStateAndName',
      'TriggeredAlarms',
    ])
  })

  it.each([
    ['InventoryAtAGlance', '"name": "Frankfurt"', /"path": "\/[^"]+\/vm\/[^"]+"/],
    ['OneVirtualMachine', '"name": "db-01"', /"active": true/],
    ['ChangesSinceASnapshot', '"sinceChangeId": "52 ', /"totalCount": \d+/],
  ])(
    'runs %s and shows the response',
    async (name, answer, more) => {
      await graphiql.open(name)
      await graphiql.run()
      await expect.poll(graphiql.visibleResponse, { timeout: 20_000 }).toContain(answer)
      expect(await graphiql.visibleResponse()).toMatch(more)
      expect(await graphiql.visibleResponse()).not.toContain('"errors"')
    },
    60_000,
  )

  it('runs InventoryLive event by event until it is stopped', async () => {
    await graphiql.open('InventoryLive')
    await graphiql.run()
    await expect.poll(graphiql.visibleResponse, { timeout: 20_000 }).toContain('"initial": false')
    await fetch(server.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        query:
          'mutation { createSnapshot(input: { virtualMachine: { name: "web-02" }, name: "shown-live" }) { task { state } } }',
      }),
    })
    await expect.poll(graphiql.visibleResponse, { timeout: 20_000 }).toContain('shown-live')
    expect(await graphiql.visibleResponse()).toContain('"kind": "MODIFY"')
    await graphiql.stop()
  }, 60_000)

  it('sends no request to other hosts and reports no errors', () => {
    expect(opened.foreignRequests).toEqual([])
    expect(opened.pageErrors).toEqual([])
  })
})

describe.skipIf(chromiumPath === undefined)('GraphiQL with token authentication', () => {
  const token = 'reader-e4da3b7fbbce2345d7772b0674a318d5'
  const directory = mkdtempSync(join(tmpdir(), 'graphiql-'))
  let server: RunningServer
  let opened: OpenedPage

  beforeAll(async () => {
    const tokens = join(directory, 'tokens')
    writeFileSync(tokens, `ann reader ${token}\n`)
    const argv = ['--port', '0', '--auth', 'token', '--token-file', tokens]
    server = await startServer(loadServeConfig({ argv, env: {} }), noLog)
    opened = await openInChromium(server.url)
  }, 60_000)

  afterAll(async () => {
    await opened?.close()
    await server?.stop()
    rmSync(directory, { recursive: true })
  })

  it('accepts a token in the headers editor, and stores it nowhere', async () => {
    const { page } = opened
    const shown = async (part: string) =>
      (await page.locator(part).first().innerText()).replaceAll('\u00a0', ' ')
    await expect.poll(() => shown('.result-window'), { timeout: 20_000 }).toContain('UNAUTHENTICATED')
    await page.locator('.graphiql-editor-tool .view-line').getByText('Bearer').click()
    await page.keyboard.press('End')
    await page.keyboard.press('ArrowLeft')
    await page.keyboard.type(token)
    await page.getByRole('button', { name: /Re-fetch/ }).click()
    await expect
      .poll(
        async () => {
          if (!(await shown('.result-window')).includes('"data"'))
            await page.getByRole('button', { name: /Execute query/ }).click()
          return shown('.result-window')
        },
        { timeout: 20_000, interval: 300 },
      )
      .toContain('"name": "Frankfurt"')
    // GraphiQL saves its tabs half a second later; the query is saved by then.
    const stored = () =>
      page.evaluate('JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie])')
    await expect.poll(stored, { timeout: 5_000 }).toContain('InventoryAtAGlance')
    expect(await stored()).not.toContain(token)
    expect(page.url()).not.toContain(token)
    expect(opened.foreignRequests).toEqual([])
  }, 60_000)
})

it('escapes an example that contains </script>', async () => {
  const examples = mkdtempSync(join(tmpdir(), 'examples-'))
  writeFileSync(
    join(examples, '01.graphql'),
    '# A </script> in a comment is a comment.\nquery Hello { hello }\n',
  )
  const schema = createSchema({ typeDefs: 'type Query { hello: String }' })
  const server = createServer(
    createYoga({ schema, graphiql: false, plugins: [useGraphiql({ directory: examples })] }),
  )
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  try {
    const { port } = server.address() as AddressInfo
    const page = await fetch(`http://127.0.0.1:${port}/graphql`, { headers: { accept: 'text/html' } })
    const text = await page.text()
    expect(text).toContain('# A \\u003c/script> in a comment')
    expect(text).not.toContain('# A </script>')
    expect(page.headers.get('content-security-policy')).toContain("frame-ancestors 'none'")
  } finally {
    rmSync(examples, { recursive: true })
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
}, 30_000)
