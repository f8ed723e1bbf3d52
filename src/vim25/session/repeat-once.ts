// Repeats work that makes calls which are not retried one by one: CurrentTime, and those of history collectors, whose positions a lost
// response may have moved.

import { delay } from '../../concurrency/timing.ts'
import type { CallOptions } from './call-options.ts'
import { serviceInstance } from './established-login.ts'
import type { Login } from './login.ts'
import { initialDelayMs, isTransient } from './retries.ts'
import type { Session } from './session.ts'

/** Reads the time of the vCenter. */
export const currentTime = (session: Session, callOptions: CallOptions): Promise<Date> =>
  withLoginRepeated(
    session,
    (login) => login.call('CurrentTime', serviceInstance, {}, callOptions),
    callOptions,
  )

/**
 * Runs `work` with the login, and once more after a transient transport error of the work, if the retry budget allows it. The failure of
 * a login is not repeated.
 *
 * @param work creates again what it needs: a login that lost a server object is replaced
 */
export async function withLoginRepeated<T>(
  session: Session,
  work: (login: Login) => Promise<T>,
  callOptions: CallOptions,
): Promise<T> {
  const { signal } = callOptions
  let hasLogin = false
  const attempt = () => {
    hasLogin = false
    return session.withLogin((login) => {
      hasLogin = true
      return work(login)
    }, callOptions)
  }
  try {
    return await attempt()
  } catch (error) {
    if (!hasLogin || !isTransient(error) || !session.takeRetry()) throw error
    signal?.throwIfAborted()
    await delay(Math.random() * initialDelayMs, { signal })
    return attempt()
  }
}
