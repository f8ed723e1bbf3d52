// GraphiQL as its user meets it: in a real browser, with the network cut.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createSchema, createYoga } from 'graphql-yoga'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createGraphiql } from '../../src/gateway/graphiql.ts'
import { chromiumPath, type OpenedPage, openInChromium } from '../browser.ts'

describe.skipIf(chromiumPath === undefined)('GraphiQL in a browser', () => {
  let gateway: Awaited<ReturnType<typeof startGateway>>
  let opened: OpenedPage

  beforeAll(async () => {
    gateway = await startGateway()
    opened = await openInChromium(gateway.url)
  }, 60_000)

  afterAll(async () => {
    await opened?.close()
    await gateway?.close()
  })

  it('opens the examples as tabs, runs one and shows the answer, and asks nothing of anyone else', async () => {
    const { page, foreignRequests, complaints } = opened
    const tabs = page.locator('.graphiql-tab-button')
    await tabs.first().waitFor()
    expect(await tabs.allTextContents()).toEqual(['InventoryAtAGlance', 'OneVirtualMachine'])

    await tabs.getByText('OneVirtualMachine').click()
    const result = page.locator('.result-window')
    // Until GraphiQL has read the name of the tab's operation, Run complains without asking the server.
    await expect
      .poll(
        async () => {
          // The editor shows spaces as non-breaking ones.
          const shown = (await result.innerText()).replaceAll('\u00a0', ' ')
          if (!shown.includes('"data"')) await page.getByRole('button', { name: /Execute query/ }).click()
          return shown
        },
        { timeout: 20_000, interval: 300 },
      )
      .toContain('"greet": "hi 007"')

    expect(foreignRequests).toEqual([])
    expect(complaints).toEqual([])
  }, 60_000)
})

// PLACE FOR THE GATEWAY: replace this stand-in by the real gateway on the simulator with the package's own examples.
async function startGateway(): Promise<{ url: string; close(): Promise<void> }> {
  const examples = mkdtempSync(join(tmpdir(), 'examples-'))
  const write = (name: string, text: string) => writeFileSync(join(examples, name), text)
  write(
    '01-inventory.graphql',
    '# A </script> in a comment is a comment.\nquery InventoryAtAGlance {\n  hello\n}\n',
  )
  write('02-one.graphql', '# One.\nquery OneVirtualMachine($name: String!) {\n  greet(name: $name)\n}\n')
  write('02-one.json', '{ "name": "007" }\n')
  const schema = createSchema({
    typeDefs: 'type Query { hello: String greet(name: String!): String }',
    resolvers: { Query: { greet: (_: unknown, { name }: { name: string }) => `hi ${name}` } },
  })
  const server = createServer(createYoga({ schema, ...createGraphiql(examples) }))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`,
    close: () => {
      rmSync(examples, { recursive: true })
      server.closeAllConnections()
      return new Promise((resolve) => server.close(() => resolve()))
    },
  }
}
