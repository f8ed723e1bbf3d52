#!/usr/bin/env node
// The executable: run.ts with this process's streams and signals.

import { defaultNodeEnv } from '../config/config.ts'
import { run } from './run.ts'

defaultNodeEnv()

// Whoever reads us may stop early, as `head` does; and a log that nobody reads any more is no reason to stop serving.
for (const stream of [process.stdout, process.stderr])
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
  })

process.exitCode = await run({
  argv: process.argv.slice(2),
  stdout: process.stdout,
  stderr: process.stderr,
  signals: process,
  exit: (code) => process.exit(code),
})
// What was written last is on its way; but a reader that takes nothing must not keep us for ever.
setTimeout(() => process.exit(), 1_000).unref()
