// axe-core finds no serious fault in the playground, in light and dark.

import axe from 'axe-core'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { chromiumPath } from '../../browser.ts'
import { graphiqlOn } from '../../graphiql.ts'
import { openPlayground, type PlaygroundPage } from './playground-page.ts'

interface Violation {
  readonly id: string
  readonly impact: string
  readonly nodes: readonly { readonly html: string; readonly target: readonly string[] }[]
}

/** The faults that axe rates as serious or critical, with the elements that have them. */
async function faultsOf(page: Page): Promise<string[]> {
  const { violations } = await page.evaluate<{ violations: Violation[] }>(
    `axe.run(document, { resultTypes: ['violations'] })`,
  )
  return violations
    .filter(({ impact }) => ['serious', 'critical'].includes(impact))
    .flatMap(({ id, nodes }) =>
      nodes.map(({ target, html }) => `${id}: ${target.join(' ')} ${html.slice(0, 200)}`),
    )
}

describe.skipIf(chromiumPath === undefined).each(['light', 'dark'] as const)('in %s', (colorScheme) => {
  let playground: PlaygroundPage

  beforeAll(async () => {
    playground = await openPlayground()
    const { page } = playground
    await page.emulateMedia({ colorScheme })
    await page.reload()
    await page.locator('.graphiql-query-editor .view-lines').waitFor()
    await page.evaluate(axe.source)
  })

  afterAll(() => playground?.close())

  it('the start page has no serious fault', async () => {
    await playground.page.getByRole('button', { name: 'vSphere GraphQL' }).click()
    await playground.page.getByText('reachable', { exact: true }).waitFor()
    await expect.poll(() => faultsOf(playground.page)).toEqual([])
    await playground.page.keyboard.press('Escape')
  })

  it.each([
    'inventory/all-machines',
    'capacity/datastores-by-free-space',
    'snapshots/snapshot-tree',
    'backup/allocated-blocks',
    'history/running-and-failed-tasks',
  ])('the example %s and its view have no serious fault', async (id) => {
    const graphiql = graphiqlOn(playground.page)
    await graphiql.open(id)
    await graphiql.execute()
    await expect.poll(() => playground.page.locator('.rv-bar').innerText()).toMatch(/\d+ ms/)
    await expect.poll(() => faultsOf(playground.page)).toEqual([])
  })

  it('the panel of headers has no serious fault', async () => {
    await playground.page.getByRole('button', { name: 'Show Headers' }).click()
    await expect.poll(() => faultsOf(playground.page)).toEqual([])
  })
})
