// Tables, cards, errors and ids of the result view in a real browser, of real operations on the embedded simulator.

import { readFile } from 'node:fs/promises'
import type { Locator } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { chromiumPath } from '../../browser.ts'
import { openPlayground, type PlaygroundPage } from './playground-page.ts'

/** The text of each element, as it is shown. */
const textOf = async (of: Locator): Promise<string[]> =>
  Promise.all((await of.all()).map((each) => each.innerText()))

describe.skipIf(chromiumPath === undefined)('the view of a result', () => {
  let playground: PlaygroundPage

  beforeAll(async () => {
    playground = await openPlayground()
  })

  afterAll(() => playground?.close())

  beforeEach(() => expect(playground.pageErrors).toEqual([]))

  /** The table with this caption. */
  const table = (name: string): Locator =>
    playground.page
      .locator('.rv-table')
      .filter({ has: playground.page.locator('h3', { hasText: new RegExp(`^${name}$`) }) })
  const cells = (of: Locator, column: number): Promise<string[]> =>
    textOf(of.locator(`tbody tr[aria-rowindex] > td:nth-child(${column})`))
  const button = (name: string | RegExp): Locator => playground.page.getByRole('button', { name })

  it('shows a connection as a table, and continues it by a button until its end', async () => {
    const { page, run, send } = playground
    const { virtualMachines } = await send('{ virtualMachines { nodes { name } } }')
    const names = virtualMachines.nodes.map(({ name }: { name: string }) => name)
    await run(
      '{ virtualMachines(first: 8) { totalCount nodes { name memory } pageInfo { hasNextPage endCursor } } }',
    )
    const machines = table('Virtual machines')
    await machines.waitFor()
    await expect
      .poll(() => machines.locator('.rv-summary').innerText())
      .toBe(`8 of ${names.length} rows loaded`)
    expect(await cells(machines, 1)).toEqual(names.slice(0, 8))
    await page.getByText(`${names.length - 8} more rows.`).waitFor()

    await button('Load the next page').click()
    await expect.poll(() => cells(machines, 1)).toEqual(names.slice(0, 16))
    await button('Load the next page').click()
    await expect.poll(() => cells(machines, 1)).toEqual(names)
    await expect.poll(() => button('Load the next page').count()).toBe(0)
    await expect.poll(() => machines.locator('.rv-summary').innerText()).toBe(`${names.length} rows`)

    // The JSON has the same rows.
    await page.getByRole('tab', { name: 'JSON' }).click()
    await expect.poll(() => page.locator('.result-window').innerText()).toContain(names[0])
    await page.getByRole('tab', { name: 'View' }).click()
  })

  it('sorts the loaded rows by a column, and says which rows these are', async () => {
    const { page, run, send } = playground
    const query =
      '{ virtualMachines(first: 10) { nodes { name memory } pageInfo { hasNextPage endCursor } } }'
    const { nodes } = (await send(query)).virtualMachines
    await run(query)
    const machines = table('Virtual machines')
    const header = machines.locator('th[data-column="memory"]')
    await header.getByRole('button').click()
    await expect.poll(() => header.getAttribute('aria-sort')).toBe('descending')
    await expect
      .poll(() => page.getByText('Sorted by Memory, descending, among the 10 loaded rows.').isVisible())
      .toBe(true)
    const sorted = nodes
      .flatMap(({ memory }: { memory: number | null }) => memory ?? [])
      .sort((a: number, b: number) => b - a)
    const shown = await machines
      .locator('tbody td:nth-child(2) .rv-number')
      .evaluateAll((all) => all.map((each) => (each as unknown as { title: string }).title))
    expect(shown).toEqual(sorted.map((memory: number) => `${memory.toLocaleString('en-US')} bytes`))
    // Machines without a value come last.
    expect(sorted.length).toBeLessThan(nodes.length)
    expect((await cells(machines, 2)).at(-1)).toBe('–')
  })

  it('has nested objects as columns, and lists that expand', async () => {
    const { run } = playground
    await run(`{ virtualMachine(by: { name: "db-01" }) { name } virtualMachines(filter: { name: { eq: "db-01" } }) {
      nodes { name host { name } disks { label capacity } } } }`)
    const machines = table('Virtual machines')
    await machines.waitFor()
    expect(await textOf(machines.locator('thead').first().locator('th'))).toEqual(
      ['Name', 'Host name', 'Disks'].map((text) => expect.stringContaining(text)),
    )
    // The only nested list of a short table is open at first.
    const disks = machines.locator('.rv-table')
    expect(await cells(disks, 1)).toContain('Hard disk 1')
    expect((await cells(disks, 2))[0]).toMatch(/^[\d,.]+ GiB$/)
    await machines.locator('.rv-expand').click()
    await expect.poll(() => disks.count()).toBe(0)
  })

  it('has the time of an alarm in sight beside the panel of examples, and its type behind', async () => {
    const { page, run } = playground
    await page.locator('[data-example="history/triggered-alarms"]').waitFor({ state: 'attached' })
    await run(
      '{ triggeredAlarms { nodes { name status entity { name __typename } triggeredAt acknowledgedBy } pageInfo { hasNextPage } } }',
    )
    const alarms = table('Triggered alarms')
    const time = alarms.locator('td time').first()
    await time.waitFor()
    const rightOf = (of: Locator): Promise<number> =>
      of.evaluate((element) => element.getBoundingClientRect().right)
    expect(await rightOf(time)).toBeLessThan(await rightOf(alarms.locator('.rv-scroll')))
    await expect.poll(() => alarms.locator('th').last().innerText()).toContain('Entity type')
  })

  it('hides columns, and saves the loaded rows as CSV and JSON', async () => {
    const { page, run, send } = playground
    const query =
      '{ hosts(first: 2) { totalCount nodes { name memory connectionState } pageInfo { hasNextPage endCursor } } }'
    const { nodes, totalCount } = (await send(query)).hosts
    await run(query)
    const hosts = table('Hosts')
    await hosts.getByRole('button', { name: 'Columns' }).click()
    await hosts.getByRole('checkbox', { name: /Connection state/ }).uncheck()
    await page.keyboard.press('Escape')
    await expect.poll(() => hosts.locator('th').count()).toBe(2)

    const save = async (format: string) => {
      const [download] = await Promise.all([
        page.waitForEvent('download'),
        hosts.getByRole('button', { name: format, exact: true }).click(),
      ])
      return { name: download.suggestedFilename(), text: await readFile(await download.path(), 'utf8') }
    }
    const csv = await save('CSV')
    expect(csv.name).toBe(`hosts-2-of-${totalCount}.csv`)
    const lines = nodes.map(({ name, memory }: { name: string; memory: number }) => `${name},${memory}\r\n`)
    // Spreadsheets take text for UTF-8 if it begins with a byte order mark.
    expect(csv.text).toBe(`\uFEFFname,memory\r\n${lines.join('')}`)
    const json = await save('JSON')
    expect(JSON.parse(json.text)).toEqual(nodes)
  })

  it('shows groups with their shares and aggregates with their units', async () => {
    const { run } = playground
    await run(`{ virtualMachines(first: 1) { aggregate { memory { sum avg } cpuCount { max } }
      groups(by: [POWER_STATE]) { key { powerState } count } nodes { name } pageInfo { hasNextPage endCursor } } }`)
    const groups = table('Virtual machines groups')
    await groups.waitFor()
    expect(await cells(groups, 1)).toContain('Powered on')
    const shares = (await cells(groups, 3)).map((text) => Number.parseFloat(text))
    expect(shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(100, 0)
    await expect
      .poll(() => groups.locator('.rv-summary').innerText())
      .toMatch(/^\d groups of all virtual machines$/)
    const aggregate = table('Statistics of all virtual machines')
    expect(await cells(aggregate, 1)).toEqual(['Memory', 'CPU count'])
    expect((await cells(aggregate, 2))[0]).toMatch(/ GiB$/)
  })

  it('lists errors with their remedy, and leads to the field and to the value', async () => {
    const { page, run } = playground
    await run(`{
  hosts { totalCount }
  wrong: node(id: "bad") { id }
}`)
    const errors = page.getByRole('region', { name: 'Errors' })
    await errors.waitFor()
    await expect.poll(() => errors.innerText()).toContain('BAD_USER_INPUT')
    await expect.poll(() => errors.innerText()).toContain('Pass a value of the field id, unchanged.')
    // The response may cover the editor.
    const editor = page.locator('.graphiql-query-editor')
    await button('Widen').click()
    await expect.poll(() => editor.isVisible()).toBe(false)
    await errors.getByRole('button', { name: 'Go to the field' }).click()
    await expect.poll(() => editor.isVisible()).toBe(true)
    await page.evaluate(() => navigator.clipboard.writeText(''))
    await page.keyboard.press('ControlOrMeta+C')
    await expect.poll(() => page.evaluate(() => navigator.clipboard.readText())).toBe('wrong')
    await errors.getByRole('button', { name: 'Go to the value' }).click()
    const focused = () => page.evaluate(() => document.activeElement?.textContent)
    await expect.poll(() => focused()).toBe('– BAD_USER_INPUT')
    // After an edit the locations are those of another text.
    await page.locator('.graphiql-query-editor .view-lines').click()
    await page.keyboard.press('ControlOrMeta+Home')
    await page.keyboard.type('# changed\n')
    await errors.getByRole('button', { name: 'Go to the field' }).click()
    await expect.poll(() => errors.getByRole('status').innerText()).toContain('not the one that ran')
  })

  it('leads from a virtual machine to the maps of its disks by the menu of its id', async () => {
    const { page, run } = playground
    await run('{ virtualMachines(filter: { name: { eq: "db-01" } }) { nodes { id name } } }')
    const machines = table('Virtual machines')
    // Until then the table of the test before may be there.
    await expect
      .poll(() => textOf(machines.locator('thead th')))
      .toEqual(['Name', 'ID'].map((text) => expect.stringContaining(text)))
    const menu = (of: Locator) => of.getByRole('button', { name: 'Use in' }).first()
    await menu(machines).click()
    await button('Maps of all disks').click()
    await page.getByRole('button', { name: /Execute query/ }).click()
    await page.locator('[data-picture="disk-map"]').first().waitFor()
  })

  it('opens an operation that takes an id, which runs', async () => {
    const { page, run } = playground
    await run('{ virtualMachines(filter: { name: { eq: "db-01" } }) { nodes { id name } } }')
    await table('Virtual machines').getByRole('button', { name: 'Use in' }).click()
    const before = await page.locator('.graphiql-tab').count()
    await expect
      .poll(() => page.locator('.rv-uses').getByRole('button').first().innerText())
      .toBe('Copy the id')
    await page
      .getByRole('region', { name: 'Fields' })
      .getByRole('button', { name: 'virtualMachine', exact: true })
      .click()
    await expect.poll(() => page.locator('.graphiql-tab').count()).toBe(before + 1)
    await expect.poll(() => page.locator('.graphiql-tab-active').innerText()).toBe('VirtualMachine')
    // The line of the operation before was scrolled to its end.
    const lines = page.locator('.graphiql-query-editor .lines-content')
    await expect.poll(() => lines.getAttribute('style')).toContain('left: 0px')
    await page.getByRole('button', { name: /Execute query/ }).click()
    const card = page.locator('.rv-card', { hasText: 'Virtual machine' }).first()
    await card.waitFor()
    await expect.poll(() => card.innerText()).toContain('db-01')
  })

  it('has only the visible rows of a long list in the page, and all of them for assistive technology', async () => {
    const { run, send } = playground
    const { hosts } = await send('{ hosts(first: 1) { nodes { id name } } }')
    const ids = JSON.stringify(Array.from({ length: 260 }, () => hosts.nodes[0].id))
    await run(`{ nodes(ids: ${ids}) { ... on HostSystem { name } } }`)
    const nodes = table('Nodes')
    await nodes.waitFor()
    await expect.poll(() => nodes.getByRole('table').getAttribute('aria-rowcount')).toBe('261')
    const rows = nodes.locator('tr[aria-rowindex]')
    await expect.poll(() => rows.count()).toBeLessThan(100)
    await expect.poll(() => nodes.innerText()).toMatch(/2\d\d more rows below, in this table\./)
    await nodes.locator('.rv-scroll').evaluate((element) => element.scrollTo(0, element.scrollHeight))
    await expect.poll(() => rows.last().getAttribute('aria-rowindex')).toBe('261')
    await expect.poll(() => nodes.innerText()).not.toContain('more rows below')
  })

  it('keeps the chosen form of the response, which is also chosen with the keyboard', async () => {
    const { page } = playground
    await page.getByRole('tab', { name: 'JSON' }).click()
    await page.reload()
    await expect
      .poll(() => page.getByRole('tab', { name: 'JSON' }).getAttribute('aria-selected'))
      .toBe('true')
    await page.getByRole('tab', { name: 'JSON' }).press('ArrowLeft')
    await expect
      .poll(() => page.getByRole('tab', { name: 'View' }).getAttribute('aria-selected'))
      .toBe('true')
  })

  it('marks a list as incomplete with the reason, also in the name of a file', async () => {
    const { page, run } = playground
    const error = { message: 'esx-09 does not respond', remedy: 'Check the host.' }
    await page.route('**/graphql', async (route) => {
      const response = await route.fetch()
      const body = await response.json()
      const [coverage] = body.data?.hosts?.coverage ?? []
      if (coverage) Object.assign(coverage, { isComplete: false, undecidedCount: 2, error })
      await route.fulfill({ response, json: body })
    })
    await run(
      '{ hosts { coverage { vcenter isComplete undecidedCount error { message remedy } } nodes { name } } }',
    )
    const notice = page.locator('[data-incomplete="true"]')
    await notice.waitFor()
    await expect
      .poll(() => notice.innerText())
      .toMatch(/^Incomplete: simulator\. esx-09 does not respond Check the host\.\s+2 objects were left out/)
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      table('Hosts').getByRole('button', { name: 'CSV', exact: true }).click(),
    ])
    expect(download.suggestedFilename()).toBe('hosts-incomplete.csv')
    await page.unroute('**/graphql')
  })

  it('keeps the loaded rows and says why when the next page fails', async () => {
    const { page, run } = playground
    await run('{ virtualMachines(first: 8) { nodes { name } pageInfo { hasNextPage endCursor } } }')
    const machines = table('Virtual machines')
    await machines.waitFor()
    await page.route('**/graphql', (route) =>
      route.fulfill({ json: { data: { virtualMachines: null }, errors: [{ message: 'vCenter is down' }] } }),
    )
    await button('Load the next page').click()
    await expect
      .poll(() => page.locator('.rv-problem').innerText())
      .toBe('The next page could not be loaded: vCenter is down')
    expect(await cells(machines, 1)).toHaveLength(8)
    await page.unroute('**/graphql')
    await button('Load the next page').click()
    await expect.poll(async () => (await cells(machines, 1)).length).toBe(16)
    await expect.poll(() => page.locator('.rv-problem').count()).toBe(0)
  })

  it('adds the pages of two lists to the result of their own tab when another tab is active by then', async () => {
    const { page, run } = playground
    await run(
      `{ virtualMachines(first: 8) { nodes { name } pageInfo { hasNextPage endCursor } }
         hosts(first: 1) { nodes { name } pageInfo { hasNextPage endCursor } } }`,
    )
    const [machines, hosts] = [table('Virtual machines'), table('Hosts')]
    await hosts.waitFor()
    let release = () => {}
    const released = new Promise<void>((resolve) => {
      release = resolve
    })
    await page.route('**/graphql', async (route) => {
      await released
      await route.continue()
    })
    // The button that was pressed has another label.
    await button('Load the next page').first().click()
    await button('Load the next page').first().click()
    await button('New tab').click()
    let responses = 0
    const countResponse = () => {
      responses += 1
    }
    page.on('response', countResponse)
    release()
    await expect.poll(() => responses).toBe(2)
    page.off('response', countResponse)
    await page.unroute('**/graphql')
    await page.locator('.graphiql-tab-button').nth(-2).click()
    await expect.poll(async () => (await cells(machines, 1)).length).toBe(16)
    await expect.poll(async () => (await cells(hosts, 1)).length).toBe(2)
    await page.locator('.graphiql-tab-button').last().click()
    await page.getByRole('tab', { name: 'JSON' }).click()
    expect((await page.locator('.result-window').innerText()).trim()).toBe('')
    await page.getByRole('tab', { name: 'View' }).click()
    await page.locator('.graphiql-tab-button').nth(-2).click()
  })

  it('shows the JSON alone when the schema cannot be read', async () => {
    const { page, run } = playground
    await page.route('**/graphql', (route) =>
      route.request().postData()?.includes('__schema')
        ? route.fulfill({ json: { errors: [{ message: 'no introspection' }] } })
        : route.continue(),
    )
    await page.reload()
    await run('{ viewer { name } }')
    await page.getByText('The schema is not loaded. The response is shown as JSON.').waitFor()
    await expect
      .poll(() => page.getByRole('tab', { name: 'JSON' }).getAttribute('aria-selected'))
      .toBe('true')
    await expect.poll(() => page.locator('.result-window').isVisible()).toBe(true)
    await page.unroute('**/graphql')
  })
})
