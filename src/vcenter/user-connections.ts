// Connections of several people with one vCenter, each with a session of its own. What is wrong with one of them is told to that
// one; that the vCenter is out of reach is found out for all, without a login, and said once.

import type { Log } from '../observability/log.ts'
import type { Metrics } from '../observability/metrics.ts'
import { withCookies } from '../transport/with-cookies.ts'
import type { CallScope } from '../vim25/session/call-options.ts'
import { createReach } from '../vim25/session/reachability-probe.ts'
import { type ConnectConfig, type ConnectedVCenter, createConnector } from './connect-vcenter.ts'
import { createSessionNews, isAtTheEnd } from './vcenter-log.ts'
import type { Account, VCenterEndpoint } from './vcenter-endpoint.ts'

export interface PersonalConnections {
  /** What the API calls the vCenter. */
  readonly name: string
  /**
   * Prepares a session for an account; it logs in when it is first used.
   * @param tellFailure what is told of a login that is not tried again
   */
  connect(account: Account, tellFailure: (error: unknown) => unknown): ConnectedVCenter
  /** Resolves when the vCenter answers, which it is asked without a login. */
  reach(scope: Pick<CallScope, 'signal'>): Promise<void>
  /** Ends the simulator if there is one. Each session is logged out by its own close. */
  close(): Promise<void>
}

export function connectionsWith(
  config: ConnectConfig,
  endpoint: VCenterEndpoint,
  log: Log,
  metrics?: Metrics,
): PersonalConnections {
  const { name } = config
  const news = createSessionNews(name, log)
  const connector = createConnector(config, endpoint, log, metrics, () => reach.reachability.outage)
  const reach = createReach(withCookies(endpoint.connect()), {
    ...endpoint.reachability,
    path: endpoint.path,
    onCall: connector.measured?.call,
    onLost: news.lost,
    onBack: news.reached,
  })
  return {
    name,
    connect: (account, tellFailure) =>
      connector.connect(account, {
        shared: { reach, tellFailure },
        onChange(change) {
          if (change.kind === 'logged in' || isAtTheEnd(change)) news.tell(change)
        },
      }),
    reach: (scope) => reach.ask(scope),
    async close() {
      await reach.close()
      await endpoint.close?.()
    },
  }
}
