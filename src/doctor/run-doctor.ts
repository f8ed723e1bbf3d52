// Runs the checks one after the other, so that the vCenter has at most a few calls of a run at a time, and logs out in any case.

import { FairQueue } from '../concurrency/fair-queue.ts'
import { withSignal, withTimeout } from '../concurrency/timing.ts'
import type { DoctorConfig } from '../config/doctor-config.ts'
import { version } from '../config/version.ts'
import { withCookies } from '../transport/with-cookies.ts'
import { VapiCallLimits } from '../vapi/call-limits.ts'
import { createVapiSession } from '../vapi/vapi-session.ts'
import { resolveEndpoint } from '../vcenter/vcenter-endpoint.ts'
import { createSession } from '../vim25/session/session.ts'
import { assumptionsCheck } from './assumptions/probe-assumptions.ts'
import type { Check, DoctorRun, Finding } from './check.ts'
import { certificateCheck } from './checks/certificate-check.ts'
import { endpointCheck, networkCheck, settingsCheck } from './checks/connection-checks.ts'
import { inventoryCheck } from './checks/inventory-check.ts'
import { clockCheck, loginCheck } from './checks/login-checks.ts'
import { privilegesCheck } from './checks/privileges-check.ts'
import { hostCheck, versionCheck } from './checks/product-checks.ts'
import { sessionsCheck, vapiCheck } from './checks/session-checks.ts'
import { trackingCheck } from './checks/tracking-check.ts'
import { describeFailure, type EndedBy, RunEndedError } from './failure.ts'
import { readOnlyTransport } from './read-only-transport.ts'
import {
  type AssumptionReport,
  type CheckReport,
  type DoctorReport,
  exitCodeOf,
  reportSchemaVersion,
} from './report.ts'

export interface DoctorOptions {
  readonly node: string
  /** Aborts the run, with a report of the checks so far. */
  readonly signal: AbortSignal
  /** Receives lines for the operator that are not part of the report. */
  readonly hint: (line: string) => void
  /** Called before each check. */
  readonly onCheck?: (check: Pick<Check, 'id' | 'title'>) => void
  /** Calls back once at the time limit; returns a function that cancels it. @default a timer */
  readonly onTimeLimit?: (ms: number, callback: () => void) => () => void
}

/** At most this many reads at a time, of the session and of vAPI each. */
const maxConcurrentCalls = 2
const callTimeoutMs = 60_000
/** How long an aborted check may take to end. */
const abortGraceMs = 1_000
/** The largest response is a page of 1,000 objects. */
const vcenterResponseBytes = 64_000_000

/** Checks the configured vCenter. Rejects only if a report is impossible. */
export async function runDoctor(config: DoctorConfig, options: DoctorOptions): Promise<DoctorReport> {
  const startedAt = new Date()
  const begin = performance.now()
  const ended = new AbortController()
  const end = (endedBy: EndedBy) => ended.abort(new RunEndedError(endedBy))
  const onSignal = () => end('signal')
  if (options.signal.aborted) onSignal()
  options.signal.addEventListener('abort', onSignal, { once: true })
  const { hint, onTimeLimit = startTimer } = options
  const cancelTimeLimit = onTimeLimit(config.timeoutMs, () => end('timeout'))

  const calls: Record<string, number> = {}
  const onCall = ({ method }: { readonly method: string }) => {
    calls[method] = (calls[method] ?? 0) + 1
  }
  const limits = { vcenterResponseBytes }
  const endpoint = await resolveEndpoint({ ...config, callTimeoutMs, maxConcurrentCalls, limits })
  const { account } = endpoint
  if (!account) throw new Error('the endpoint has no account')
  const connect = () => readOnlyTransport(endpoint.connect())
  let logout: boolean | undefined
  const session = createSession({
    connect: () => withCookies(connect()),
    path: endpoint.path,
    ...account,
    onCall,
    queue: new FairQueue({ capacity: maxConcurrentCalls }),
    onEvent: (event) => {
      if (event.kind === 'loggedOut') logout = event.isConfirmed
      if (event.kind === 'loginAbandoned') logout = false
    },
  })
  const vapi = createVapiSession({ connect, ...account, limits: new VapiCallLimits(), onCall })
  const { signal } = ended
  const path = endpoint.path ?? '/sdk'
  const run: DoctorRun = { config, signal, path, account, connect, session, vapi, onCall, hint }

  const assumptions: AssumptionReport[] = []
  const reports: CheckReport[] = []
  try {
    const unusable = new Set<string>()
    for (const check of [...checks, assumptionsCheck(assumptions)]) {
      options.onCheck?.(check)
      const { stops = false, ...finding } = await outcomeOf(check, run, unusable)
      if (stops) unusable.add(check.id)
      reports.push({ id: check.id, title: check.title, todo: [], facts: {}, ...finding })
    }
  } finally {
    cancelTimeLimit()
    options.signal.removeEventListener('abort', onSignal)
    await Promise.all([session.close(), vapi.close()])
    await endpoint.close?.()
  }
  reports.push(logoutReport(logout))
  const endedBy = signal.reason instanceof RunEndedError ? signal.reason.endedBy : null
  return {
    schemaVersion: reportSchemaVersion,
    program: { version, node: options.node },
    startedAt: startedAt.toISOString(),
    durationMs: Math.round(performance.now() - begin),
    endedBy,
    exitCode: exitCodeOf(reports, endedBy),
    checks: reports,
    assumptions,
    calls,
  }
}

function startTimer(ms: number, callback: () => void): () => void {
  const timer = setTimeout(callback, ms)
  return () => clearTimeout(timer)
}

const checks: readonly Check[] = [
  settingsCheck,
  networkCheck,
  certificateCheck,
  endpointCheck,
  versionCheck,
  loginCheck,
  clockCheck,
  inventoryCheck,
  privilegesCheck,
  trackingCheck,
  sessionsCheck,
  vapiCheck,
  hostCheck,
]

/** Runs one check. A failure of the check itself is its result. */
async function outcomeOf(check: Check, run: DoctorRun, unusable: ReadonlySet<string>): Promise<Finding> {
  const missing = check.needs?.filter((id) => unusable.has(id)) ?? []
  if (missing.length > 0)
    return {
      status: 'skipped',
      found: [`Needs ${missing.join(' and ')}.`],
      facts: { needs: missing },
      stops: true,
    }
  try {
    run.signal.throwIfAborted()
    return await untilAborted(check.run(run), run.signal)
  } catch (error) {
    const description = describeFailure(error)
    if (description === undefined)
      run.hint(`${check.id}: unexpected error: ${error instanceof Error ? error.stack : String(error)}`)
    const found = [`Not finished: ${description ?? 'unexpected error of this program, see stderr'}.`]
    return { status: 'unknown', found, stops: true }
  }
}

/** Waits for a check. When the run is aborted, the check has a moment to report what it has found so far. */
async function untilAborted(finding: Promise<Finding>, signal: AbortSignal): Promise<Finding> {
  try {
    return await withSignal(finding, signal)
  } catch (error) {
    const partial = signal.aborted ? await withTimeout(finding, abortGraceMs).catch(() => {}) : undefined
    if (!partial) throw error
    return partial
  }
}

function logoutReport(isConfirmed: boolean | undefined): CheckReport {
  const base = { id: 'logout', title: 'Logout', todo: [], facts: {} }
  if (isConfirmed === undefined)
    return { ...base, status: 'skipped', found: ['There was no session.'], facts: { needs: ['login'] } }
  return isConfirmed
    ? { ...base, status: 'ok', found: ['Logged out. No session, view or collector is left.'] }
    : {
        ...base,
        status: 'unknown',
        found: ['The vCenter did not confirm the logout. It ends the session after its idle timeout.'],
      }
}
