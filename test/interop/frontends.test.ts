// The sample frontends of docs/clients.md in a real browser: each library's compiler, cache and network layer agree with the schema
// and the gateway.

import type { Request, Route } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { loadServeConfig } from '../../src/config/config.ts'
import { startServer } from '../../src/server/start-server.ts'
import { createManualClock } from '../../src/simulator/clock.ts'
import { createSimulator } from '../../src/simulator/index.ts'
import { chromiumPath, type OpenedPage, openInChromium } from '../browser.ts'
import { startGateway, type TestGateway } from '../test-gateway.ts'
import type { RunningProgram } from './child-process.ts'
import { buildFrontend, freePort, installPackage, type Library } from './frontend.ts'
import { clientPackages } from './tools.ts'

const taskMs = 1000

/** For a machine ten times slower than one on which a build takes a minute. */
const buildTimeoutMs = 600_000
const noLog = { info() {}, warn() {}, error() {} }

const libraries: readonly (readonly [library: Library, description: string, crossOrigin: boolean])[] = [
  ['apollo', 'through the proxy of Vite', false],
  ['urql', 'on another origin', true],
  ['relay', 'through the proxy of Vite', false],
]

/** Whether a page starts its subscription with it. Without the document, which is not sent with persisted operations. */
const isSubscription = (request: Request) => request.headers().accept === 'text/event-stream'

const isListQuery = (request: Request) => request.method() === 'POST' && !isSubscription(request)

/** Loads the page and waits until it has read its list twice: at first, and again when its subscription has started. */
async function loadLive(page: OpenedPage['page']): Promise<void> {
  const url = page.url()
  // The requests of the page before do not count.
  await page.goto('about:blank')
  let listsRead = 0
  const count = (request: Request) => {
    if (isListQuery(request)) listsRead += 1
  }
  page.on('requestfinished', count)
  // urql cancels the first one if it is still in flight.
  page.on('requestfailed', count)
  await page.goto(url)
  await expect.poll(() => listsRead).toBe(2)
  page.off('requestfinished', count)
  page.off('requestfailed', count)
  // The rows of the response are rendered before the page is idle. Relay ignores a click on the button before.
  await page.evaluate('new Promise((resolve) => requestIdleCallback(resolve))')
}

describe.skipIf(chromiumPath === undefined || clientPackages === '')('the sample frontend', () => {
  beforeAll(installPackage)

  describe.each(libraries)('of %s, %s', (library, _description, crossOrigin) => {
    const clock = createManualClock()
    const simulator = createSimulator({ clock, tasks: { queuedMs: 0, durationMs: taskMs } })
    let allowedOrigins: readonly string[]
    let gateway: TestGateway
    let gatewayPort: number
    let server: RunningProgram
    let opened: OpenedPage

    beforeAll(async () => {
      const port = await freePort()
      allowedOrigins = crossOrigin ? [`http://127.0.0.1:${port}`] : []
      gateway = startGateway({ allowedOrigins, simulator })
      const { origin, port: listening } = new URL(await gateway.listen())
      gatewayPort = Number(listening)
      const frontend = await buildFrontend(library, { gateway: origin, crossOrigin })
      server = await frontend.serve(port)
      opened = await openInChromium(`http://127.0.0.1:${port}/`)
    }, buildTimeoutMs)

    afterAll(async () => {
      await opened?.close()
      await server?.stop()
      await gateway?.close()
      await simulator.close()
    })

    const button = (name: string) => opened.page.getByRole('button', { name, exact: true })
    const row = (name: string) => opened.page.getByRole('row', { name })
    const names = () => opened.page.locator('tbody td:first-child').allTextContents()
    /** What failed, and as a paragraph of its own what to do, of each error. */
    const alerts = () => opened.page.getByRole('alert').getByRole('paragraph').allTextContents()
    const caption = () => opened.page.locator('caption').innerText()
    /** Loads the further pages of a list whose first page is shown. */
    const loadAll = async (all: readonly string[]) => {
      await expect.poll(names).toEqual(all.slice(0, 5))
      await expect.poll(caption).toBe(`${all.length} virtual machines`)
      for (let loaded = 5; loaded < all.length; loaded += 5) {
        await button('Load more').click()
        await expect.poll(names).toEqual(all.slice(0, loaded + 5))
      }
    }
    const tags = () => opened.page.locator('section li').allTextContents()

    it('appends pages until the last one', async () => {
      await loadLive(opened.page)
      const { data } = await gateway.execute(
        '{ virtualMachines(orderBy: [{ field: NAME }]) { totalCount nodes { name } } }',
      )
      const { totalCount, nodes } = data.virtualMachines
      expect(totalCount).toBeGreaterThan(15)
      await loadAll(nodes.map(({ name }: { name: string }) => name))
      await expect.poll(() => button('Load more').count()).toBe(0)
      await expect.poll(() => row('web-01').innerText()).toMatch(/\d GiB\s+esx-/)
    })

    it('shows a change of another client without a request', async () => {
      await expect.poll(() => row('web-01').innerText()).toContain('POWERED_ON')
      await gateway.execute(
        'mutation { changePower(input: { virtualMachines: [{ name: "web-01" }], action: POWER_OFF, waitSeconds: 0 }) { results { task { id } } } }',
      )
      clock.advance(taskMs)
      await expect.poll(() => row('web-01').innerText()).toContain('POWERED_OFF')
    })

    it('reads the list again when another client deletes a virtual machine', async () => {
      const [first = '', ...others] = await names()
      simulator.objects.remove(simulator.inventory.vm(first).ref)
      await loadAll(others)
    })

    it('shows neither of two deleted virtual machines when the second is deleted while the list is read again', async () => {
      const { page } = opened
      const deleted = ['backup-01', 'db-01']
      const others = (await names()).filter((name) => !deleted.includes(name))
      // A change of another machine that is shown outside the list, and so while the list is read again. It stays the last of the list.
      const watched = simulator.inventory.vm('wiki-01')
      const heading = () => page.getByRole('heading').allTextContents()
      const rename = async (name: string) => {
        watched.set('name', name)
        await expect.poll(heading).toEqual([name])
      }
      const remove = (name = '') => simulator.objects.remove(simulator.inventory.vm(name).ref)
      const held: Route[] = []
      let release = () => {}
      const released = new Promise<void>((resolve) => {
        release = resolve
      })
      const hold = async (route: Route) => {
        const headers = { ...route.request().headers(), 'sec-fetch-site': 'same-origin' }
        const response = await route.fetch({ headers })
        expect(await response.json()).toHaveProperty('data.virtualMachines')
        held.push(route)
        await released
        // urql has cancelled the request.
        await route.fulfill({ response }).catch(() => {})
      }
      await button('wiki-01').click()
      await expect.poll(heading).toEqual(['wiki-01'])
      await page.route('**/graphql', hold, { times: 1 })
      remove(deleted[0])
      await expect.poll(() => held.length).toBe(1)
      remove(deleted[1])
      // Batches arrive in their order: a page that shows a later change has received the removal.
      await rename('wiki-02')
      release()
      // Null if the page has cancelled the request.
      await (await held[0]?.request().response())?.finished()
      await rename('wiki-01')
      await loadAll(others)
    })

    it('reads an object again by its id', async () => {
      const { store } = gateway.simulator.rest
      await button('web-01').click()
      await expect.poll(tags).toEqual(['daily', 'production', 'shop'])
      store.detach(store.find('backup', 'daily').id, gateway.simulator.inventory.vm('web-01').ref)
      await button('Refresh').click()
      await expect.poll(tags).toEqual(['production', 'shop'])
    })

    it('shows the error of a field beside the data of others', async () => {
      gateway.simulator.rest.inject({ status: 403 }, /tag-association/)
      await button('Refresh').click()
      await expect
        .poll(alerts)
        .toEqual([expect.stringMatching(/^FORBIDDEN: ./), expect.stringMatching(/^Grant the account/)])
      await expect.poll(() => opened.page.getByRole('heading').innerText()).toBe('web-01')
      expect(await names()).toContain('web-01')
      await button('Refresh').click()
      await expect.poll(alerts).toEqual([])
      await expect.poll(tags).toEqual(['production', 'shop'])
    })

    it('creates a snapshot, and shows the progress of its task until it ends', async () => {
      const status = () => opened.page.getByRole('status').innerText()
      await button('Create snapshot').click()
      await expect.poll(status).toMatch(/^(QUEUED|RUNNING)/)
      clock.advance(taskMs / 2)
      await expect.poll(status).toMatch(/^RUNNING [1-9]\d%/)
      clock.advance(taskMs / 2)
      await expect.poll(status).toMatch(/^SUCCESS/)
      const { data } = await gateway.execute(
        '{ virtualMachine(by: { name: "web-01" }) { currentSnapshot { name } } }',
      )
      expect(data.virtualMachine.currentSnapshot).toEqual({ name: 'from my page' })
    })

    it('prints no errors and no warnings', () => {
      expect(opened.pageErrors).toEqual([])
      expect(opened.pageWarnings).toEqual([])
      expect(opened.foreignRequests).toEqual([])
    })

    it('sends the token with queries and subscriptions', async () => {
      const { page } = opened
      await page.evaluate("sessionStorage.setItem('token', 'confidential')")
      const url = page.url()
      // The page sends nothing more without the token.
      await page.goto('about:blank')
      const sent: (readonly [isSubscription: boolean, authorization: string | undefined])[] = []
      page.on('request', (request) => {
        if (request.method() !== 'POST') return
        const { authorization } = request.headers()
        sent.push([isSubscription(request), authorization])
      })
      await page.goto(url)
      await expect.poll(async () => (await names()).length).toBe(5)
      await expect.poll(() => new Set(sent.map(([isSubscription]) => isSubscription)).size).toBe(2)
      expect(new Set(sent.map(([, authorization]) => authorization))).toEqual(
        new Set(['Bearer confidential']),
      )
    })

    it('keeps its rows while the gateway is down, is live again when it is back, and shows what was removed meanwhile', async () => {
      const { page } = opened
      await loadLive(page)
      let listsRead = 0
      let failedAttempts = 0
      page.on('request', (request) => {
        if (isListQuery(request)) listsRead += 1
      })
      const onFailure = (request: Request) => {
        if (isSubscription(request)) failedAttempts += 1
      }
      page.on('requestfailed', onFailure)
      page.on('response', (response) => {
        if (!response.ok()) onFailure(response.request())
      })
      const removeLast = async (): Promise<string> => {
        await expect.poll(async () => (await names()).length).toBe(5)
        const name = (await names()).at(-1) as string
        simulator.objects.remove(simulator.inventory.vm(name).ref)
        return name
      }
      const before = await removeLast()
      await expect.poll(names).not.toContain(before)
      expect(listsRead).toBe(1)
      const rows = await names()
      const total = await caption()
      gateway.stop()
      await expect.poll(alerts).toContainEqual(expect.stringMatching(/SHUTTING_DOWN|interrupted/))
      await gateway.close()
      const meanwhile = await removeLast()
      const failedBefore = failedAttempts
      await expect.poll(() => failedAttempts).toBeGreaterThan(failedBefore)
      expect(await names()).toEqual(rows)
      expect(await caption()).toBe(total)
      expect(listsRead).toBe(1)
      gateway = startGateway({ allowedOrigins, simulator })
      await gateway.listen(gatewayPort)
      await expect.poll(names).not.toContain(meanwhile)
      await expect.poll(alerts).toEqual([])
      const after = await removeLast()
      await expect.poll(names).not.toContain(after)
      // When the subscription has started again, and after the removal.
      expect(listsRead).toBe(3)
    })

    it('shows the reason when the gateway rejects its requests', async () => {
      const headers = { origin: 'http://foreign.example', 'content-type': 'application/json' }
      await opened.page.route('**/graphql', async (route) => {
        const { accept = '*/*' } = route.request().headers()
        const init = { method: 'POST', headers: { ...headers, accept }, body: '{}' }
        const rejection = await gateway.fetch('/graphql', init)
        const contentType = rejection.headers.get('content-type') ?? ''
        await route.fulfill({
          status: rejection.status,
          headers: { 'content-type': contentType, 'access-control-allow-origin': '*' },
          body: await rejection.text(),
        })
      })
      await opened.page.reload()
      await expect
        .poll(alerts)
        .toEqual([
          expect.stringMatching(/^FORBIDDEN: .*foreign\.example/),
          expect.stringMatching(/--allowed-origin/),
        ])
      expect(await names()).toEqual([])
    })

    it('shows the status when a proxy responds without the gateway', async () => {
      await opened.page.unroute('**/graphql')
      const headers = { 'access-control-allow-origin': '*' }
      await opened.page.route('**/graphql', (route) => route.fulfill({ status: 502, headers }))
      await opened.page.reload()
      await expect.poll(alerts).toContainEqual(expect.stringMatching(/502|Bad Gateway/))
      expect((await alerts()).join()).not.toContain('JSON')
    })
  })

  it.each(libraries)(
    'of %s runs with persisted operations alone',
    { timeout: buildTimeoutMs },
    async (library) => {
      const port = await freePort()
      // The gateway reads the file of the compiler when it starts, so its port has to be known before.
      const gatewayPort = await freePort()
      const gatewayAt = `http://127.0.0.1:${gatewayPort}`
      const frontend = await buildFrontend(library, { gateway: gatewayAt, persisted: true })
      const files = ['--persisted-operations', frontend.persistedFile, '--persisted-only']
      const argv = ['--port', String(gatewayPort), ...files]
      const gateway = await startServer(loadServeConfig({ argv, env: {} }), noLog)
      onTestFinished(() => gateway.stop())
      const execute = async (document: object) => {
        const headers = { 'content-type': 'application/json' }
        return (await fetch(gateway.url, { method: 'POST', headers, body: JSON.stringify(document) })).json()
      }
      expect(await execute({ query: '{ __typename }' })).toMatchObject({
        errors: [{ extensions: { code: 'FORBIDDEN' } }],
      })
      const server = await frontend.serve(port)
      onTestFinished(async () => void (await server.stop()))
      const { page, pageErrors, pageWarnings, close } = await openInChromium(`http://127.0.0.1:${port}/`)
      onTestFinished(close)
      const names = () => page.locator('tbody td:first-child').allTextContents()
      await loadLive(page)
      await expect.poll(async () => (await names()).length).toBe(5)
      await page.getByRole('button', { name: 'Load more' }).click()
      await expect.poll(async () => (await names()).length).toBe(10)
      await page.getByRole('button', { name: (await names())[0] as string, exact: true }).click()
      await page.getByRole('button', { name: 'Create snapshot' }).click()
      await expect.poll(() => page.getByRole('status').innerText()).toMatch(/^SUCCESS/)
      await expect.poll(() => page.getByRole('alert').allTextContents()).toEqual([])
      expect([...pageErrors, ...pageWarnings]).toEqual([])
    },
  )
})
