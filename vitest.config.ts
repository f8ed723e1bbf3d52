import { defineConfig } from 'vitest/config'
import { oneGraphql } from './vitest.one-graphql.ts'

export default defineConfig({
  resolve: oneGraphql,
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/interop/**'],
    setupFiles: ['test/clear-environment.ts'],
    // A test that needs longer says so itself.
    testTimeout: 10_000,
  },
})
