// Connections of several users to one vCenter, each with its own session. A user gets the errors of their own
// session; an outage of the vCenter is detected once for all users, without a login, and logged once.

import type { Log } from '../observability/log.ts'
import type { Metrics } from '../observability/metrics.ts'
import { withCookies } from '../transport/with-cookies.ts'
import type { CallOptions } from '../vim25/session/call-options.ts'
import { createReachabilityProbe } from '../vim25/session/reachability-probe.ts'
import { type ConnectConfig, type ConnectedVCenter, createVCenterConnector } from './connect-vcenter.ts'
import type { VCenterEndpoint, VSphereAccount } from './vcenter-endpoint.ts'
import { createVCenterLog, isSessionEnd } from './vcenter-log.ts'

export interface UserConnections {
  /** The name of the vCenter in the API. */
  readonly name: string
  /**
   * Prepares a session for an account. It logs in on first use.
   * @param toPublicError converts the error of a login that is not retried
   */
  connect(account: VSphereAccount, toPublicError: (error: unknown) => unknown): ConnectedVCenter
  /** Resolves when the vCenter responds to a call without a login. */
  checkReachable(callOptions: Pick<CallOptions, 'signal'>): Promise<void>
  /** Closes the simulator, if there is one. Each session is logged out by its own close(). */
  close(): Promise<void>
}

export function createUserConnections(
  config: ConnectConfig,
  endpoint: VCenterEndpoint,
  log: Log,
  metrics?: Metrics,
): UserConnections {
  const { vcenterName } = config
  const vcenterLog = createVCenterLog(vcenterName, log)
  const connector = createVCenterConnector(config, endpoint, log, metrics, () => probe.circuitBreaker.outage)
  const probe = createReachabilityProbe(withCookies(endpoint.connect()), {
    ...endpoint.circuitBreaker,
    path: endpoint.path,
    onCall: connector.vcenterMetrics?.call,
    onOpen: vcenterLog.onUnreachable,
    onClose: vcenterLog.onRecovered,
  })
  return {
    name: vcenterName,
    connect: (account, toPublicError) =>
      connector.connect(account, {
        sharedVCenter: { probe, toPublicError },
        onEvent(event) {
          if (event.kind === 'loggedIn' || isSessionEnd(event)) vcenterLog.onSessionEvent(event)
        },
      }),
    checkReachable: (callOptions) => probe.check(callOptions),
    async close() {
      await probe.close()
      await endpoint.close?.()
    },
  }
}
