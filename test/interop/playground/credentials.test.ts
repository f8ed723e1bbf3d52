// Credentials in the playground: one place for all tabs, kept only for the session of the browser's tab.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { loadServeConfig } from '../../../src/config/config.ts'
import { type RunningServer, startServer } from '../../../src/server/start-server.ts'
import { chromiumPath, type OpenedPage, openInChromium } from '../../browser.ts'
import { graphiqlOn } from '../../graphiql.ts'
import { authorizationOf, passwords, startPerUserGateway } from '../../server/auth/users.ts'

const noLog = { info() {}, warn() {}, error() {} }

async function open(url: string): Promise<OpenedPage> {
  const opened = await openInChromium(url)
  onTestFinished(() => opened.close())
  return opened
}

/** What the browser keeps after it is closed. */
const keptOf = (page: Page) => page.evaluate('JSON.stringify([{ ...localStorage }, document.cookie])')

const rejectedLogins = (errors: readonly string[]) => errors.filter((error) => /status of 401/.test(error))

describe.skipIf(chromiumPath === undefined)('with a token', () => {
  const token = 'reader-e4da3b7fbbce2345d7772b0674a318d5'
  const directory = mkdtempSync(join(tmpdir(), 'playground-'))
  let server: RunningServer

  beforeAll(async () => {
    const tokens = join(directory, 'tokens')
    writeFileSync(tokens, `ann reader ${token}\n`)
    const argv = ['--port', '0', '--auth', 'token', '--token-file', tokens]
    server = await startServer(loadServeConfig({ argv, env: {} }), noLog)
  })

  afterAll(async () => {
    await server?.stop()
    rmSync(directory, { recursive: true })
  })

  it('every tab is authenticated by one entry, which is forgotten with the browser tab', async () => {
    const { page, pageErrors, foreignRequests } = await open(server.url)
    const graphiql = graphiqlOn(page)
    const panel = page.getByRole('form', { name: 'Credentials and headers' })
    await panel.getByLabel('Token').fill(token)
    await panel.getByLabel('Headers, as JSON').fill('{ "x-vsphere-trace": "1" }')
    await panel.getByRole('button', { name: 'Apply' }).click()
    await panel.getByText('Applied to all tabs.').waitFor()
    await page.getByRole('region', { name: 'vSphere GraphQL' }).getByText('VMware vCenter Server').waitFor()
    await graphiql.begin()
    await page.getByRole('button', { name: 'Show Examples' }).click()
    for (const example of ['inventory/counts', 'capacity/fullest-datastores']) {
      await graphiql.open(example)
      const response = await graphiql.execute()
      expect(response).toMatchObject({ data: expect.anything(), extensions: { vsphere: expect.anything() } })
      expect(response.errors).toBeUndefined()
    }
    await expect.poll(() => keptOf(page)).toContain('FullestDatastores')
    expect(await keptOf(page)).not.toContain(token)
    expect(page.url()).not.toContain(token)

    // A reload keeps the session; the button ends it.
    await page.reload()
    await page.locator('.graphiql-query-editor .view-lines').waitFor()
    expect(await graphiql.execute()).toHaveProperty('data.datastores')
    await page.locator('.graphiql-tab-button').first().click()
    expect(await graphiql.execute()).toHaveProperty('data.virtualMachines')
    await page.getByRole('button', { name: 'Show Credentials and headers' }).click()
    await panel.getByRole('button', { name: 'Sign out and forget' }).click()
    await expect.poll(() => panel.getByRole('status').innerText()).toContain('Signed out')
    // What was read with the token is no longer shown, in any tab and form.
    await page.getByText('Run the operation to see its result here').waitFor()
    await graphiql.showJson()
    await expect.poll(() => graphiql.tabs()).toEqual(['Counts', 'FullestDatastores'])
    for (const tab of ['FullestDatastores', 'Counts']) {
      await page.getByRole('button', { name: tab, exact: true }).click()
      await expect.poll(async () => (await graphiql.visibleResponse()).trim()).toBe('')
    }
    await page.getByRole('tab', { name: 'View' }).click()
    expect(await page.evaluate('JSON.stringify({ ...sessionStorage })')).not.toContain(token)
    expect(pageErrors).toEqual([])
    expect((await (await graphiql.run()).response())?.status()).toBe(401)
    const notice = page.getByRole('alert').filter({ hasText: 'Not authenticated' })
    await notice.waitFor()
    expect(foreignRequests).toEqual([])
  })

  it('nothing is sent before there is one, and a wrong one gives a notice that leads to the panel', async () => {
    const { page, pageErrors } = await open(server.url)
    const panel = page.getByRole('form', { name: 'Credentials and headers' })
    await page.getByRole('button', { name: 'Enter credentials' }).waitFor()
    // A question of the start page cannot be answered yet; it is when there are credentials.
    await page.getByRole('button', { name: 'Hide Credentials and headers' }).click()
    await page.getByRole('button', { name: 'Fullest datastores' }).click()
    await panel.waitFor()
    await expect.poll(() => page.evaluate('document.activeElement.type')).toBe('password')
    expect(pageErrors).toEqual([])
    await panel.getByLabel('Token').fill('another')
    await panel.getByRole('button', { name: 'Apply' }).click()
    const notice = page.getByRole('alert').filter({ hasText: 'Not authenticated: the token is unknown' })
    await notice.waitFor()
    await page.getByRole('button', { name: 'Hide Credentials and headers' }).click()
    await notice.getByRole('button', { name: 'Enter credentials' }).click()
    await panel.getByLabel('Token').fill(token)
    await panel.getByRole('button', { name: 'Apply' }).click()
    await notice.waitFor({ state: 'detached' })
    await page
      .getByText(/\d+ rows/)
      .first()
      .waitFor()
    expect(rejectedLogins(pageErrors)).toEqual(pageErrors)
  })

  it('a late rejection of an earlier token says nothing about the one that has replaced it', async () => {
    const { page } = await open(server.url)
    const panel = page.getByRole('form', { name: 'Credentials and headers' })
    let release = () => {}
    const released = new Promise<void>((resolve) => {
      release = resolve
    })
    await page.route('**/graphql', async (route) => {
      if (route.request().headers().authorization === 'Bearer another') await released
      await route.continue().catch(() => {})
    })
    await panel.getByLabel('Token').fill('another')
    const late = page.waitForRequest(
      (request) =>
        request.headers().authorization === 'Bearer another' && /__schema/.test(request.postData() ?? ''),
    )
    await panel.getByRole('button', { name: 'Apply' }).click()
    const request = await late
    await panel.getByLabel('Token').fill(token)
    await panel.getByRole('button', { name: 'Apply' }).click()
    await page.getByText('reachable', { exact: true }).waitFor()
    release()
    const response = await request.response()
    expect(response?.status()).toBe(401)
    await response?.finished()
    await page.getByRole('button', { name: 'Close', exact: true }).click()
    await page.evaluate('new Promise((resolve) => setTimeout(resolve))')
    await expect.poll(() => page.getByText('Not authenticated').count()).toBe(0)
    expect(await panel.getByRole('status').innerText()).not.toContain('unknown')
  })

  it('what was read with another token is forgotten when a token is applied, and its subscription ends', async () => {
    const { page } = await open(server.url)
    const graphiql = graphiqlOn(page)
    const panel = page.getByRole('form', { name: 'Credentials and headers' })
    await panel.getByLabel('Token').fill(token)
    await panel.getByRole('button', { name: 'Apply' }).click()
    await graphiql.begin()
    await graphiql.write('subscription { inventoryChanges(filter: { hostSystem: {} }) { changes { kind } } }')
    const subscription = await graphiql.run()
    await page.getByText('event', { exact: false }).first().waitFor()
    const ended = page.waitForEvent('requestfailed', (request) => request === subscription)
    await panel.getByLabel('Token').fill('another')
    await panel.getByRole('button', { name: 'Apply' }).click()
    await ended
    await page.getByText('Run the operation to see its result here').waitFor()
    await page.getByRole('button', { name: /Execute query/ }).waitFor()
  })

  it('a token that cannot be sent, and headers that are not a JSON object, are not applied', async () => {
    const { page } = await open(server.url)
    const panel = page.getByRole('form', { name: 'Credentials and headers' })
    for (const [headers, problem] of [
      ['x-vsphere-trace: 1', 'The headers are not a JSON object'],
      ['{ "x-vsphere-trace": 1 }', 'The header x-vsphere-trace is not a string.'],
      ['{ "a b": "1" }', 'name'],
    ] as const) {
      await panel.getByLabel('Headers, as JSON').fill(headers)
      await panel.getByRole('button', { name: 'Apply' }).click()
      await expect.poll(() => panel.getByRole('status').innerText()).toContain(problem)
    }
    await panel.getByLabel('Headers, as JSON').fill('')
    await panel.getByLabel('Token').fill('“quoted”')
    await panel.getByRole('button', { name: 'Apply' }).click()
    await expect.poll(() => panel.getByRole('status').innerText()).toContain('The token has a character')
    await expect.poll(() => page.evaluate('sessionStorage.getItem("vsphere-graphql:credentials")')).toBeNull()
  })
})

describe.skipIf(chromiumPath === undefined)('without authentication', () => {
  it('only headers can be entered', async () => {
    const server = await startServer(loadServeConfig({ argv: ['--port', '0'], env: {} }), noLog)
    onTestFinished(() => server.stop())
    const { page } = await open(server.url)
    await page.getByRole('button', { name: 'Show Headers' }).click()
    const panel = page.getByRole('form', { name: 'Headers' })
    await panel.getByLabel('Headers, as JSON').waitFor()
    await expect.poll(() => panel.locator('input').count()).toBe(0)
  })
})

describe.skipIf(chromiumPath === undefined)('as a vCenter user', () => {
  async function openAs(username: string, password: string) {
    const gateway = await startPerUserGateway()
    const opened = await open(gateway.url)
    const { page } = opened
    const panel = page.getByRole('form', { name: 'Credentials and headers' })
    await panel.getByLabel('User name').fill(username)
    await panel.getByLabel('Password').fill(password)
    return { gateway, opened, panel, graphiql: graphiqlOn(page) }
  }

  /** Reports the prompts for a password that the browser would show. */
  async function watchPrompts(page: Page): Promise<unknown[]> {
    const prompts: unknown[] = []
    const session = await page.context().newCDPSession(page)
    session.on(
      'Fetch.requestPaused',
      ({ requestId }) => void session.send('Fetch.continueRequest', { requestId }),
    )
    session.on('Fetch.authRequired', ({ requestId, request }) => {
      prompts.push(request.url)
      void session.send('Fetch.continueWithAuth', {
        requestId,
        authChallengeResponse: { response: 'CancelAuth' },
      })
    })
    await session.send('Fetch.enable', { handleAuthRequests: true })
    return prompts
  }

  it("queries and subscriptions run in the user's session", async () => {
    const { gateway, opened, panel, graphiql } = await openAs('bob', passwords.bob)
    const { page } = opened
    await panel.getByRole('button', { name: 'Apply' }).click()
    await graphiql.begin()
    await page.getByRole('button', { name: 'Show Examples' }).click()
    await graphiql.open('inventory/inventory-at-a-glance')
    expect(await graphiql.execute()).toHaveProperty('data.datacenters.nodes.0.name', 'Frankfurt')
    await graphiql.showJson()
    await graphiql.open('live/inventory-live')
    await graphiql.run()
    await expect.poll(graphiql.visibleResponse).toContain('"initial": false')
    const change =
      'mutation { createSnapshot(input: { virtualMachine: { name: "web-02" }, name: "shown-live" }) { task { state } } }'
    expect((await gateway.execute(authorizationOf('alice'), change)).result.errors).toBeUndefined()
    await expect.poll(graphiql.visibleResponse).toContain('shown-live')
    await graphiql.stop()
    const loggedIn = gateway.lines.filter((line) => line.includes('logged in as'))
    expect(loggedIn.map((line) => /logged in as (\w+)/.exec(line)?.[1])).toEqual(['bob', 'alice'])
    expect(await keptOf(page)).not.toContain(passwords.bob)
    expect(opened.foreignRequests).toEqual([])
    expect(opened.pageErrors).toEqual([])
  })

  it('a wrong password is tried once in several runs, and the browser prompts for none', async () => {
    const { gateway, opened, panel, graphiql } = await openAs('bob', 'of yesterday')
    const prompts = await watchPrompts(opened.page)
    await panel.getByRole('button', { name: 'Apply' }).click()
    await graphiql.begin()
    await opened.page.getByRole('button', { name: 'Show Examples' }).click()
    await graphiql.open('inventory/counts')
    for (let time = 0; time < 4; time += 1)
      expect((await (await graphiql.run()).response())?.status()).toBe(401)
    const notice = opened.page.getByRole('alert').filter({ hasText: 'the vCenter rejected this user name' })
    await notice.waitFor()
    expect(prompts).toEqual([])
    expect(gateway.called('Login')).toBe(1)
    expect(gateway.lines.join('\n')).not.toContain('of yesterday')
  })
})
