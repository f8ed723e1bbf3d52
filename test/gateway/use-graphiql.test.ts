// Which examples GraphiQL opens with, and what they have filled in.

import { readdirSync, readFileSync } from 'node:fs'
import { createYoga } from 'graphql-yoga'
import { expect, it } from 'vitest'
import { useGraphiql } from '../../src/gateway/use-graphiql.ts'
import { buildSchema } from '../../src/graphql/schema.ts'

const operations = new URL('../../schema/operations/', import.meta.url)

async function pageOf(options: Parameters<typeof useGraphiql>[0]): Promise<string> {
  const yoga = createYoga({ schema: buildSchema(), plugins: [useGraphiql(options)], graphiql: false })
  const response = await yoga.fetch('http://localhost/graphql', { headers: { accept: 'text/html' } })
  return response.text()
}

it('fills in what examples change only where that is the embedded simulator', async () => {
  const filledIn = (name: string) =>
    JSON.stringify(`${JSON.stringify({ virtualMachine: name }, null, 2)}\n`).slice(1, -1)
  const ours = await pageOf({ isSimulator: true })
  const theirs = await pageOf({ isSimulator: false })
  for (const name of ['web-01', 'wiki-01']) {
    expect(ours).toContain(filledIn(name))
    expect(theirs).not.toContain(filledIn(name))
  }
  expect(theirs).toContain('SnapshotAndAllocatedAreas')
})

it('has no example that changes something where nothing can be changed', async () => {
  const page = await pageOf({ readOnly: true })
  for (const name of readdirSync(operations).filter((each) => each.endsWith('.graphql'))) {
    const [, kind, operation] = /^(query|mutation|subscription) (\w+)/m.exec(
      readFileSync(new URL(name, operations), 'utf8'),
    ) as unknown as [string, string, string]
    expect([name, page.includes(`${kind} ${operation}`)]).toEqual([name, kind !== 'mutation'])
  }
})

it('asks for a token where one is needed, and never keeps it in the browser', async () => {
  const template = JSON.stringify(JSON.stringify({ authorization: 'Bearer ' }, null, 2))
  expect(await pageOf({ scheme: 'Bearer' })).toContain(`"headers":${template}`)
  const open = await pageOf({})
  expect(open).not.toContain(template)
  expect(open).toContain('"shouldPersistHeaders":false')
})
