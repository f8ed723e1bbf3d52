// A fake environment for a command: records its output, and sends signals on request of the test.

import { EventEmitter } from 'node:events'
import type { CommandContext } from '../../src/cli/command.ts'

export function testContext(argv: string, env: Record<string, string> = {}) {
  const written = { stdout: '', stderr: '' }
  const exits: number[] = []
  const time = { now: 0 }
  const signals = new EventEmitter()
  const output = (name: keyof typeof written) => ({
    write(text: string) {
      written[name] += text
      signals.emit('written')
    },
  })
  const context: CommandContext = {
    argv: argv.split(' ').filter(Boolean),
    env,
    stdout: output('stdout'),
    stderr: output('stderr'),
    signals,
    now: () => time.now,
    exit: (code) => exits.push(code),
  }
  return {
    context,
    written,
    exits,
    /** The clock of the command, in milliseconds. */
    time,
    /** Emits `written` after every write. */
    signals,
    signal: (name: 'SIGINT' | 'SIGTERM' | 'SIGHUP') => signals.emit(name),
    /** Emits an uncaught error, as the process does. */
    crash: (fault: string, error: unknown) => signals.emit(fault, error),
    listeners: () =>
      ['SIGINT', 'SIGTERM', 'SIGHUP', 'uncaughtException', 'unhandledRejection'].reduce(
        (sum, name) => sum + signals.listenerCount(name),
        0,
      ),
    /** Resolves when stdout contains `text`. */
    until: async (text: string) => {
      while (!written.stdout.includes(text)) await new Promise((resolve) => signals.once('written', resolve))
    },
  }
}
