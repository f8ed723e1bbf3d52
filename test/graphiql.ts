// Drives GraphiQL in a browser as a user does.

import type { Page, Request } from 'playwright-core'
import { expect } from 'vitest'

export interface Graphiql {
  /** Selects the response as JSON, and returns the names of the tabs, in order. */
  tabs(): Promise<string[]>
  open(tab: string): Promise<void>
  /** The visible part of the response; the editor renders only that part. */
  visibleResponse(): Promise<string>
  /** Replaces the `null` in the variables with a value, including its quotes, as a user who pastes it. */
  paste(value: string): Promise<void>
  /** Replaces all variables. */
  setVariables(variables: Record<string, unknown>): Promise<void>
  /** Presses Run until the operation is sent. */
  run(): Promise<Request>
  /** Runs the operation in the tab, waits for its response, and returns the complete response. */
  // biome-ignore lint/suspicious/noExplicitAny: tests check the shape of a response
  execute(): Promise<any>
  stop(): Promise<void>
}

export function graphiqlOn(page: Page): Graphiql {
  const tabs = page.locator('.graphiql-tab-button')
  const variables = page.locator('.graphiql-editor-tool .view-lines').first()

  /** Uses the clipboard, because the editor adds its own quotes to typed text. */
  async function insert(value: unknown): Promise<void> {
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
    await page.evaluate((text) => navigator.clipboard.writeText(text), JSON.stringify(value))
    await page.keyboard.press('ControlOrMeta+V')
  }

  async function run(): Promise<Request> {
    let sent: Request | undefined
    const onRequest = (request: Request) => {
      if (request.method() === 'POST') sent = request
    }
    page.on('request', onRequest)
    // Until GraphiQL has parsed the name of the tab's operation, Run reports an error without sending a request.
    await expect
      .poll(
        async () => {
          if (!sent) await page.getByRole('button', { name: /Execute query/ }).click()
          return sent
        },
        { timeout: 20_000, interval: 300 },
      )
      .toBeDefined()
    page.off('request', onRequest)
    return sent as unknown as Request
  }

  return {
    async tabs() {
      await tabs.first().waitFor()
      await page.getByRole('tab', { name: 'JSON' }).click()
      return tabs.allTextContents()
    },
    open: (tab) => tabs.getByText(tab, { exact: true }).click(),
    // The editor renders spaces as non-breaking spaces.
    visibleResponse: async () => (await page.locator('.result-window').innerText()).replaceAll('\u00a0', ' '),
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
    async execute() {
      const response = await (await run()).response()
      return response?.json()
    },
    stop: () => page.getByRole('button', { name: /Stop query/ }).click(),
  }
}
