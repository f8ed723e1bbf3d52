import { defineConfig } from 'vitest/config'
import { oneGraphql } from './vitest.one-graphql.ts'

// Against vcsim, govc, pyVmomi and the libraries of clients, which test/interop/setup.sh installs.
export default defineConfig({
  resolve: oneGraphql,
  test: {
    // What is waited for comes as soon as it can; on a busy machine that is later.
    expect: { poll: { timeout: 60_000 } },
    include: ['test/interop/**/*.test.ts'],
    setupFiles: ['test/clear-environment.ts'],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // One vcsim at a time: its timings are compared, and another one would disturb them.
    fileParallelism: false,
  },
})
