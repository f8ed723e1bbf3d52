// Every example of the playground that only reads, in a real browser: it runs without errors, and its view shows something.

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { loadServeConfig } from '../../../src/config/config.ts'
import { type Example, examplesDirectory, readExamples } from '../../../src/server/playground/examples.ts'
import { type RunningServer, startServer } from '../../../src/server/start-server.ts'
import { chromiumPath, type OpenedPage, openInChromium } from '../../browser.ts'
import { type Graphiql, graphiqlOn } from '../../graphiql.ts'

const noLog = { info() {}, warn() {}, error() {} }
const examples = readExamples(examplesDirectory, { readOnly: false, isSimulator: true })

const isComplete = ({ variables = {} }: Example) => !Object.values(variables).includes(null)
/** Selectors of the pictures that examples show beside their tables. */
const pictures: Readonly<Record<string, string>> = {
  'backup/allocated-blocks': '.rv-disk-strip-row',
  'backup/changes-since-a-snapshot': '.rv-disk-strip-row',
  'capacity/datastores-by-free-space': '.rv-bar-cell',
  'capacity/fullest-datastores': '.rv-bar-cell',
  'capacity/hosts-and-their-load': '.rv-bar-cell',
  'snapshots/snapshot-tree': '[role=tree]',
}

/** The names of the objects that the root fields of a result list, the first of each. */
function firstNames(data: Readonly<Record<string, unknown>>): string[] {
  return Object.values(data).flatMap((field) => {
    const { nodes = field } = field as { readonly nodes?: unknown }
    const [first] = Array.isArray(nodes) ? nodes : [nodes]
    return typeof first?.name === 'string' ? [first.name] : []
  })
}

const idsOf = (kind: Example['kind']) =>
  examples.filter((example) => example.kind === kind && isComplete(example)).map(({ id }) => id)

describe.skipIf(chromiumPath === undefined)('the example', () => {
  let server: RunningServer
  let opened: OpenedPage
  let graphiql: Graphiql

  beforeAll(async () => {
    server = await startServer(loadServeConfig({ argv: ['--port', '0'], env: {} }), noLog)
    opened = await openInChromium(server.url)
    graphiql = graphiqlOn(opened.page)
    await graphiql.begin()
  })

  afterAll(async () => {
    await opened?.close()
    await server?.stop()
  })

  const view = () => opened.page.locator('.rv-content')
  const status = () => opened.page.locator('.rv-bar')

  it.each(idsOf('query'))('%s shows its result', async (id) => {
    await graphiql.open(id)
    const { data, errors } = await graphiql.execute()
    expect(errors).toBeUndefined()
    for (const value of Object.values(data)) expect(value).not.toBeNull()
    await expect.poll(() => status().innerText()).toMatch(/\d+ ms/)
    await expect.poll(() => view().locator('table, dl').count()).toBeGreaterThan(0)
    const shown = await view().innerText()
    for (const name of firstNames(data)) expect(shown).toContain(name)
    // The view has no JSON of what it cannot show otherwise.
    expect(shown).not.toMatch(/[{[]"|\[object /)
    const picture = pictures[id]
    if (picture !== undefined) expect(await view().locator(picture).count()).toBeGreaterThan(0)
  })

  it('shows each picture of the list', () => {
    expect(idsOf('query')).toEqual(expect.arrayContaining(Object.keys(pictures)))
  })

  it.each(idsOf('subscription'))('%s shows its first event', async (id) => {
    await graphiql.open(id)
    await graphiql.run()
    await expect.poll(() => status().innerText()).toMatch(/\d/)
    await expect.poll(async () => (await view().innerText()).length).toBeGreaterThan(20)
    await graphiql.stop()
  })

  it('of every kind is in the panel, those that change objects are marked', async () => {
    const shown = await opened.page.locator('[data-example]').evaluateAll((buttons) =>
      // biome-ignore lint/suspicious/noExplicitAny: runs in the browser, whose types are not those of the tests
      buttons.map((button: any) => [button.dataset.example, button.textContent.includes('changes objects')]),
    )
    expect(shown.sort()).toEqual(examples.map(({ id, kind }) => [id, kind === 'mutation']).sort())
  })

  it('causes no error of the page and no request to other hosts', () => {
    expect(opened.pageErrors).toEqual([])
    expect(opened.foreignRequests).toEqual([])
  })
})
