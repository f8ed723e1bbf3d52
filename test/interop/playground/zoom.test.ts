// The page at a zoom of 200 %: a window of 1280 by 720 pixels has 640 by 360 CSS pixels then. Everything can be scrolled to.

import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { chromiumPath } from '../../browser.ts'
import { openPlayground, type PlaygroundPage } from './playground-page.ts'

describe.skipIf(chromiumPath === undefined)('at a zoom of 200 %', () => {
  let playground: PlaygroundPage

  beforeAll(async () => {
    playground = await openPlayground()
    await playground.page.setViewportSize({ width: 640, height: 360 })
  })

  afterAll(() => playground?.close())

  beforeEach(() => expect(playground.pageErrors).toEqual([]))

  /** Returns the controls that stay hidden when they are scrolled to, and the elements other than tables that scroll sideways. */
  const cutOff = () =>
    playground.page.evaluate(() => {
      // biome-ignore lint/suspicious/noExplicitAny: runs in the browser, whose types are not those of the tests
      const { document, innerWidth, innerHeight, getComputedStyle } = globalThis as any
      // biome-ignore lint/suspicious/noExplicitAny: as above
      const describe = (element: any): string =>
        `${element.className || element.tagName}: ${(element.getAttribute('aria-label') ?? element.textContent).slice(0, 30)}`
      const isEditor = '.monaco-editor, .graphiql-tooltip'
      // biome-ignore lint/suspicious/noExplicitAny: as above
      const all: any[] = [...document.querySelectorAll('#root *')].filter(
        (element) =>
          element.checkVisibility({ opacityProperty: true, visibilityProperty: true }) &&
          !element.closest(isEditor),
      )
      const isReached = (element: (typeof all)[number]): boolean => {
        element.scrollIntoView({ block: 'center', inline: 'center' })
        const { left, top, width, height } = element.getBoundingClientRect()
        const [x, y] = [left + width / 2, top + height / 2]
        const isInWindow = x > 0 && y > 0 && x < innerWidth && y < innerHeight
        return isInWindow && element.contains(document.elementFromPoint(x, y))
      }
      const controls = all.filter((element) =>
        element.matches('button, input, select, summary, h3, [role=treeitem]'),
      )
      const sideways = all.filter(
        (element) =>
          element.scrollWidth > element.clientWidth + 1 &&
          ['auto', 'scroll'].includes(getComputedStyle(element).overflowX) &&
          !element.matches('.rv-scroll, .graphiql-tabs'),
      )
      const root = document.documentElement
      return {
        controls: controls.length,
        hidden: controls.filter((element) => !isReached(element)).map(describe),
        sideways: sideways.map(describe),
        page: [root.scrollWidth - root.clientWidth, root.scrollHeight - root.clientHeight],
      }
    })

  /** The page takes a moment to adapt to the window and to what it shows. */
  const expectNothingCutOff = () =>
    expect.poll(cutOff).toEqual({ controls: expect.any(Number), hidden: [], sideways: [], page: [0, 0] })

  it('shows the panel of examples beside nothing that it would cut off', async () => {
    await expectNothingCutOff()
    expect((await cutOff()).controls).toBeGreaterThan(20)
  })

  it('shows the start page', async () => {
    await playground.page.getByRole('button', { name: 'vSphere GraphQL' }).click()
    await playground.page.locator('.pg-starting-points').waitFor()
    const welcome = playground.page.locator('.pg-welcome')
    await expect.poll(() => welcome.evaluate((element) => element.scrollWidth - element.clientWidth)).toBe(0)
    for (const each of await welcome.getByRole('button').all()) await each.click({ trial: true })
    await playground.page.getByRole('button', { name: 'Close', exact: true }).click()
  })

  it.each([
    [
      'tables and cards',
      `{ viewer { name role } virtualMachines(first: 8) { totalCount groups(by: [POWER_STATE]) { key { powerState } count }
        nodes { id name powerState host { name } disks { label } } pageInfo { hasNextPage endCursor } } }`,
      '.rv-next',
    ],
    ['bars', '{ datastores { nodes { id name capacity freeSpace type } } }', '[data-picture="usage-bars"]'],
    [
      'a snapshot tree',
      '{ virtualMachine(by: { name: "db-01" }) { name rootSnapshots { id name size ageSeconds createdBy isCurrent children { id name size isCurrent } } } }',
      '[role=tree]',
    ],
    [
      'a disk map',
      '{ virtualMachine(by: { name: "db-01" }) { currentSnapshot { disks { label capacity allocatedAreas(first: 9) { totalLength nodes { start length } pageInfo { hasNextPage } } } } } }',
      '[data-picture="disk-map"]',
    ],
    ['a list of errors', '{ hosts { totalCount } wrong: node(id: "bad") { id } }', '.rv-errors'],
  ])('shows %s', async (_, query, selector) => {
    await playground.run(query)
    await playground.page.locator(selector).first().waitFor()
    await expectNothingCutOff()
  })
})
