// The page of the playground in a real browser without network access, on the embedded simulator: the start page, links, tabs and a
// subscription.

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { loadServeConfig } from '../../../src/config/config.ts'
import { type RunningServer, startServer } from '../../../src/server/start-server.ts'
import { chromiumPath, type OpenedPage, openInChromium } from '../../browser.ts'
import { type Graphiql, graphiqlOn } from '../../graphiql.ts'

const noLog = { info() {}, warn() {}, error() {} }

describe.skipIf(chromiumPath === undefined)('the playground', () => {
  let server: RunningServer
  let opened: OpenedPage
  let graphiql: Graphiql

  beforeAll(async () => {
    server = await startServer(loadServeConfig({ argv: ['--port', '0'], env: {} }), noLog)
  })

  afterAll(() => server?.stop())

  async function open(search = ''): Promise<void> {
    opened = await openInChromium(`${server.url}${search}`)
    await opened.page.setViewportSize({ width: 1280, height: 720 })
    graphiql = graphiqlOn(opened.page)
  }

  beforeEach(() => open())

  afterEach(async () => {
    expect(opened.foreignRequests).toEqual([])
    expect(opened.pageErrors).toEqual([])
    await opened.close()
  })

  const startPage = () => opened.page.getByRole('region', { name: 'vSphere GraphQL' })

  it('begins with a start page that names the connected vCenter and answers a question with one click', async () => {
    const { page } = opened
    await startPage().getByText('VMware vCenter Server 8').waitFor()
    await expect
      .poll(() => startPage().getByRole('list', { name: 'Connected vCenters' }).innerText())
      .toMatch(/simulator[\s\S]*reachable/)
    await startPage().getByRole('button', { name: 'Five largest snapshots' }).click()
    await startPage().waitFor({ state: 'detached' })
    await graphiql.showJson()
    await expect.poll(graphiql.visibleResponse).toContain('"totalCount": 6')
    await expect.poll(() => graphiql.tabs()).toEqual(['OldSnapshots'])
    // The question was read on the start page: its answer has the whole width at first.
    await expect.poll(() => page.locator('.graphiql-editor-tool').isVisible()).toBe(false)
    await page.getByRole('button', { name: 'Show the operation' }).click()
    await expect.poll(() => page.locator('.graphiql-editor-tool').innerText()).toContain('"first"')
  })

  it('focuses the response after a question of the start page, and shows the editor of an operation that is typed next', async () => {
    const { page } = opened
    const focused = () => page.evaluate('document.activeElement.id || document.activeElement.className')
    await startPage().getByRole('button', { name: 'Fullest datastores' }).press('Enter')
    await startPage().waitFor({ state: 'detached' })
    await expect.poll(() => focused()).toBe('rv-content')
    await page.getByRole('button', { name: 'Show the operation' }).waitFor()
    await page.getByRole('button', { name: 'New tab' }).click()
    await graphiql.write('{ hosts { totalCount } }')
    await graphiql.run()
    await page.getByRole('button', { name: 'Widen' }).waitFor()
    await expect.poll(() => page.locator('.graphiql-query-editor').isVisible()).toBe(true)

    await page.getByRole('button', { name: 'vSphere GraphQL' }).click()
    await page.keyboard.press('Escape')
    await startPage().waitFor({ state: 'detached' })
    await expect.poll(() => focused()).toBe('pg-logo')
  })

  it('shows the start page again on request, and not by itself after the first visit', async () => {
    const { page } = opened
    await startPage().getByRole('button', { name: 'Fullest datastores' }).click()
    await expect
      .poll(() => page.evaluate('sessionStorage.getItem("graphiql:tabState")'))
      .toContain('FullestDatastores')
    await page.reload()
    await page.locator('.graphiql-query-editor .view-lines').waitFor()
    await expect.poll(() => startPage().count()).toBe(0)
    await page.getByRole('button', { name: 'vSphere GraphQL' }).click()
    await startPage().waitFor()
    // The editors behind it cannot be reached with the keyboard.
    await expect.poll(() => page.locator('#graphiql-session[inert]').count()).toBe(1)
    await page.keyboard.press('Escape')
    await startPage().waitFor({ state: 'detached' })
    await expect.poll(() => page.locator('[inert]').count()).toBe(0)
  })

  it('shows the start page until it is closed, also after a reload', async () => {
    const { page } = opened
    await startPage().waitFor()
    // GraphiQL stores the empty tab a moment later.
    await expect.poll(() => page.evaluate('sessionStorage.getItem("graphiql:tabState")')).not.toBeNull()
    await page.reload()
    await startPage().waitFor()
    await graphiql.begin()
    await page.reload()
    await page.locator('.graphiql-query-editor .view-lines').waitFor()
    await expect.poll(() => startPage().count()).toBe(0)
  })

  it('keeps the tabs of two windows apart', async () => {
    const { page } = opened
    await graphiql.begin()
    await graphiql.open('inventory/counts')
    // Without an opener, whose tabs it would begin with.
    const opening = page.context().waitForEvent('page')
    await page.evaluate("void window.open(location.href, '_blank', 'noopener')")
    const other = await opening
    const inOther = graphiqlOn(other)
    await other.locator('.graphiql-query-editor .view-lines').waitFor()
    await inOther.open('live/live-1-start-a-snapshot')
    await expect
      .poll(() => other.evaluate('sessionStorage.getItem("graphiql:tabState")'))
      .toContain('Live1StartASnapshot')
    await page.reload()
    await page.locator('.graphiql-query-editor .view-lines').waitFor()
    await expect.poll(() => graphiql.tabs()).toEqual(['Counts'])
    await other.close()
  })

  it('opens an example by a link with variables, and runs nothing', async () => {
    await opened.close()
    const variables = encodeURIComponent(JSON.stringify({ name: 'web-02' }))
    await open(`?example=snapshots/snapshot-tree&variables=${variables}`)
    await expect.poll(graphiql.tabs).toEqual(['SnapshotTree'])
    await expect.poll(() => startPage().count()).toBe(0)
    await expect.poll(() => opened.page.locator('.graphiql-editor-tool').innerText()).toContain('web-02')
    expect(new URL(opened.page.url()).search).toBe('')
    await expect.poll(() => opened.page.getByText('Run the operation to see its result here').count()).toBe(1)
  })

  it('reports a link to an example that does not exist', async () => {
    await opened.close()
    await open('?example=inventory/another')
    await opened.page.getByText('There is no example “inventory/another” on this gateway.').waitFor()
  })

  it('finds an example by words, and opens each once', async () => {
    const { page } = opened
    await graphiql.begin()
    await page.getByRole('searchbox', { name: 'Search examples' }).fill('changed block tracking')
    const examples = page.getByRole('region', { name: 'Examples' }).getByRole('listitem')
    expect(await Promise.all((await examples.all()).map((each) => each.innerText()))).toEqual([
      expect.stringContaining('Machines without change tracking'),
      expect.stringContaining('Backup 1: enable tracking'),
    ])
    await expect.poll(() => examples.nth(1).innerText()).toContain('changes objects')
    for (const nth of [0, 1, 0]) await examples.nth(nth).getByRole('button').click()
    await expect
      .poll(() => graphiql.tabs())
      .toEqual(['MachinesWithoutChangeTracking', 'Backup1EnableTracking'])
  })

  it('lists examples with the words in their title before all others', async () => {
    const { page } = opened
    await graphiql.begin()
    await page.getByRole('searchbox', { name: 'Search examples' }).fill('alarms')
    await expect
      .poll(async () => (await page.locator('.pg-example-title').allTextContents()).slice(0, 2))
      .toEqual(['Triggered alarms', 'Alarms to acknowledge'])
  })

  it('leaves most of the width to the response, and all of it if the user widens it, for the session', async () => {
    const { page } = opened
    await graphiql.begin()
    const width = async (selector: string) => (await page.locator(selector).boundingBox())?.width ?? 0
    const [panel, operation, response] = [
      await width('.graphiql-plugin'),
      await width('.graphiql-editors'),
      await width('.graphiql-response'),
    ]
    expect(panel).toBeLessThan(260)
    expect(response / (operation + response)).toBeCloseTo(0.6, 1)
    expect(response).toBeGreaterThan(540)

    const editor = page.locator('.graphiql-query-editor')
    await graphiql.open('inventory/counts')
    await graphiql.run()
    await page.getByRole('button', { name: 'Widen' }).click()
    await expect.poll(() => editor.isVisible()).toBe(false)
    // An operation without a response is there to be read; its response is wide again.
    await graphiql.open('capacity/fullest-datastores')
    await editor.waitFor()
    await graphiql.run()
    await editor.waitFor({ state: 'hidden' })
    await page.reload()
    await editor.waitFor()
    await graphiql.run()
    await editor.waitFor({ state: 'hidden' })
    await page.getByRole('button', { name: 'Show the operation' }).click()
    await graphiql.run()
    await page.getByRole('button', { name: 'Widen' }).waitFor()
    await expect.poll(() => editor.isVisible()).toBe(true)
  })

  it('shows every tab, the editors and the response without scrolling at 1280 x 720', async () => {
    const { page } = opened
    await graphiql.begin()
    const ids = [
      'all-machines',
      'search',
      'counts',
      'machines-by-tag',
      'machines-by-tools',
      'machines-by-host',
    ]
    for (const id of ids) await graphiql.open(`inventory/${id}`)
    for (const id of ['top-consumers', 'fullest-datastores', 'fullest-file-systems', 'capacity-by-cluster'])
      await graphiql.open(`capacity/${id}`)
    await graphiql.run()
    await page
      .getByText(/\d+ rows/)
      .first()
      .waitFor()
    await expect.poll(() => graphiql.tabs()).toHaveLength(10)
    for (const part of [
      ...(await page.locator('.graphiql-tab').all()),
      page.getByRole('button', { name: /Execute query/ }),
      page.getByRole('button', { name: 'New tab' }),
      page.getByRole('button', { name: 'vSphere GraphQL' }),
      page.locator('.graphiql-query-editor'),
      page.locator('.graphiql-editor-tool'),
      page.locator('.graphiql-response'),
    ]) {
      const { x, y, width, height } = (await part.boundingBox()) ?? { x: -1, y: -1, width: 0, height: 0 }
      expect(Math.min(x, y, width - 20, height - 20)).toBeGreaterThanOrEqual(0)
      expect(x + width).toBeLessThanOrEqual(1280)
      expect(y + height).toBeLessThanOrEqual(720)
    }
  })

  it('selects a tab by a click into its middle, however many there are', async () => {
    const { page } = opened
    await graphiql.begin()
    await graphiql.open('inventory/counts')
    for (let count = 1; count < 20; count++) await page.getByRole('button', { name: 'New tab' }).click()
    await expect.poll(() => graphiql.tabs()).toHaveLength(20)
    const first = page.locator('.graphiql-tab').first()
    await first.click()
    await expect.poll(() => first.getAttribute('class')).toContain('graphiql-tab-active')
    await expect.poll(() => graphiql.tabs()).toHaveLength(20)
    const { x, width } = (await first.boundingBox()) ?? { x: -1, width: 0 }
    expect(x).toBeGreaterThanOrEqual(0)
    // Enough to read what it is.
    expect(width).toBeGreaterThanOrEqual(112)
  })

  it('runs a subscription event by event until it is stopped', async () => {
    await graphiql.begin()
    await graphiql.showJson()
    await graphiql.open('live/inventory-live')
    await graphiql.run()
    await expect.poll(graphiql.visibleResponse).toContain('"initial": false')
    const query =
      'mutation { createSnapshot(input: { virtualMachine: { name: "web-02" }, name: "shown-live" }) { task { state } } }'
    const headers = { 'content-type': 'application/json' }
    await fetch(server.url, { method: 'POST', headers, body: JSON.stringify({ query }) })
    await expect.poll(graphiql.visibleResponse).toContain('shown-live')
    await expect.poll(() => graphiql.visibleResponse()).toContain('"kind": "MODIFY"')
    await graphiql.stop()
    await opened.page.getByRole('button', { name: /Execute query/ }).waitFor()
  })
})
