// Checks the pictures of results, tables, cards, the log and the list of errors with axe-core, light and dark: no finding is serious
// or critical.

import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { chromiumPath } from '../../browser.ts'
import { graphiqlOn } from '../../graphiql.ts'
import { openPlayground, type PlaygroundPage } from './playground-page.ts'

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

const schemes = ['light', 'dark'] as const

describe.skipIf(chromiumPath === undefined)('axe-core finds nothing serious', () => {
  let playground: PlaygroundPage
  /** A disk in a snapshot. */
  let disk: string

  beforeAll(async () => {
    playground = await openPlayground()
    const { createSnapshot } = await playground.send(
      'mutation { createSnapshot(input: { virtualMachine: { name: "web-01" } name: "a" }) { snapshot { disks { id } } } }',
    )
    disk = createSnapshot.snapshot.disks[0].id
    // Not as a script element, which the content security policy of the page rejects.
    await playground.page.evaluate(axe)
  })

  afterAll(() => playground?.close())

  /** Returns the serious findings below a selector in both color schemes. */
  async function findings(selector: string): Promise<string[]> {
    const found: string[] = []
    for (const colorScheme of schemes) {
      await playground.page.emulateMedia({ colorScheme })
      const { violations, passes } = await playground.page.evaluate(
        // biome-ignore lint/suspicious/noExplicitAny: runs in the browser, into which axe-core was injected
        (within) => (globalThis as any).axe.run(within, { resultTypes: ['violations', 'passes'] }),
        selector,
      )
      expect(passes.length).toBeGreaterThan(3)
      for (const { id, impact, nodes } of violations)
        if (impact === 'serious' || impact === 'critical')
          for (const { html } of nodes) found.push(`${colorScheme}: ${id}: ${html.slice(0, 200)}`)
    }
    return found
  }

  it.each([
    [
      'disk-map',
      () => `{ node(id: "${disk}") { id ... on VirtualDisk {
        all: allocatedAreas { nodes { start length } pageInfo { hasNextPage endCursor } }
        some: allocatedAreas(first: 5) { nodes { start length } pageInfo { hasNextPage endCursor } } } } }`,
    ],
    [
      'snapshot-tree',
      () =>
        '{ virtualMachine(by: { name: "web-01" }) { id rootSnapshots { id name size ageSeconds createdBy isCurrent children { id name size isCurrent } } } }',
    ],
    ['usage-bars', () => '{ datastores { totalCount nodes { id name capacity freeSpace type } } }'],
    [
      'task-list',
      () => '{ tasks(first: 9) { nodes { id label state progress entityName error { message } } } }',
    ],
  ])('in the picture %s and in its table', async (kind, query) => {
    const { page, run } = playground
    await run(query())
    await page.locator(`[data-picture="${kind}"]`).waitFor()
    expect(await findings('.rv-panel')).toEqual([])
    await page
      .getByRole('button', { name: /^(As table|Table only)$/ })
      .first()
      .click()
    expect(await findings('.rv-panel')).toEqual([])
  })

  it('in the log of a subscription', async () => {
    await playground.run(
      'subscription { inventoryChanges(filter: { virtualMachine: {} }) { initial changes { kind entity { name ... on VirtualMachine { powerState recentTasks { id label state progress } } } } } }',
    )
    await playground.page.getByText('objects match.').waitFor()
    expect(await findings('.rv-panel')).toEqual([])
    await graphiqlOn(playground.page).stop()
  })

  it('in cards and tables, with an expanded row, the column chooser and the menu of an id', async () => {
    const { page, run } = playground
    await run(`{ viewer { name } virtualMachine(by: { name: "db-01" }) { id name guest { hostName ipAddresses } }
      virtualMachines(first: 3) { totalCount groups(by: [POWER_STATE]) { key { powerState } count aggregate { memory { sum } } }
        nodes { id name powerState createdAt disks { label capacity } } pageInfo { hasNextPage endCursor } } }`)
    await page.locator('.rv-expanded').first().waitFor()
    await page.locator('th[data-column="name"] button').first().click()
    expect(await findings('.rv-panel')).toEqual([])
    for (const name of [/^Columns/, /^Use in/]) {
      await page.getByRole('button', { name }).last().click()
      expect(await findings('.rv-panel')).toEqual([])
      await page.keyboard.press('Escape')
    }
  })

  it('in the answers to what may be done', async () => {
    await playground.run(
      '{ virtualMachine(by: { name: "web-01" }) { can { action allowed blockedByState } } }',
    )
    await playground.page.getByText('Blocked by state').first().waitFor()
    expect(await findings('.rv-panel')).toEqual([])
  })

  it('in a list of errors', async () => {
    await playground.run(
      '{ virtualMachine(by: { name: "none" }) { name disk(by: { key: 1, label: "a" }) { id } } }',
    )
    await playground.page.locator('.rv-errors').waitFor()
    expect(await findings('.rv-panel')).toEqual([])
  })
})

describe.skipIf(chromiumPath === undefined)('the dark theme', () => {
  let playground: PlaygroundPage

  beforeAll(async () => {
    playground = await openPlayground()
  })

  afterAll(() => playground?.close())

  it('is also that of what the browser draws, and draws thin areas with more contrast', async () => {
    const { page, run } = playground
    await run(
      '{ virtualMachine(by: { name: "db-01" }) { currentSnapshot { disks { label allocatedAreas { nodes { start length } pageInfo { hasNextPage } } } } } }',
    )
    await page.locator('.rv-disk-strip').first().waitFor()
    const styles = async (colorScheme: 'light' | 'dark') => {
      await page.emulateMedia({ colorScheme })
      return page.evaluate(() => {
        // biome-ignore lint/suspicious/noExplicitAny: runs in the browser, whose types are not those of the tests
        const { document, getComputedStyle } = globalThis as any
        const [, opacity] =
          /([\d.]+)\)$/.exec(getComputedStyle(document.querySelector('path.rv-shade-0')).fill) ?? []
        return { scheme: getComputedStyle(document.body).colorScheme, opacity: Number(opacity) }
      })
    }
    const [light, dark] = [await styles('light'), await styles('dark')]
    expect([light.scheme, dark.scheme]).toEqual(['normal', 'dark'])
    expect(light.opacity).toBeGreaterThan(0)
    expect(dark.opacity).toBeGreaterThan(light.opacity)
  })
})
