// `vsphere-graphql print-schema`: the schema as text, sorted, so that two versions of it compare line by line.

import type { GraphQLSchema } from 'graphql'
import { loadPrintSchemaConfig } from '../config/config.ts'
import { printSchemaSettings } from '../config/settings.ts'
import type { Command, CommandContext } from './command.ts'

interface SchemaModule {
  buildSchema(options: { readOnly: boolean }): GraphQLSchema
}

/** Prints the schema to stdout. */
export async function runPrintSchema(
  context: CommandContext,
  load: () => Promise<SchemaModule> = () => import('../graphql/schema.ts'),
): Promise<void> {
  const config = loadPrintSchemaConfig(context)
  const [{ buildSchema }, { lexicographicSortSchema, printSchema }] = await Promise.all([
    load(),
    import('graphql'),
  ])
  context.stdout.write(`${printSchema(lexicographicSortSchema(buildSchema(config)))}\n`)
}

export const printSchema: Command = {
  summary: 'Prints the GraphQL schema, sorted.',
  settings: printSchemaSettings,
  run: (context) => runPrintSchema(context),
}
