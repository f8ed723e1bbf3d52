// Drives the playground in a browser as a user does.

import type { Page, Request } from 'playwright-core'
import { expect } from 'vitest'

export interface Graphiql {
  /** Waits until the editors are ready, and closes the start page. */
  begin(): Promise<void>
  /** The names of the tabs, in order. */
  tabs(): Promise<string[]>
  /** Opens an example of the panel in a tab. */
  open(example: string): Promise<void>
  /** Shows responses as JSON, instead of as views. */
  showJson(): Promise<void>
  /** The visible part of the response; the editor renders only that part. */
  visibleResponse(): Promise<string>
  /** Replaces the `null` in the variables with a value, including its quotes, as a user who pastes it. */
  paste(value: string): Promise<void>
  /** Replaces the document. */
  write(document: string): Promise<void>
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
  async function insert(text: string): Promise<void> {
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
    await page.evaluate((copied) => navigator.clipboard.writeText(copied), text)
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
        { interval: 300 },
      )
      .toBeDefined()
    page.off('request', onRequest)
    return sent as unknown as Request
  }

  return {
    async begin() {
      await page.getByRole('button', { name: 'Close', exact: true }).click()
      await page.locator('.graphiql-query-editor .view-lines').waitFor()
    },
    tabs: () => tabs.allTextContents(),
    async open(example) {
      const button = page.locator(`[data-example="${example}"]`)
      await button.evaluate((element) => {
        // biome-ignore lint/suspicious/noExplicitAny: runs in the browser, whose types are not those of the tests
        const details = (element as any).closest('details')
        details.open = true
      })
      await button.click()
    },
    showJson: () => page.getByRole('tab', { name: 'JSON' }).click(),
    // The editor renders spaces as non-breaking spaces.
    visibleResponse: async () => (await page.locator('.result-window').innerText()).replaceAll('\u00a0', ' '),
    async paste(value) {
      await variables.getByText('null', { exact: true }).dblclick()
      await insert(JSON.stringify(value))
    },
    async write(document) {
      // Not the lines: they can be larger than the editor, and scrolled out of it.
      await page.locator('.graphiql-query-editor .overflow-guard').click({ position: { x: 100, y: 20 } })
      await page.keyboard.press('ControlOrMeta+A')
      await insert(document)
    },
    async setVariables(values) {
      await variables.click()
      await page.keyboard.press('ControlOrMeta+A')
      await insert(JSON.stringify(values))
    },
    run,
    async execute() {
      const response = await (await run()).response()
      return response?.json()
    },
    stop: () => page.getByRole('button', { name: /Stop query/ }).click(),
  }
}
