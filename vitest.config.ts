import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'
import { oneGraphql } from './vitest.one-graphql.ts'

/** Tests that add types to the schema, or examine the heap, which is large and full of other tests' objects in a shared worker. */
const ownWorker = [
  'test/schema/recipes/**/*.test.ts',
  'test/soap/retained-text.test.ts',
  'test/server/page-memory.test.ts',
]

export default defineConfig({
  resolve: oneGraphql,
  test: {
    // What is waited for comes as soon as it can; on a busy machine that is later.
    expect: { poll: { timeout: 60_000 } },
    setupFiles: ['test/clear-environment.ts'],
    // Tests wait for about half of their time, so one worker more than cores saves a fifth of the whole run.
    maxWorkers: availableParallelism() + 1,
    // For a machine ten times slower than one on which every test takes a few seconds. A test that needs longer says so itself.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    projects: [
      {
        extends: true,
        test: {
          name: 'shared',
          include: ['test/**/*.test.ts'],
          exclude: ['test/interop/**', ...ownWorker],
          // Importing the schema takes longer than most files take to run, so a worker imports it once for all its files.
          isolate: false,
        },
      },
      { extends: true, test: { name: 'isolated', include: ownWorker } },
    ],
  },
})
