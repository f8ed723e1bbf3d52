// Part j. The page of the playground in Chromium: the time until its editor accepts text, and what it transfers.

import { type Browser, chromium } from 'playwright-core'
import { type BenchmarkPart, interleaved, measurementsFor } from '../bench.ts'
import { startGateway } from '../gateway-process.ts'
import { atMost } from '../measurements.ts'
import { findProgram } from '../program.ts'
import { startServer } from '../servers.ts'

const executablePath =
  process.env.CHROMIUM ?? ['chromium', 'chromium-browser', 'google-chrome'].map(findProgram).find(Boolean)

export const playground: BenchmarkPart = {
  title: 'The page of the playground in Chromium',
  async measure({ rounds, few }) {
    if (executablePath === undefined)
      return { measurements: [], notes: ['Chromium is not installed; its rows are omitted.'] }
    const server = await startServer('simulator', few)
    const gateway = await startGateway(server)
    const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] })
    try {
      const first: Visit[] = []
      const again: Visit[] = []
      await interleaved(rounds, {
        visits: async () => {
          const [cold, warm] = await visitTwice(browser, gateway.url)
          first.push(cold)
          again.push(warm)
          return cold.ms
        },
      })
      const { measurements, add } = measurementsFor(server)
      const times = (visits: readonly Visit[]) => visits.map(({ ms }) => ms)
      const sizes = (visits: readonly Visit[]) => visits.map(({ bytes }) => bytes / 1e6)
      add('until the editor accepts text, first visit', 'ms', times(first))
      add('until the editor accepts text, next visit', 'ms', times(again))
      add('transferred, first visit', 'MB', sizes(first), atMost(2.7))
      add('transferred, next visit', 'MB', sizes(again))
      return { measurements, notes: [] }
    } finally {
      await browser.close()
      await gateway.stop()
    }
  },
}

interface Visit {
  readonly ms: number
  /** What was transferred until then, compressed, with the headers. */
  readonly bytes: number
}

/** Opens the page in a new profile, and again in the same one. */
async function visitTwice(browser: Browser, url: string): Promise<[Visit, Visit]> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 720 } })
  try {
    const page = await context.newPage()
    const network = await context.newCDPSession(page)
    let bytes = 0
    network.on('Network.loadingFinished', ({ encodedDataLength }) => {
      bytes += encodedDataLength
    })
    await network.send('Network.enable')
    const visit = async (): Promise<Visit> => {
      bytes = 0
      const started = performance.now()
      await page.goto(url, { waitUntil: 'commit' })
      await page.locator('.graphiql-query-editor .view-lines').waitFor()
      const ms = performance.now() - started
      await page.waitForLoadState('networkidle')
      return { ms, bytes }
    }
    return [await visit(), await visit()]
  } finally {
    await context.close()
  }
}
