// `vsphere-graphql print-schema`: prints the schema, sorted, so that two versions can be compared line by
// line.

import { loadPrintSchemaConfig } from '../config/config.ts'
import { printSchemaSettings } from '../config/settings.ts'
import type { Command, CommandContext } from './command.ts'

/** Prints the schema to stdout. */
async function runPrintSchema(context: CommandContext): Promise<void> {
  const config = loadPrintSchemaConfig(context)
  const [{ buildSchema }, { introspectionFromSchema, lexicographicSortSchema, printSchema }] =
    await Promise.all([import('../schema/schema.ts'), import('graphql')])
  const schema = lexicographicSortSchema(buildSchema(config))
  const text = config.introspection ? JSON.stringify(introspectionFromSchema(schema)) : printSchema(schema)
  context.stdout.write(`${text}\n`)
}

export const printSchema: Command = {
  summary: 'Print the GraphQL schema, sorted.',
  settingGroups: { Flags: printSchemaSettings },
  run: runPrintSchema,
}
