// The life of something that serves: start, wait for SIGINT or SIGTERM, stop with all that belongs to it.

import type { CommandContext } from './command.ts'

/** Runs what `start` starts until the first signal, then the stop that `start` resolved with. A second signal exits at once. */
export async function untilStopped(
  { signals, exit, stdout }: CommandContext,
  start: () => Promise<() => Promise<void>>,
): Promise<void> {
  let onFirst = () => {}
  const stopped = new Promise<void>((resolve) => {
    onFirst = resolve
  })
  let count = 0
  const onSignal = () => {
    if (++count > 1) return exit(1)
    stdout.write('Stopping; once more exits at once.\n')
    onFirst()
  }

  signals.on('SIGINT', onSignal)
  signals.on('SIGTERM', onSignal)
  try {
    // A signal that comes while it starts is kept: a session may be open already, and has to be closed.
    const stop = await start()
    await stopped
    await stop()
  } finally {
    signals.off('SIGINT', onSignal)
    signals.off('SIGTERM', onSignal)
  }
}
