import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'
import { oneGraphql } from './vitest.one-graphql.ts'

/** Parts of the paths of the test files that take longest: those that build, install or use a browser. */
const longest = ['interop/frontends', 'interop/library', 'interop/image-build', 'interop/playground/']

/** Starts the longest files first, so that no worker is idle while another runs one of them at the end. */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification): number => {
      const found = longest.findIndex((part) => moduleId.includes(part))
      return found === -1 ? longest.length : found
    }
    return (await super.sort(files)).sort((a, b) => rank(a) - rank(b))
  }
}

// Against vcsim, govc, pyVmomi and the libraries of clients, which test/interop/setup.sh installs. Files run in parallel: each has
// its own servers on free ports, and writes only to folders of its own.
export default defineConfig({
  resolve: oneGraphql,
  test: {
    // What is waited for comes as soon as it can; on a busy machine that is later.
    expect: { poll: { timeout: 60_000 } },
    include: ['test/interop/**/*.test.ts'],
    setupFiles: ['test/clear-environment.ts'],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    maxWorkers: availableParallelism(),
    // A worker imports the schema, and looks for the external programs, once for all its files.
    isolate: false,
    sequence: { sequencer: LongestFirst },
  },
})
