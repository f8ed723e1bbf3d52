// `--auth vsphere`: everybody logs in to the vCenter as themselves, and its own permissions decide. Nobody is known here but by
// what the vCenter says of them; session-pool.ts keeps the sessions.

import { createHmac, randomBytes } from 'node:crypto'
import type { PersonalAuthConfig } from '../../config/access-config.ts'
import { classifyError } from '../../graphql/classify-error.ts'
import { TransportError } from '../../transport/transport-error.ts'
import { OutageError } from '../../vim25/reachability.ts'
import { isRefusal, UnansweredLoginError } from '../../vim25/standing-login.ts'
import type { PersonalConnections } from '../personal-connections.ts'
import { createSessionPool, PoolFullError } from '../session-pool.ts'
import { AuthenticationError } from './authentication-error.ts'
import { basicCredentials, type Credentials } from './basic-credentials.ts'
import type { Entrance } from './entrance.ts'

/** A session for each person, with user name and password from the Authorization header. */
export function personalEntrance(
  connections: PersonalConnections,
  { maxSessions, idleMs }: Pick<PersonalAuthConfig, 'maxSessions' | 'idleMs'>,
): Entrance {
  const pool = createSessionPool({ most: maxSessions, idleMs })
  const keyOf = createKeys()
  return {
    scheme: 'Basic',
    name: connections.name,
    identify(authorization) {
      const credentials = basicCredentials(authorization)
      const key = keyOf(credentials)
      const tellFailure = (error: unknown) => notLetIn(error, credentials)
      const failure = pool.failureOf(key)
      if (failure) throw failure.told
      return {
        async enter() {
          const account = {
            userName: credentials.userName,
            password: () => credentials.password.reveal(),
          }
          const { connected, login, release } = await pool
            .hold(key, () => connections.connect(account, tellFailure))
            .catch((error: unknown) => {
              throw tellFailure(error)
            })
          const { session } = connected.vcenter
          return {
            // What they may do, the vCenter knows.
            identity: { name: login.userName, role: 'operator' },
            connected,
            stay() {
              if (session.failure) throw session.failure.told
            },
            leave: release,
          }
        },
      }
    },
    // Nobody is there yet to be logged in.
    start: () => void connections.reach({}).catch(() => {}),
    reach: (scope) => connections.reach(scope),
    async close() {
      await pool.close()
      await connections.close()
    },
  }
}

/** Names credentials so that nobody can tell them from their name; it changes with each start. */
function createKeys(): (credentials: Credentials) => string {
  const secret = randomBytes(32)
  return ({ userName, password }) =>
    createHmac('sha256', secret)
      .update(JSON.stringify([userName, password.reveal()]))
      .digest('base64')
}

/** What they are told whom a failure keeps out; what is no such failure is given back. */
function notLetIn(failure: unknown, credentials: Credentials): unknown {
  if (failure instanceof AuthenticationError) return failure
  const error = failure instanceof OutageError ? failure.cause : failure
  const detail = shown(credentials)
  if (error instanceof PoolFullError) {
    return new AuthenticationError(
      'no session',
      'all sessions that the gateway may have with the vCenter are in use',
      { detail },
    )
  }
  if (isRefusal(error)) return refused(credentials)
  if (error instanceof UnansweredLoginError) {
    return new AuthenticationError('no vCenter', 'the vCenter has not answered this login', {
      remedy:
        'Send the request again in a minute. The vCenter is not asked earlier with the same user name and password: it may have refused them, and would lock the account.',
      detail: `${detail}: ${error.message}`,
    })
  }
  // Where it cannot be reached the log says so once.
  if (error instanceof TransportError)
    return new AuthenticationError('no vCenter', 'the vCenter cannot be reached, so nobody can log in')
  const { message, privilege, object, fault } = classifyError(error)
  if (fault === 'NoPermission') {
    return new AuthenticationError('no permission', 'the vCenter knows you, and does not let you log in', {
      privilege,
      object,
      detail,
    })
  }
  if (message === undefined) return error
  return new AuthenticationError('no vCenter', 'the vCenter lets nobody log in now', {
    detail: `${fault ?? 'no fault'}: ${message}`,
  })
}

const refused = (credentials: Credentials): AuthenticationError =>
  new AuthenticationError('invalid', 'the vCenter refuses this user name and password', {
    remedy:
      'Correct them. The vCenter is not asked again with the same ones for 15 minutes, so that the account is not locked.',
    detail: shown(credentials),
  })

/** A name may be as long as a header; in the log it has an end. */
const shown = ({ userName }: Credentials): string => `user ${JSON.stringify(userName.slice(0, 100))}`
