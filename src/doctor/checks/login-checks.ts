// Checks the login, and the clock of the vCenter.

import { CircuitOpenError } from '../../vim25/session/circuit-breaker.ts'
import { LostLoginResponseError, serviceInstance } from '../../vim25/session/established-login.ts'
import { VimFaultError } from '../../vim25/vim-fault-error.ts'
import { type Check, type Finding, known } from '../check.ts'
import { describeFailure, safeTypeName } from '../failure.ts'

export const loginCheck: Check = {
  id: 'login',
  title: 'Login',
  needs: ['endpoint'],
  async run({ session, signal }) {
    try {
      await session.ensureLogin({ signal })
      return { status: 'ok', found: ['The vCenter accepts the account.'] }
    } catch (error) {
      if (signal.aborted) throw error
      const cause = error instanceof CircuitOpenError ? error.cause : error
      const problem = loginProblem(cause)
      if (!problem) throw cause
      return { status: 'problem', ...problem, stops: true }
    }
  },
}

function loginProblem(error: unknown): Pick<Finding, 'found' | 'todo' | 'facts'> | undefined {
  if (error instanceof LostLoginResponseError)
    return {
      found: [`The login was sent, and ${describeFailure(error)}.`],
      todo: ['Check the identity source of vCenter, which may be slow or unreachable, and run doctor again.'],
    }
  if (!(error instanceof VimFaultError)) {
    const description = describeFailure(error)
    return description === undefined ? undefined : { found: [`The login failed: ${description}.`], todo: [] }
  }
  const facts = { fault: safeTypeName(error.faultName) }
  if (error.is('InvalidLogin'))
    return {
      found: [
        'The vCenter rejected the login. It does not say whether the user name or the password is wrong, the password has expired, or the account is locked or disabled.',
      ],
      todo: [
        'Log in to the vSphere Client with the same account. Write the user name with its domain, NAME@DOMAIN or DOMAIN\\NAME. Do not repeat a wrong password: it locks the account.',
      ],
      facts,
    }
  if (error.is('NoPermission'))
    return {
      found: ['The password is right, but the account has no role on any object.'],
      todo: ['Give the account a role, at least Read-only, on the top of the inventory, with propagation.'],
      facts,
    }
  if (error.is('NotSupported'))
    return {
      found: ['The account is accepted, but cannot read what identifies the server.'],
      todo: ['Give the account at least the role Read-only on the host.'],
      facts,
    }
  return {
    found: [`The vCenter did not accept the login: ${describeFailure(error)}.`],
    todo: ['Check the state of vCenter and of its identity source.'],
    facts,
  }
}

const samples = 5
/** Differences above this are a problem. */
const maxDifferenceMs = 60_000

export const clockCheck: Check = {
  id: 'clock',
  title: 'Clock',
  needs: ['login'],
  async run({ session, signal }) {
    let best: { readonly differenceMs: number; readonly errorMs: number } | undefined
    for (let sample = 0; sample < samples; sample += 1) {
      const login = await session.ensureLogin({ signal })
      const sentAt = Date.now()
      const startedAt = performance.now()
      const now = await login.call('CurrentTime', serviceInstance, {}, { signal })
      // The server's time was taken at some moment of the round trip, and is rounded to a millisecond.
      const errorMs = (performance.now() - startedAt) / 2 + 1
      const differenceMs = now.getTime() - (sentAt + errorMs)
      if (!best || errorMs < best.errorMs) best = { differenceMs, errorMs }
    }
    const { differenceMs, errorMs } = known(best)
    const seconds = (ms: number) => (Math.abs(ms) / 1_000).toFixed(1)
    const facts = { differenceMs: Math.round(differenceMs), errorMs: Math.ceil(errorMs) }
    const direction = differenceMs < 0 ? 'behind' : 'ahead of'
    const difference =
      Math.abs(differenceMs) <= errorMs + 100
        ? 'is that of this machine'
        : `is ${seconds(differenceMs)} s ${direction} that of this machine`
    const found = [`The clock of the vCenter ${difference}, within ${seconds(errorMs + 100)} s.`]
    if (Math.abs(differenceMs) - errorMs <= maxDifferenceMs) return { status: 'ok', found, facts }
    return {
      status: 'problem',
      found,
      todo: [
        'Synchronize both clocks with NTP. Times of snapshots, tasks and events are those of vCenter, so filters by time would miss some.',
      ],
      facts,
    }
  },
}
