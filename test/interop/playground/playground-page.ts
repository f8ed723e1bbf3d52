// A gateway on the embedded simulator and its playground in a browser, for the tests of the result views.

import { expect } from 'vitest'
import { loadServeConfig } from '../../../src/config/config.ts'
import { startServer } from '../../../src/server/start-server.ts'
import { type OpenedPage, openInChromium } from '../../browser.ts'
import { graphiqlOn } from '../../graphiql.ts'
import { startBreakableProxy } from './breakable-proxy.ts'

const noLog = { info() {}, warn() {}, error() {} }

export interface PlaygroundPage extends Pick<OpenedPage, 'page' | 'pageErrors'> {
  /** Sends an operation without the page and returns its data. */
  // biome-ignore lint/suspicious/noExplicitAny: tests check the shape of a response
  send(query: string): Promise<any>
  /** Replaces the operation of the tab and runs it. */
  run(query: string): Promise<void>
  /** Breaks the connections of the browser, as when the gateway is killed. */
  breakConnections(): void
  close(): Promise<void>
}

export async function openPlayground(): Promise<PlaygroundPage> {
  const server = await startServer(loadServeConfig({ argv: ['--port', '0'], env: {} }), noLog)
  const url = new URL(server.url)
  const proxy = await startBreakableProxy(Number(url.port))
  url.port = String(proxy.port)
  const { page, pageErrors, close } = await openInChromium(url.href)
  await page.setViewportSize({ width: 1280, height: 720 })
  const graphiql = graphiqlOn(page)
  await graphiql.begin()
  return {
    page,
    pageErrors,
    async send(query) {
      const response = await fetch(server.url, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ query }),
      })
      const { data, errors } = (await response.json()) as { data: unknown; errors?: unknown }
      expect(errors).toBeUndefined()
      return data
    },
    async run(query) {
      await graphiql.write(query)
      await graphiql.run()
    },
    breakConnections: () => proxy.breakAll(),
    async close() {
      await close()
      proxy.breakAll()
      await server.stop()
    },
  }
}
