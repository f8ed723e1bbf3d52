// A real Chromium for the tests that need one, with the network cut: whatever it asks of anyone but us is recorded and refused.

import { existsSync } from 'node:fs'
import { chromium, type Page } from 'playwright-core'

const places = process.env.CHROMIUM
  ? [process.env.CHROMIUM]
  : [
      '/usr/bin/chromium',
      '/usr/bin/chromium-browser',
      '/usr/bin/google-chrome',
      '/snap/bin/chromium',
      '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
      '/Applications/Chromium.app/Contents/MacOS/Chromium',
      'C:/Program Files/Google/Chrome/Application/chrome.exe',
    ]

/** Path of a Chromium, or undefined where there is none; in CI there must be one. */
export const chromiumPath = places.find((path) => existsSync(path))

if (chromiumPath === undefined) {
  const message = 'no Chromium found: install one, or set CHROMIUM to its path'
  if (process.env.CI === 'true') throw new Error(message)
  console.warn(`${message}; the browser tests are skipped`)
}

export interface OpenedPage {
  readonly page: Page
  /** Requests to anyone but 127.0.0.1, all refused. */
  readonly foreignRequests: readonly string[]
  /** What the page complained of: uncaught errors and console errors, broken content policies among them. */
  readonly complaints: readonly string[]
  close(): Promise<void>
}

/** Opens `url` in a fresh profile; `typed` is what its user types in when the browser asks for a user name and a password. */
export async function openInChromium(
  url: string,
  typed?: { readonly username: string; readonly password: string },
): Promise<OpenedPage> {
  if (chromiumPath === undefined) throw new Error('no Chromium found')
  const browser = await chromium.launch({
    executablePath: chromiumPath,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      // Beneath the recorder, for whatever a page could ask that does not pass it.
      '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1',
    ],
  })
  const foreignRequests: string[] = []
  const complaints: string[] = []
  try {
    const page = await browser.newPage(typed ? { httpCredentials: typed } : {})
    await page.route('**/*', (route) => {
      const target = route.request().url()
      if (new URL(target).hostname === '127.0.0.1') return route.continue()
      foreignRequests.push(target)
      return route.abort()
    })
    page.on('websocket', (socket) => foreignRequests.push(socket.url()))
    page.on('pageerror', (error) => complaints.push(error.message))
    page.on('console', (message) => {
      if (message.type() === 'error') complaints.push(message.text())
    })
    await page.goto(url)
    return { page, foreignRequests, complaints, close: () => browser.close() }
  } catch (error) {
    await browser.close()
    throw error
  }
}
