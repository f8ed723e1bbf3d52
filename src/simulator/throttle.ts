// How fast answers leave the simulator: all of them together no faster than one link of so many bytes a second.

import type { Clock } from './clock.ts'

/** What goes out at once: answers that leave at the same time share the link by pieces. */
const pieceBytes = 16 * 1024

export interface Pace {
  /** Writes a body piece by piece, each when the link has carried it; ends early when the client has hung up. */
  send(body: Uint8Array, write: (piece: Uint8Array) => void, hangUp: AbortSignal): Promise<void>
}

export function createPace(clock: Clock, bytesPerSecond: number): Pace {
  const now = () => clock.now().getTime()
  /** When all that was given to the link until now is through. */
  let freeAt = 0
  return {
    async send(body, write, hangUp) {
      freeAt = Math.max(freeAt, now())
      for (let offset = 0; offset < body.length && !hangUp.aborted; offset += pieceBytes) {
        const piece = body.subarray(offset, offset + pieceBytes)
        freeAt += (piece.length / bytesPerSecond) * 1_000
        const waitMs = freeAt - now()
        // No timer is finer. What one is late is made up for by the pieces after it.
        if (waitMs >= 1) await passed(clock, waitMs, hangUp)
        write(piece)
      }
    },
  }
}

function passed(clock: Clock, waitMs: number, hangUp: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const over = () => {
      cancel()
      hangUp.removeEventListener('abort', over)
      resolve()
    }
    const cancel = clock.schedule(waitMs, over)
    hangUp.addEventListener('abort', over, { once: true })
  })
}
