import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'
import { oneGraphql } from './vitest.one-graphql.ts'

export default defineConfig({
  resolve: oneGraphql,
  test: {
    // What is waited for comes as soon as it can; on a busy machine that is later.
    expect: { poll: { timeout: 5_000 } },
    include: ['test/**/*.test.ts'],
    exclude: ['test/interop/**'],
    setupFiles: ['test/clear-environment.ts'],
    // Importing the schema takes longer than most files take to run, so a worker imports it once for all its files.
    isolate: false,
    // By default there is one worker less than cores, which on two cores means one file at a time.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    // A test that needs longer says so itself.
    testTimeout: 10_000,
  },
})
