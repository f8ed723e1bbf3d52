// The pictures of the result view in a real browser, of real operations on the embedded simulator: what they show is compared
// with the responses of the gateway, and they are used with the keyboard.

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { chromiumPath } from '../../browser.ts'
import { graphiqlOn } from '../../graphiql.ts'
import { openPlayground, type PlaygroundPage } from './playground-page.ts'

describe.skipIf(chromiumPath === undefined)('the pictures of a result', () => {
  let playground: PlaygroundPage
  /** The disk of the first snapshot of web-01. */
  let disk: string

  beforeAll(async () => {
    playground = await openPlayground()
    await send(
      'mutation { createSnapshot(input: { virtualMachine: { name: "web-01" } name: "a" }) { task { state } } }',
    )
    const { virtualMachine } = await send(
      '{ virtualMachine(by: { name: "web-01" }) { currentSnapshot { disks { id } } } }',
    )
    disk = virtualMachine.currentSnapshot.disks[0].id
  })

  afterAll(() => playground?.close())

  beforeEach(() => expect(playground.pageErrors).toEqual([]))

  /** Beside the panel of examples the pane is narrow; only tables and logs scroll, within themselves. */
  afterEach(async () => {
    const pane = playground.page.locator('.rv-content')
    await expect.poll(() => pane.evaluate((element) => element.scrollWidth - element.clientWidth)).toBe(0)
  })

  const send: PlaygroundPage['send'] = (query) => playground.send(query)
  const run: PlaygroundPage['run'] = (query) => playground.run(query)
  const picture = (kind: string) => playground.page.locator(`[data-picture="${kind}"]`)

  it('draw a disk with what is loaded, and describe each area at the keyboard', async () => {
    const areas = 'capacity totalCount nodes { start length } pageInfo { hasNextPage }'
    const query = `{ node(id: "${disk}") { ... on VirtualDisk { label all: allocatedAreas { ${areas} } some: allocatedAreas(first: 5) { ${areas} } } } }`
    const { all, some } = (await send(query)).node
    await run(query)
    const map = picture('disk-map')
    const row = (name: string) => map.locator(`[data-map="${name}"]`)
    await row('all').waitFor()
    await expect.poll(() => row('all').innerText()).toContain(`${all.totalCount} areas`)
    await expect.poll(() => row('all').locator('.rv-not-loaded').count()).toBe(0)
    await expect
      .poll(() => row('some').innerText())
      .toMatch(new RegExp(`${all.totalCount} areas, 5 areas loaded\\s+not loaded`))
    await expect.poll(() => row('all').locator('svg path[d^="M"]').count()).toBeGreaterThan(0)

    const strip = row('some').getByRole('slider')
    await strip.focus()
    for (const { start, length } of some.nodes
      .filter(({ start }: { start: number }) => start > 0)
      .slice(0, 2)) {
      await strip.press('ArrowRight')
      // Areas that share a column are counted; zoomed in, each is on its own.
      for (let press = 0; press < 10; press += 1) await strip.press('+')
      const spot = `(${start.toLocaleString('en-US')} bytes), length`
      await expect.poll(() => strip.getAttribute('aria-valuetext')).toContain(spot)
      await expect
        .poll(() => map.locator('output').innerText())
        .toContain(`(${length.toLocaleString('en-US')} bytes)`)
    }
    await map.getByRole('button', { name: 'Whole disk' }).click()
    await expect.poll(() => map.getByRole('button', { name: 'Zoom out' }).isDisabled()).toBe(true)

    const both = map.locator('[data-comparison="both"]')
    await expect.poll(() => both.innerText()).toMatch(/^In both .* that both have loaded\)/)
    await expect.poll(() => both.locator('.rv-not-loaded').count()).toBe(1)
    await map.getByRole('button', { name: 'As table' }).click()
    await expect.poll(() => map.getByRole('slider').count()).toBe(0)
    await expect.poll(() => map.innerText()).toContain('Start')
  })

  it('load the areas of a disk page by page', async () => {
    const query = `{ node(id: "${disk}") { ... on VirtualDisk { allocatedAreas(first: 40) { totalCount nodes { start length } pageInfo { hasNextPage endCursor } } } } }`
    const { totalCount } = (await send(query)).node.allocatedAreas
    expect(totalCount).toBeGreaterThan(40)
    await run(query)
    const map = picture('disk-map')
    await map.getByText('40 areas loaded').waitFor()
    const next = map.getByRole('button', { name: 'Load the next page' })
    while ((await next.count()) > 0) {
      const loaded = await map.locator('.rv-disk-strip-label').innerText()
      await next.click()
      await expect.poll(() => map.locator('.rv-disk-strip-label').innerText()).not.toBe(loaded)
    }
    await expect
      .poll(() => map.locator('.rv-disk-strip-label').innerText())
      .toMatch(new RegExp(` ${totalCount} areas$`))
    await expect.poll(() => map.locator('.rv-not-loaded').count()).toBe(0)
  })

  it('compare the same disk of two snapshots byte by byte', async () => {
    const query = `{ virtualMachine(by: { name: "web-01" }) { snapshots { name disks { uuid allocatedAreas { totalLength nodes { start length } pageInfo { hasNextPage } } } } } }`
    const { snapshots } = (await send(query)).virtualMachine
    expect(snapshots).toHaveLength(2)
    await run(query)
    await picture('disk-map').first().waitFor()
    await expect.poll(() => picture('disk-map').count()).toBe(1)
    await expect.poll(() => picture('disk-map').locator('[data-map]').count()).toBe(2)
    await expect
      .poll(() => picture('disk-map').innerText())
      .toMatch(/Only in a\s+[\d.]+ [KMG]iB \([\d.]+ % of the disk\)/)
    await expect.poll(() => playground.page.getByText(/^The areas of .* are compared at /).count()).toBe(1)

    // The tables in place of the picture are those of both snapshots.
    await picture('disk-map').getByRole('button', { name: 'As table' }).click()
    const tables = picture('disk-map').locator('.rv-picture-table')
    await expect
      .poll(() => tables.locator('h4').allTextContents())
      .toEqual(snapshots.map(({ name }: { name: string }) => expect.stringContaining(name)))
    const areasOf = ({
      disks: [{ allocatedAreas }],
    }: {
      disks: [{ allocatedAreas: { nodes: unknown[] } }]
    }) => allocatedAreas.nodes.length
    await expect
      .poll(() => tables.locator('.rv-summary').allTextContents())
      .toEqual(snapshots.map((snapshot: never) => `${areasOf(snapshot).toLocaleString('en-US')} rows`))
  })

  it('show snapshots as a tree that can be used with the keyboard', async () => {
    await run(`{
      virtualMachine(by: { name: "web-01" }) { name rootSnapshots { name size ageSeconds isCurrent children { name size ageSeconds isCurrent } } }
      hosts(first: 1) { nodes { name } pageInfo { hasNextPage endCursor } } }`)
    const tree = picture('snapshot-tree').getByRole('tree')
    await tree.waitFor()
    const items = tree.getByRole('treeitem')
    await expect.poll(() => items.count()).toBe(2)
    await expect.poll(() => items.first().getAttribute('aria-expanded')).toBe('true')
    await expect.poll(() => items.nth(1).getAttribute('aria-level')).toBe('2')
    await expect
      .poll(() => items.nth(1).innerText())
      .toMatch(/a\s+current\s+(now|\d+ s ago)\s+[\d.]+ [KMG]iB/)
    await expect
      .poll(() => picture('snapshot-tree').locator('figcaption').innerText())
      .toMatch(
        /^2 snapshots\. .* in all\. The oldest is .* old\. The virtual machine runs on “a”\. The children of 1 of them are not selected\.$/,
      )
    const isFocused = (index: number) =>
      items.nth(index).evaluate((item) => item === document.activeElement && item.tabIndex === 0)
    await items.first().focus()
    await playground.page.keyboard.press('ArrowLeft')
    await expect.poll(() => items.count()).toBe(1)
    await expect.poll(() => isFocused(0)).toBe(true)
    await playground.page.keyboard.press('ArrowRight')
    await playground.page.keyboard.press('ArrowDown')
    await expect.poll(() => isFocused(1)).toBe(true)

    // Collapsed with the pointer, the focus is not lost with the snapshots below.
    await items.first().locator('button').first().click()
    await expect.poll(() => items.count()).toBe(1)
    await expect.poll(() => isFocused(0)).toBe(true)
    await playground.page.keyboard.press('ArrowRight')
    await expect.poll(() => items.count()).toBe(2)
    // A click into a snapshot moves the keyboard there.
    await items.nth(1).locator('.rv-snapshot-age').click()
    await expect.poll(() => isFocused(1)).toBe(true)
    await playground.page.keyboard.press('ArrowLeft')
    await expect.poll(() => isFocused(0)).toBe(true)

    // The next page of another list does not change the tree.
    await playground.page.keyboard.press('ArrowLeft')
    const rows = playground.page.locator('.rv-connection tr[aria-rowindex]')
    const before = await rows.count()
    await playground.page.getByRole('button', { name: 'Load the next page' }).click()
    await expect.poll(() => rows.count()).toBe(before + 1)
    await expect.poll(() => items.count()).toBe(1)
    await expect.poll(() => items.first().getAttribute('tabindex')).toBe('0')
  })

  it('show usage as bars, the fullest first', async () => {
    const query = '{ datastores { totalCount nodes { name capacity freeSpace } } }'
    const { nodes } = (await send(query)).datastores
    await run(query)
    const rows = picture('usage-bars').locator('.rv-bars tbody tr')
    await rows.first().waitFor()
    const used = (row: { capacity: number; freeSpace: number }) => 1 - row.freeSpace / row.capacity
    const names = [...nodes].sort((a, b) => used(b) - used(a)).map(({ name }) => name)
    await expect.poll(() => rows.locator('.rv-bar-name').allTextContents()).toEqual(names)
    await expect.poll(() => rows.first().innerText()).toMatch(/7\d(\.\d)? %\s+high/)
    await picture('usage-bars').getByRole('combobox').selectOption('as in the response')
    await expect
      .poll(() => rows.locator('.rv-bar-name').allTextContents())
      .toEqual(nodes.map(({ name }: { name: string }) => name))
  })

  it('show tasks with their states', async () => {
    await run('{ tasks(first: 5) { nodes { id label state progress entityName error { message } } } }')
    const tasks = picture('task-list').locator('.rv-progress li')
    await tasks.first().waitFor()
    await expect.poll(() => tasks.count()).toBe(5)
    await expect
      .poll(() => tasks.first().innerText())
      .toMatch(/Create virtual machine snapshot · web-01\s+Done/)
  })

  it('log what a subscription reports until it is paused', async () => {
    const query =
      'subscription { inventoryChanges(filter: { virtualMachine: {} }) { initial changes { kind entityId entity { name ... on VirtualMachine { snapshots { name } } } } } }'
    await run(query)
    const log = picture('live-log')
    const lines = log.getByRole('log').locator('li')
    await expect.poll(() => lines.last().innerText()).toMatch(/start\s+\d+ objects match\./)
    const create = (name: string) =>
      send(
        `mutation { createSnapshot(input: { virtualMachine: { name: "web-02" } name: "${name}" }) { task { state } } }`,
      )
    await create('shown')
    await expect.poll(() => log.getByText('Snapshots: + shown').count()).toBe(1)
    await log.getByRole('button', { name: 'Pause' }).click()
    await create('later')
    await log.getByRole('button', { name: /Resume \(\d+ new\)/ }).waitFor()
    await expect.poll(() => log.getByText('later').count()).toBe(0)
    await log.getByRole('button', { name: 'Resume' }).click()
    await expect.poll(() => log.getByText('Snapshots: + later').count()).toBe(1)
    await log.getByRole('button', { name: 'As table' }).click()
    await expect.poll(() => log.getByRole('table').innerText()).toContain('Snapshots: + later')
    await graphiqlOn(playground.page).stop()
  })

  it('draw the areas of a stream as they arrive', async () => {
    await run(
      `subscription { changedAreas(disk: "${disk}") { startOffset nextOffset scannedBytes capacity complete areas { start length } } }`,
    )
    await expect.poll(() => picture('live-log').getByText('the whole disk is covered').count()).toBe(1)
    await expect.poll(() => picture('disk-map').locator('.rv-not-loaded').count()).toBe(0)
    await expect
      .poll(() => playground.page.locator('.rv-progress li').first().innerText())
      .toMatch(/Scan of the disk\s+Done/)
  })
})
