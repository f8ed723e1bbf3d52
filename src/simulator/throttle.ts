// Limits the speed of responses: all of them together share a simulated link with a fixed number of bytes per
// second.

import type { Clock } from './clock.ts'

/** Size of one write. Concurrent responses share the link chunk by chunk. */
const chunkBytes = 16 * 1024

export interface Throttle {
  /** Writes a body in chunks, each once the link has transferred it. Stops early if the client disconnects. */
  send(body: Uint8Array, write: (chunk: Uint8Array) => void, clientAbort: AbortSignal): Promise<void>
}

export function createThrottle(clock: Clock, bytesPerSecond: number): Throttle {
  const now = () => clock.now().getTime()
  /** Time at which the link has transferred everything queued so far. */
  let freeAt = 0
  return {
    async send(body, write, clientAbort) {
      freeAt = Math.max(freeAt, now())
      for (let offset = 0; offset < body.length && !clientAbort.aborted; offset += chunkBytes) {
        const chunk = body.subarray(offset, offset + chunkBytes)
        freeAt += (chunk.length / bytesPerSecond) * 1_000
        const waitMs = freeAt - now()
        // Timers have a resolution of 1 ms; later chunks catch up on any delay.
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
