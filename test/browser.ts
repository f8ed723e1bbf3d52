// Runs tests in a real Chromium without network access. Records and blocks every request to other hosts.

import { existsSync } from 'node:fs'
import { chromium, type Page } from 'playwright-core'

const candidatePaths = process.env.CHROMIUM
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

/** Path of a Chromium, or undefined if none is installed; CI must have one. */
export const chromiumPath = candidatePaths.find((path) => existsSync(path))

if (chromiumPath === undefined) {
  const message = 'no Chromium found: install one, or set CHROMIUM to its path'
  if (process.env.CI === 'true') throw new Error(message)
  console.warn(`${message}; the browser tests are skipped`)
}

export interface OpenedPage {
  readonly page: Page
  /** Requests to hosts other than 127.0.0.1; all are blocked. */
  readonly foreignRequests: readonly string[]
  /** Uncaught errors and console errors of the page, including violations of the content security policy. */
  readonly pageErrors: readonly string[]
  /** Console warnings of the page. */
  readonly pageWarnings: readonly string[]
  close(): Promise<void>
}

/**
 * Opens `url` in a fresh profile. `typed` is the user name and password that the user enters when the browser requests them.
 */
export async function openInChromium(
  url: string,
  credentials?: { readonly username: string; readonly password: string },
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
      // Also blocks requests that bypass the recorder.
      '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1',
    ],
  })
  const foreignRequests: string[] = []
  const pageErrors: string[] = []
  const pageWarnings: string[] = []
  try {
    const page = await browser.newPage(credentials ? { httpCredentials: credentials } : {})
    await page.route('**/*', (route) => {
      const target = route.request().url()
      if (new URL(target).hostname === '127.0.0.1') return route.continue()
      foreignRequests.push(target)
      return route.abort()
    })
    page.on('websocket', (socket) => foreignRequests.push(socket.url()))
    page.on('pageerror', (error) => pageErrors.push(error.message))
    page.on('console', (message) => {
      if (message.type() === 'error') pageErrors.push(message.text())
      if (message.type() === 'warning') pageWarnings.push(message.text())
    })
    await page.goto(url)
    return { page, foreignRequests, pageErrors, pageWarnings, close: () => browser.close() }
  } catch (error) {
    await browser.close()
    throw error
  }
}
