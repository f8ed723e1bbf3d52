import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/interop/**'],
    setupFiles: ['test/clear-environment.ts'],
    // A test that needs longer says so itself.
    testTimeout: 10_000,
  },
})
