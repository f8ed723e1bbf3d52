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
    // A test that needs longer says so itself.
    testTimeout: 10_000,
  },
})
