// The life of something that serves: start, wait for a signal, stop with all that belongs to it. What nobody has caught
// stops it too: nobody knows what state it is in, but it can still log out.

import type { CommandContext } from './command.ts'

/** How long a stop may take after a crash. */
const crashTimeoutMs = 10_000

/** Asked from the keyboard, by a supervisor, and by a terminal that is closed. */
const stopSignals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** What a person is told at the first signal. */
export const shutdownSignal = 'Shutting down; press Ctrl-C again to force.'

/**
 * Runs what `start` starts until the first signal, then the stop that `start` resolved with. A second signal exits at once.
 * After an exception or a rejection that nobody has caught, which `onCrash` is told of, it is stopped within ten seconds and
 * the process exits with 1. `onStop` is told of the first signal.
 */
export async function runUntilSignal(
  { signals, exit, stdout }: CommandContext,
  start: () => Promise<() => Promise<void>>,
  onCrash: (error: unknown) => void,
  onStop: () => unknown = () => stdout.write(`${shutdownSignal}\n`),
): Promise<void> {
  let onFirstSignal = () => {}
  const stopped = new Promise<void>((resolve) => {
    onFirstSignal = resolve
  })
  let count = 0
  const onSignal = () => {
    if (++count > 1) return exit(1)
    onStop()
    onFirstSignal()
  }
  let forceExitTimer: NodeJS.Timeout | undefined
  const onUncaught = (error: unknown) => {
    onCrash(error)
    forceExitTimer ??= setTimeout(() => exit(1), crashTimeoutMs)
    onFirstSignal()
  }

  for (const signal of stopSignals) signals.on(signal, onSignal)
  signals.on('uncaughtException', onUncaught)
  signals.on('unhandledRejection', onUncaught)
  try {
    // A signal that comes while it starts is kept: a session may be open already, and has to be closed.
    const stop = await start()
    await stopped
    await stop()
  } finally {
    for (const signal of stopSignals) signals.off(signal, onSignal)
    signals.off('uncaughtException', onUncaught)
    signals.off('unhandledRejection', onUncaught)
    clearTimeout(forceExitTimer)
    // Something of it may run on for ever.
    if (forceExitTimer) exit(1)
  }
}
