// Settings of the schema and operations that are available to callers.

import { file, flagValue, optional, type Settings } from './setting.ts'

export const schemaSettings = {
  readOnly: {
    ...flagValue,
    flag: 'read-only',
    help: 'Leave the mutations out.',
  },
  noIntrospection: {
    ...flagValue,
    flag: 'no-introspection',
    help: 'Tell nobody the schema, nor suggest names in errors.',
  },
  noGraphiql: {
    ...flagValue,
    flag: 'no-graphiql',
    help: 'Show browsers no GraphiQL.',
  },
  persistedOperations: {
    ...optional(file),
    flag: 'persisted-operations',
    placeholder: 'FILE',
    help: 'Operations that clients may ask by their id: a JSON object of ids and documents.',
  },
  persistedOnly: {
    ...flagValue,
    flag: 'persisted-only',
    help: 'Take no operations but those of --persisted-operations.',
  },
} as const satisfies Settings
