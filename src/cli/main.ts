#!/usr/bin/env node
// The executable: calls run.ts with this process's streams and signals.

import { defaultNodeEnv } from '../config/config.ts'
import { run } from './run.ts'

defaultNodeEnv()

// The reader of a pipe may stop early, as `head` does. A log without a reader must not stop the server.
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
// Gives pending output time to be written, but does not wait indefinitely for a reader that has stopped.
setTimeout(() => process.exit(), 1_000).unref()
