// `--auth vsphere`: each user logs in to the vCenter, whose own permissions apply. The gateway keeps no user
// list; session-pool.ts keeps the sessions.

import { createHmac, randomBytes } from 'node:crypto'
import { NoCapacityError } from '../../concurrency/fair-queue.ts'
import type { PerUserAuthConfig } from '../../config/access/access-config.ts'
import { classifyError } from '../../schema/errors/classify-error.ts'
import { SoapError } from '../../soap/soap-error.ts'
import { TransportError } from '../../transport/transport-error.ts'
import { createSessionPool, PoolFullError } from '../../vcenter/session-pool.ts'
import type { UserConnections } from '../../vcenter/user-connections.ts'
import { CircuitOpenError } from '../../vim25/session/circuit-breaker.ts'
import { isLoginRejected, LostLoginResponseError } from '../../vim25/session/established-login.ts'
import { VimFaultError } from '../../vim25/vim-fault-error.ts'
import { shuttingDownError } from '../errors/shutting-down-error.ts'
import type { AccessProvider } from './access-provider.ts'
import { AuthenticationError } from './authentication-error.ts'
import { basicCredentials, type Credentials } from './basic-credentials.ts'

/**
 * Creates an access provider with one vCenter session per user, from the user name and password in the
 * Authorization header.
 */
export function perUserAccess(
  connections: UserConnections,
  { maxSessions, idleTimeoutMs }: Pick<PerUserAuthConfig, 'maxSessions' | 'idleTimeoutMs'>,
): AccessProvider {
  const pool = createSessionPool({ max: maxSessions, idleTimeoutMs })
  const credentialKey = createCredentialKeys()
  return {
    scheme: 'Basic',
    name: connections.name,
    authenticate(authorization) {
      const credentials = basicCredentials(authorization)
      const key = credentialKey(credentials)
      const failure = pool.cachedFailure(key)
      if (failure) throw failure.publicError
      return {
        async openSession(client) {
          const account = {
            userName: credentials.userName,
            password: () => credentials.password.reveal(),
          }
          const { connected, login, release } = await pool
            .acquire(
              key,
              () => connections.connect(account, (error) => loginDeniedError(error, credentials)),
              client,
            )
            .catch((error: unknown) => {
              throw sessionUnavailableError(error, credentials)
            })
          const { session } = connected.vcenter
          return {
            // The vCenter itself decides which mutations a user may run.
            identity: { name: login.userName, role: 'operator' },
            connected,
            revalidate() {
              if (session.failure) throw session.failure.publicError
            },
            release: release,
          }
        },
      }
    },
    // There is no session to log in yet.
    start: () => void connections.checkReachable({}).catch(() => {}),
    checkReachable: (callOptions) => connections.checkReachable(callOptions),
    async close() {
      await pool.close()
      await connections.close()
    },
  }
}

/**
 * Returns a function that derives an opaque key from credentials. The HMAC secret changes with each start.
 */
function createCredentialKeys(): (credentials: Credentials) => string {
  const secret = randomBytes(32)
  return ({ userName, password }) =>
    createHmac('sha256', secret)
      .update(JSON.stringify([userName, password.reveal()]))
      .digest('base64')
}

/**
 * Converts the failure to acquire a session into the caller's error. Returns errors that are already
 * converted.
 */
function sessionUnavailableError(error: unknown, credentials: Credentials): unknown {
  if (error instanceof PoolFullError) {
    return new AuthenticationError(
      'NO_SESSION',
      'the gateway has reached its limit of vCenter sessions, and all are in use',
      { identity: credentials.userName },
    )
  }
  if (error instanceof NoCapacityError) {
    return new AuthenticationError('NO_SESSION', 'too many logins from this address are queued', {
      remedy: 'Send the request again later.',
      identity: credentials.userName,
    })
  }
  if (error instanceof TransportError || error instanceof SoapError || error instanceof CircuitOpenError) {
    return new AuthenticationError(
      'VCENTER_DOWN',
      'the vCenter cannot be reached, so the login is not possible',
      {
        // The circuit breaker logs an outage once, so each request need not.
        ...(!(error instanceof CircuitOpenError) && {
          identity: credentials.userName,
          detail: error.message,
        }),
      },
    )
  }
  // The vCenter's own faults are already converted, so this one is the gateway's.
  if (error instanceof VimFaultError) {
    const { message, details } = shuttingDownError()
    return new AuthenticationError('SHUTTING_DOWN', message, details)
  }
  return error
}

/** The error for a login that is not retried. */
function loginDeniedError(error: unknown, credentials: Credentials): AuthenticationError {
  if (isLoginRejected(error)) return invalidCredentialsError(credentials)
  const { userName: identity } = credentials
  const { message, privilege, object, fault } = classifyError(error)
  if (fault === 'NoPermission') {
    return new AuthenticationError(
      'NO_PERMISSION',
      'your account is not permitted to log in to this vCenter',
      {
        privilege,
        object,
        identity,
      },
    )
  }
  const detail = `${fault ? `${fault}: ` : ''}${message ?? String(error)}`
  if (error instanceof LostLoginResponseError) {
    return new AuthenticationError('VCENTER_DOWN', 'the vCenter did not respond to the login', {
      remedy:
        'Send the request again in a minute. Until then the gateway does not retry these credentials: the vCenter may have rejected them, and repeated attempts could lock the account.',
      identity,
      detail,
    })
  }
  return new AuthenticationError('VCENTER_DOWN', 'the login to the vCenter failed', {
    identity,
    detail,
  })
}

const invalidCredentialsError = (credentials: Credentials): AuthenticationError =>
  new AuthenticationError('INVALID_CREDENTIALS', 'the vCenter rejected this user name and password', {
    remedy:
      'Correct them. The gateway does not retry the same credentials for 15 minutes, so that the account is not locked.',
    identity: credentials.userName,
  })
