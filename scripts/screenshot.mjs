// Takes the pictures of the documents: the start page of the playground, and examples with their views, on the embedded simulator.
// Run it with `npm run docs:screenshot`. Set CHROMIUM to the path of a Chromium that is not /usr/bin/chromium.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { chromium } from 'playwright-core'

const pathOf = (file) => fileURLToPath(new URL(`../${file}`, import.meta.url))

/** Pictures by their name in docs/images: what is done on the start page, and what is visible then. */
const pictures = {
  'playground-start': async (page) => {
    await page.getByText('reachable', { exact: true }).waitFor()
  },
  'playground-map': async (page) => {
    await page.getByRole('button', { name: /^Allocated blocks/ }).click()
    await page.getByText('Share of a column').first().waitFor()
    await page.getByRole('button', { name: 'Hide Examples' }).click()
  },
}

/** Starts a gateway on a free port and returns the URL of its playground. */
async function startGateway() {
  const args = [pathOf('dist/cli/main.js'), 'serve', '--simulator', '--port', '0']
  const gateway = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'ignore'] })
  for await (const line of createInterface({ input: gateway.stdout })) {
    const [, url] = /^GraphiQL: (\S+)/.exec(line) ?? []
    if (url) return { gateway, url }
  }
  throw new Error('the gateway exited before it listened')
}

const { gateway, url } = await startGateway()
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu'],
})
try {
  for (const [name, prepare] of Object.entries(pictures)) {
    const page = await browser.newPage({ viewport: { width: 1280, height: 720 }, colorScheme: 'light' })
    await page.goto(url)
    await prepare(page)
    // Hides tooltips, and the scrollbars after a second.
    await page.mouse.move(0, 0)
    await page.waitForTimeout(1500)
    await page.screenshot({ path: pathOf(`docs/images/${name}.png`) })
    await page.close()
  }
} finally {
  await browser.close()
  gateway.kill('SIGTERM')
  await once(gateway, 'close')
}
