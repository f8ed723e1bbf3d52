// An existing vCenter as the target of a soak: only the gateway's clients act on it. Separate connections
// detect outages and list the gateway's sessions.

import { setTimeout as sleep } from 'node:timers/promises'
import { createLog, loadServeConfig, type Transport } from 'vsphere-graphql'
import { connectVCenter } from '#connect-vcenter'
import { resolveEndpoint } from '#vcenter-endpoint'
import { ownConflict } from '../clients.ts'
import { aborted, clientAbort } from '../operation-stats.ts'
import { Periods } from '../periods.ts'
import { outageCodes, type VCenterUnderTest } from './vcenter-under-test.ts'

/** @param flags flags of `serve`, which name the vCenter */
export async function externalVCenter(
  flags: readonly string[],
  changes: string | undefined,
): Promise<VCenterUnderTest> {
  const config = loadServeConfig({ argv: flags })
  const endpoint = await resolveEndpoint(config)
  const silent = createLog({ write: () => {} })

  /** Returns the keys of sessions with our user agent; undefined if the list is hidden. */
  async function listSessions(): Promise<ReadonlySet<string> | undefined> {
    const control = connectVCenter(config, endpoint, silent)
    try {
      return await control.vcenter.session.withLogin(async ({ content, key, call }) => {
        const obj = content.sessionManager
        if (!obj) return undefined
        const propSet = [{ type: 'SessionManager', pathSet: ['sessionList'] }]
        const specSet = [{ propSet, objectSet: [{ obj, skip: false }] }]
        const found = await call(
          'RetrievePropertiesEx',
          content.propertyCollector,
          { specSet, options: {} },
          {},
        )
        const list = (found?.objects?.[0]?.propSet?.[0]?.val ?? []) as readonly UserSession[]
        const keys = new Set(list.filter(isOwnSession).map((session) => session.key))
        // If the list does not even contain the control session, it is hidden.
        return keys.delete(key) ? keys : undefined
      })
    } finally {
      await control.close()
    }
  }

  const before = await listSessions()
  const ownSessions = async () => {
    const now = await listSessions()
    return now && [...now].filter((key) => !before?.has(key)).length
  }
  const outages = new Periods()
  const stopped = new AbortController()
  const watcher = watchReachability(endpoint.connect(), endpoint.path ?? '/sdk', outages, stopped.signal)
  return {
    flags,
    env: process.env,
    changes,
    outages,
    async injectFaults(until) {
      await sleep(2 ** 30, undefined, { signal: until }).catch(() => {})
      return 'faults         none injected'
    },
    isExpected({ operation, outcome, from, to, since = from }, rejected) {
      if (operation === clientAbort) return outcome === aborted
      // For callers, an outage lasts until the gateway has reconnected.
      const operationPeriod = { from: since, to }
      const wasUnreachable =
        outages.overlaps(operationPeriod) ||
        rejected.all.some((each) => each.from <= to && (each.to ?? to) >= since && outages.overlaps(each))
      return wasUnreachable && (outageCodes.has(outcome) || afterRestart.has(outcome))
    },
    async sessions() {
      const targets = await ownSessions()
      return targets === undefined ? undefined : { open: targets, orphans: 0 }
    },
    async leftovers() {
      const count = await ownSessions()
      return count ? [`${count} sessions are left on the vCenter`] : []
    },
    async close() {
      stopped.abort()
      await watcher
    },
  }
}

interface UserSession {
  readonly key: string
  readonly userAgent?: string
}

const isOwnSession = ({ userAgent }: UserSession): boolean =>
  userAgent?.startsWith('vsphere-graphql/') ?? false

/** Outcomes after a restart: the vCenter may have lost the object, or may still be working on the change. */
const afterRestart: ReadonlySet<string> = new Set(['NOT_FOUND', ownConflict])

const everyMs = 100
const timeoutMs = 2_000

/** Records outages, from the first request that failed. */
async function watchReachability(
  transport: Transport,
  path: string,
  outages: Periods,
  stopped: AbortSignal,
): Promise<void> {
  let lastReachableAt = Date.now()
  while (!stopped.aborted) {
    const requestedAt = Date.now()
    try {
      const url = `${path}/vimServiceVersions.xml`
      const { status, body } = await transport.send({
        method: 'GET',
        path: url,
        headers: {},
        timeoutMs: timeoutMs,
      })
      for await (const _ of body);
      if (status >= 500) throw new Error(`HTTP status ${status}`)
      lastReachableAt = requestedAt
      outages.end(Date.now())
    } catch {
      outages.begin(lastReachableAt)
    }
    await sleep(everyMs, undefined, { signal: stopped }).catch(() => {})
  }
  await transport.close()
}
