// Runs a service until a signal arrives, then stops it. An uncaught error stops it too: its state is then
// unknown, but it can still log out.

import type { CommandContext } from './command.ts'

/** How long a stop may take after a crash. */
const crashTimeoutMs = 10_000

/** Sent by Ctrl-C, by a supervisor, and by a terminal that closes. */
const stopSignals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** The message at the first signal. */
export const shutdownSignal = 'Shutting down; press Ctrl-C again to force.'

/**
 * Calls `start`, waits for the first signal, then calls the stop function that `start` resolved with. A
 * second signal exits immediately. After an uncaught exception or rejection it calls `onCrash`, stops within
 * ten seconds, and exits with 1.
 * @param onStop called at the first signal
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
    // A signal during `start` is kept: a session may be open already, and has to be closed.
    const stop = await start()
    await stopped
    await stop()
  } finally {
    for (const signal of stopSignals) signals.off(signal, onSignal)
    signals.off('uncaughtException', onUncaught)
    signals.off('unhandledRejection', onUncaught)
    clearTimeout(forceExitTimer)
    // Something in the process may still be running.
    if (forceExitTimer) exit(1)
  }
}
