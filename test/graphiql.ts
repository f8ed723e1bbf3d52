// GraphiQL in a browser, as its user sees and handles it.

import type { Page, Request } from 'playwright-core'
import { expect } from 'vitest'

export interface Graphiql {
  /** The names on the tabs, in their order. */
  tabs(): Promise<string[]>
  open(tab: string): Promise<void>
  /** What is in sight of the answer: its editor renders no more. */
  shown(): Promise<string>
  /** Puts a value in the place of the `null` in the variables, quotes and all, as one who pastes it. */
  paste(value: string): Promise<void>
  /** Replaces all of the variables. */
  setVariables(variables: Record<string, unknown>): Promise<void>
  /** Presses Run until the operation is sent. */
  run(): Promise<Request>
  /** Runs what is in the tab, waits for its answer, and gives all of it. */
  // biome-ignore lint/suspicious/noExplicitAny: what an answer holds is what the tests look at
  answer(): Promise<any>
  stop(): Promise<void>
}

export function graphiqlOn(page: Page): Graphiql {
  const tabs = page.locator('.graphiql-tab-button')
  const variables = page.locator('.graphiql-editor-tool .view-lines').first()

  /** By the clipboard: into what seems to be typed the editor puts quotes of its own. */
  async function insert(value: unknown): Promise<void> {
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
    await page.evaluate((text) => navigator.clipboard.writeText(text), JSON.stringify(value))
    await page.keyboard.press('ControlOrMeta+V')
  }

  async function run(): Promise<Request> {
    let sent: Request | undefined
    const look = (request: Request) => {
      if (request.method() === 'POST') sent = request
    }
    page.on('request', look)
    // Until GraphiQL has read the name of the tab's operation, Run complains without asking the server.
    await expect
      .poll(
        async () => {
          if (!sent) await page.getByRole('button', { name: /Execute query/ }).click()
          return sent
        },
        { timeout: 20_000, interval: 300 },
      )
      .toBeDefined()
    page.off('request', look)
    return sent as unknown as Request
  }

  return {
    async tabs() {
      await tabs.first().waitFor()
      return tabs.allTextContents()
    },
    open: (tab) => tabs.getByText(tab, { exact: true }).click(),
    // The editor shows spaces as non-breaking ones.
    shown: async () => (await page.locator('.result-window').innerText()).replaceAll('\u00a0', ' '),
    async paste(value) {
      await variables.getByText('null', { exact: true }).dblclick()
      await insert(value)
    },
    async setVariables(values) {
      await variables.click()
      await page.keyboard.press('ControlOrMeta+A')
      await insert(values)
    },
    run,
    async answer() {
      const response = await (await run()).response()
      return response?.json()
    },
    stop: () => page.getByRole('button', { name: /Stop query/ }).click(),
  }
}
