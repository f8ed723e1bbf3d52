// Operations that run while the user does something else: change the tab, press the button again, close the tab.

import type { Page, Route } from 'playwright-core'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { chromiumPath } from '../../browser.ts'
import { openPlayground, type PlaygroundPage } from './playground-page.ts'

const createSnapshot = (name: string) =>
  `mutation { createSnapshot(input: { virtualMachine: { name: "web-02" }, name: "${name}" }) { task { state } } }`

const createdSnapshots = '{ virtualMachine(by: { name: "web-02" }) { snapshots { name } } }'

describe.skipIf(chromiumPath === undefined)('an operation that runs', () => {
  let playground: PlaygroundPage
  let page: Page
  /** Requests that wait for `letPass`. */
  let held: Route[]

  beforeEach(async () => {
    playground = await openPlayground()
    page = playground.page
    held = []
    await page.route('**/graphql', async (route) => {
      if (route.request().postData()?.includes('Held')) held.push(route)
      else await route.fallback()
    })
  })
  afterEach(() => playground?.close())

  async function runHeld(query: string): Promise<void> {
    await playground.run(query)
    await expect.poll(() => held.length).toBe(1)
  }

  const letPass = () => held[0]!.continue()
  const status = () => page.locator('.rv-panel').innerText()
  const tab = (nth: number) => page.locator('.graphiql-tab-button').nth(nth)
  const newTab = () => page.getByRole('button', { name: 'New tab' }).click()
  const runButton = () => page.getByRole('button', { name: /Execute query/ })
  const stopButton = () => page.getByRole('button', { name: /Stop query/ })

  it('goes on when it is a mutation and the tab is changed, and its result is shown in its tab', async () => {
    await runHeld(createSnapshot('Held'))
    await newTab()
    await runButton().waitFor()
    expect(await status()).toContain('Run the operation to see its result here')
    await tab(0).click()
    await stopButton().waitFor()
    await newTab()
    await letPass()
    await tab(0).click()
    await expect.poll(status).toMatch(/success/i)
    await runButton().waitFor()
    expect(held).toHaveLength(1)
    expect(JSON.stringify(await playground.send(createdSnapshots))).toContain('"Held"')
    expect(playground.pageErrors).toEqual([])
  })

  it('goes on when it is a mutation and the button or Ctrl-Enter is pressed again', async () => {
    await runHeld(createSnapshot('Held'))
    await stopButton().click()
    await page.keyboard.press('ControlOrMeta+Enter')
    await page.getByText('The mutation was sent and cannot be stopped.').waitFor()
    await stopButton().dblclick()
    await letPass()
    await expect.poll(status).toMatch(/success/i)
    expect(await status()).not.toContain('cannot be stopped')
    expect(held).toHaveLength(1)
  })

  it('goes on when it is a mutation and its tab is closed', async () => {
    await runHeld(createSnapshot('Held'))
    await newTab()
    await tab(0).click()
    await page.getByRole('button', { name: 'Close Tab' }).click()
    await expect.poll(() => page.locator('.graphiql-tab').count()).toBe(1)
    await letPass()
    await expect.poll(async () => JSON.stringify(await playground.send(createdSnapshots))).toContain('"Held"')
  })

  it('shows the response of a query in the JSON of its own tab only', async () => {
    await page.getByRole('tab', { name: 'JSON' }).click()
    await runHeld('query Held { vcenters { name } }')
    await newTab()
    await letPass()
    const json = async () => (await page.locator('.result-window').innerText()).replaceAll('\u00a0', ' ')
    await tab(0).click()
    await expect.poll(json).toContain('"vcenters"')
    await tab(1).click()
    await expect.poll(json).not.toContain('"vcenters"')
    await tab(0).click()
    await expect.poll(json).toContain('"vcenters"')
  })

  it('is stopped by the user when it is a query', async () => {
    await runHeld('query Held { vcenters { name } }')
    await stopButton().click()
    await page.getByText('The operation was stopped before its response arrived.').waitFor()
    await runButton().waitFor()
  })

  it('ends with the reason when it is a subscription and the tab is changed', async () => {
    await playground.run(
      'subscription { inventoryChanges(filter: { hostSystem: {} }) { initial changes { kind } } }',
    )
    await expect.poll(status).toContain('event')
    await newTab()
    await runButton().waitFor()
    await tab(0).click()
    await page.getByText('Stopped, because you changed the tab.').first().waitFor()
    await runButton().waitFor()
  })

  it('begins with Ctrl-Enter anywhere on the page', async () => {
    await playground.run('{ vcenters { name } }')
    await expect.poll(status).toContain(' ms')
    await page.getByRole('tab', { name: 'JSON' }).click()
    const again = page.waitForRequest((request) => request.postData()?.includes('vcenters') === true)
    await page.keyboard.press('ControlOrMeta+Enter')
    await again
  })

  it('begins when the button is pressed before the editors exist', async () => {
    await playground.run('{ vcenters { name } }')
    await expect
      .poll(() => page.evaluate('sessionStorage.getItem("graphiql:tabState")'))
      .toContain('vcenters')
    await page.reload({ waitUntil: 'commit' })
    const sent = page.waitForRequest(
      (request) => request.postData()?.includes('{ vcenters { name } }') === true,
    )
    await runButton().click()
    await sent
  })

  it('fails with the reason when its variables are not JSON', async () => {
    await playground.run('{ vcenters { name } }')
    await expect.poll(status).toContain(' ms')
    await page.locator('.graphiql-editor-tool .view-lines').first().click()
    await page.keyboard.insertText('{ "first": ')
    await runButton().click()
    await page.getByText('Request not sent. Variables are invalid JSON').first().waitFor()
    await page.locator('.rv-status').getByText('failed').waitFor()
  })

  it.each([
    ['query', '{ vcenters { name ', 'Syntax Error'],
    ['subscription', 'subscription { inventoryChanges(filter: {}) { changes { another } } }', 'another'],
  ])('that is a rejected %s shows its error once', async (_, document, message) => {
    await playground.run(document)
    await page.getByRole('region', { name: 'Errors' }).getByText(message).first().waitFor()
    const text = await status()
    expect(text.match(/1 error\b/g)).toHaveLength(1)
    expect(text).not.toMatch(/does not match|has ended/)
  })

  it('reports a lost connection in words: events are missing, and a mutation may have taken effect', async () => {
    await playground.run('subscription { inventoryChanges(filter: { hostSystem: {} }) { changes { kind } } }')
    await expect.poll(status).toContain('event')
    playground.breakConnections()
    await page
      .getByText('The connection to the gateway was lost. Events after the last one are missing')
      .waitFor()
    await playground.run('subscription { inventoryChanges(filter: { hostSystem: {} }) { changes { kind } } }')
    await page.getByText('The gateway cannot be reached.').waitFor()
    await playground.run(createSnapshot('lost'))
    await page.getByText('The mutation may have taken effect').waitFor()
  })
})
