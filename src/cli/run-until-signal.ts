// Runs a service until a signal arrives, then stops it. An uncaught error stops it too: its state is then
// unknown, but it can still log out.

import { isReported } from '../schema/cost/operation-budget.ts'
import type { CommandContext } from './command.ts'

/** How long a stop may take after a crash. */
const crashTimeoutMs = 10_000

/** Sent by Ctrl-C, by a supervisor, and by a terminal that closes. */
const stopSignals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

type StopSignal = (typeof stopSignals)[number]

/**
 * Signals that follow the first one within this time, in milliseconds, are duplicates of it: at Ctrl-C in a terminal, a program
 * that npm started gets SIGINT from the terminal and from npm.
 */
const duplicateMs = 500

/** The message at the first signal. Only Ctrl-C shows that there is a keyboard. */
export const shutdownMessage = (signal: StopSignal): string =>
  signal === 'SIGINT' ? 'shutting down; press Ctrl-C again to force' : 'shutting down'

/** The same as a sentence. */
export const shutdownSentence = (signal: StopSignal): string =>
  `${shutdownMessage(signal).replace('shutting', 'Shutting')}.`

/**
 * Calls `start`, waits for the first signal, then calls the stop function that `start` resolved with. A
 * second signal, unless it is a duplicate of the first, exits immediately. After an uncaught exception, or a rejection that no operation has reported, it calls `onCrash`, stops within
 * ten seconds, and exits with 1.
 * @param onStop called at the first signal
 */
export async function runUntilSignal(
  { signals, exit, stdout, now = () => performance.now() }: CommandContext,
  start: () => Promise<() => Promise<void>>,
  onCrash: (error: unknown) => void,
  onStop: (signal: StopSignal) => unknown = (signal) => stdout.write(`${shutdownSentence(signal)}\n`),
): Promise<void> {
  let onFirstSignal = () => {}
  const stopped = new Promise<void>((resolve) => {
    onFirstSignal = resolve
  })
  let firstSignalAt: number | undefined
  const onSignal = (signal: StopSignal) => {
    if (firstSignalAt !== undefined) {
      if (now() - firstSignalAt >= duplicateMs) exit(1)
      return
    }
    firstSignalAt = now()
    onStop(signal)
    onFirstSignal()
  }
  let forceExitTimer: NodeJS.Timeout | undefined
  const onUncaught = (error: unknown) => {
    onCrash(error)
    forceExitTimer ??= setTimeout(() => exit(1), crashTimeoutMs)
    onFirstSignal()
  }

  const onUnhandled = (error: unknown) => {
    if (!isReported(error)) onUncaught(error)
  }

  const listeners = stopSignals.map((signal) => [signal, () => onSignal(signal)] as const)
  for (const [signal, listener] of listeners) signals.on(signal, listener)
  signals.on('uncaughtException', onUncaught)
  signals.on('unhandledRejection', onUnhandled)
  try {
    // A signal during `start` is kept: a session may be open already, and has to be closed.
    const stop = await start()
    await stopped
    await stop()
  } finally {
    for (const [signal, listener] of listeners) signals.off(signal, listener)
    signals.off('uncaughtException', onUncaught)
    signals.off('unhandledRejection', onUnhandled)
    clearTimeout(forceExitTimer)
    // Something in the process may still be running.
    if (forceExitTimer) exit(1)
  }
}
