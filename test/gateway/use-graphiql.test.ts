// Which examples GraphiQL opens with, and what they have filled in.

import { createYoga } from 'graphql-yoga'
import { expect, it } from 'vitest'
import { useGraphiql } from '../../src/gateway/use-graphiql.ts'
import { buildSchema } from '../../src/graphql/schema.ts'

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
  expect(await pageOf({ readOnly: true })).not.toContain('SnapshotAndAllocatedAreas')
})
