#!/usr/bin/env node
// The executable: run.ts with this process's streams and signals.

import { runInProduction } from '../config/config.ts'
import { run } from './run.ts'

runInProduction()

// Whoever reads us may stop early, as `head` does.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
})

process.exitCode = await run({
  argv: process.argv.slice(2),
  stdout: process.stdout,
  stderr: process.stderr,
  signals: process,
  exit: (code) => process.exit(code),
})
