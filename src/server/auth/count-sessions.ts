// Counts the requests that hold a session, so that a gateway without a port can let them finish when it closes.

import { shuttingDownError } from '../errors/shutting-down-error.ts'
import type { AccessProvider } from './access-provider.ts'
import { AuthenticationError } from './authentication-error.ts'

interface CountedSessions {
  /** The same access provider, until `close` is called. */
  readonly accessProvider: AccessProvider
  /** Rejects further requests. Resolves when no request holds a session; logs out of nothing. */
  close(): Promise<void>
}

export function countSessions(accessProvider: AccessProvider): CountedSessions {
  let count = 0
  let isClosing = false
  let resolveEnded = () => {}
  const ended = new Promise<void>((resolve) => {
    resolveEnded = resolve
  })
  const endIfIdle = () => {
    if (isClosing && count === 0) resolveEnded()
  }
  const assertOpen = () => {
    if (!isClosing) return
    const { message, details } = shuttingDownError()
    throw new AuthenticationError('SHUTTING_DOWN', message, details)
  }
  return {
    accessProvider: {
      ...accessProvider,
      async authenticate(authorization) {
        assertOpen()
        const client = await accessProvider.authenticate(authorization)
        return {
          async openSession(info) {
            assertOpen()
            count += 1
            let isReleased = false
            const release = () => {
              if (isReleased) return
              isReleased = true
              count -= 1
              endIfIdle()
            }
            try {
              const session = await client.openSession(info)
              return {
                ...session,
                release() {
                  session.release()
                  release()
                },
              }
            } catch (error) {
              release()
              throw error
            }
          },
        }
      },
    },
    close() {
      isClosing = true
      endIfIdle()
      return ended
    },
  }
}
