// Takes the picture of the README: GraphiQL after it has run the README's operation on the embedded simulator.
// Run it with `npm run docs:screenshot`. Set CHROMIUM to the path of a Chromium that is not /usr/bin/chromium.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { chromium } from 'playwright-core'

const pathOf = (file) => fileURLToPath(new URL(`../${file}`, import.meta.url))

const [, operation] = /```graphql\n([\s\S]*?)```/.exec(readFileSync(pathOf('README.md'), 'utf8'))

const [, operationName] = /^mutation (\w+)/.exec(operation)

/** Starts a gateway on a free port and returns the URL of its GraphiQL. */
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
  const page = await browser.newPage({ viewport: { width: 1200, height: 660 }, colorScheme: 'light' })
  await page.goto(`${url}?query=${encodeURIComponent(operation)}`)
  await page.getByRole('button', { name: 'Hide editor tools' }).click()
  // The tab takes the name of the operation only when the editor's text changes.
  await page.locator('.graphiql-query-editor .view-lines').click()
  await page.keyboard.press('ControlOrMeta+End')
  await page.keyboard.press('Backspace')
  await page.locator('.graphiql-tab-button', { hasText: operationName }).waitFor()
  await page.getByRole('button', { name: /Execute query/ }).click()
  await page.getByText('"SUCCESS"').waitFor()
  // Hides the button's tooltip, and the scrollbars after a second.
  await page.mouse.move(0, 0)
  await page.waitForTimeout(1500)
  await page.screenshot({ path: pathOf('docs/images/graphiql.png') })
} finally {
  await browser.close()
  gateway.kill('SIGTERM')
  await once(gateway, 'close')
}
