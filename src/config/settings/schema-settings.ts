// Settings of the schema and operations that are available to callers.

import { z } from 'zod'
import { file, flagValue, type Settings } from './setting.ts'

export const schemaSettings = {
  readOnly: {
    ...flagValue,
    flag: 'read-only',
    help: 'Disable mutations.',
  },
  noIntrospection: {
    ...flagValue,
    flag: 'no-introspection',
    help: 'Disable introspection and field suggestions.',
  },
  noGraphiql: {
    ...flagValue,
    flag: 'no-graphiql',
    help: 'Disable the playground, GraphiQL with views of results.',
  },
  persistedOperations: {
    ...file,
    value: z.array(file.value).default([]),
    flag: 'persisted-operations',
    placeholder: 'FILE',
    repeatable: true,
    defaultText: '',
    help: 'JSON file that maps ids to documents, for operations that clients send by id. Apollo manifests are accepted. Repeatable.',
  },
  persistedOnly: {
    ...flagValue,
    flag: 'persisted-only',
    help: 'Reject all operations that are not in --persisted-operations.',
  },
} as const satisfies Settings
