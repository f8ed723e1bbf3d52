// How fast answers leave the simulator: all of them together no faster than one link of so many bytes a second.

import type { Clock } from './clock.ts'

/** What goes out at once: answers that leave at the same time share the link by pieces. */
const chunkBytes = 16 * 1024

export interface Throttle {
  /** Writes a body piece by piece, each when the link has carried it; ends early when the client has hung up. */
  send(body: Uint8Array, write: (chunk: Uint8Array) => void, clientAbort: AbortSignal): Promise<void>
}

export function createThrottle(clock: Clock, bytesPerSecond: number): Throttle {
  const now = () => clock.now().getTime()
  /** When all that was given to the link until now is through. */
  let freeAt = 0
  return {
    async send(body, write, clientAbort) {
      freeAt = Math.max(freeAt, now())
      for (let offset = 0; offset < body.length && !clientAbort.aborted; offset += chunkBytes) {
        const chunk = body.subarray(offset, offset + chunkBytes)
        freeAt += (chunk.length / bytesPerSecond) * 1_000
        const waitMs = freeAt - now()
        // No timer is finer. What one is late is made up for by the pieces after it.
        if (waitMs >= 1) await delay(clock, waitMs, clientAbort)
        write(chunk)
      }
    },
  }
}

function delay(clock: Clock, waitMs: number, clientAbort: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const over = () => {
      cancel()
      clientAbort.removeEventListener('abort', over)
      resolve()
    }
    const cancel = clock.schedule(waitMs, over)
    clientAbort.addEventListener('abort', over, { once: true })
  })
}
