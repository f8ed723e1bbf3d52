// GraphiQL in a real browser without network access, on the embedded simulator.

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { loadServeConfig } from '../../../src/config/config.ts'
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
