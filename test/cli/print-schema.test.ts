// The command print-schema: prints the GraphQL schema as SDL.

import { buildClientSchema, buildSchema, lexicographicSortSchema, printSchema } from 'graphql'
import { expect, it } from 'vitest'
import { run } from '../../src/cli/run.ts'
import { testContext } from './test-context.ts'

async function printed(argv: string): Promise<string> {
  const { context, written } = testContext(`print-schema ${argv}`)
  expect(await run(context)).toBe(0)
  expect(written.stderr).toBe('')
  return written.stdout
}

it('prints the sorted schema, with one line break at its end', async () => {
  const text = await printed('')
  expect(text).toBe(`${printSchema(lexicographicSortSchema(buildSchema(text)))}\n`)
})

it('omits the mutations when configured', async () => {
  expect(await printed('')).toContain('type Mutation {')
  const text = await printed('--read-only')
  expect(text).toContain('type Query {')
  expect(text).not.toMatch(/^type (Mutation|CreateSnapshotPayload) /m)
})

it('prints the introspection of the same schema with --introspection', async () => {
  const client = buildClientSchema(JSON.parse(await printed('--introspection')))
  expect(`${printSchema(client)}\n`).toBe(await printed(''))
})
