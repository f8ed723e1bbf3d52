// What of the schema callers are offered.

import { file, optional, type Settings, toggle } from './setting.ts'

export const offerSettings = {
  readOnly: {
    ...toggle,
    flag: 'read-only',
    help: 'Leave the mutations out.',
  },
  noIntrospection: {
    ...toggle,
    flag: 'no-introspection',
    help: 'Tell nobody the schema, nor suggest names in errors.',
  },
  noGraphiql: {
    ...toggle,
    flag: 'no-graphiql',
    help: 'Show browsers no GraphiQL.',
  },
  persistedOperations: {
    ...optional(file),
    flag: 'persisted-operations',
    takes: 'FILE',
    help: 'Operations that clients may ask by their id: a JSON object of ids and documents.',
  },
  onlyPersisted: {
    ...toggle,
    flag: 'only-persisted',
    help: 'Take no operations but those of --persisted-operations.',
  },
} as const satisfies Settings
