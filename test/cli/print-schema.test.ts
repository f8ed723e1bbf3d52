import { buildSchema } from 'graphql'
import { expect, it } from 'vitest'
import { runPrintSchema } from '../../src/cli/print-schema.ts'
import { testContext } from './test-context.ts'

it('prints the schema sorted, with one line break at its end', async () => {
  const { context, written } = testContext('')
  await runPrintSchema(context, async () => ({
    buildSchema: () => buildSchema('type Query { b: Int a: B } type B { z: Int y: Int }'),
  }))
  expect(written.stdout).toBe('type B {\n  y: Int\n  z: Int\n}\n\ntype Query {\n  a: B\n  b: Int\n}\n')
})

it('leaves the mutations out when told', async () => {
  const { context } = testContext('--read-only')
  let asked: unknown
  await runPrintSchema(context, async () => ({
    buildSchema(options) {
      asked = options
      return buildSchema('type Query { a: Int }')
    },
  }))
  expect(asked).toEqual({ readOnly: true })
})
