// The entrance that a configuration has.

import type { ServeConfig } from '../../config/config.ts'
import type { Log } from '../../observability/log.ts'
import type { Metrics } from '../../observability/metrics.ts'
import { connectVCenter } from '../../vcenter/connect-vcenter.ts'
import { connectionsWith } from '../../vcenter/user-connections.ts'
import { endpointOf } from '../../vcenter/vcenter-endpoint.ts'
import { createAuthentication } from './authenticator.ts'
import { type Entrance, sharedEntrance } from './access-provider.ts'
import { personalEntrance } from './per-user-access.ts'

/** Nobody is logged in yet. @param stopping ends the looking at files */
export async function openEntrance(
  config: ServeConfig,
  log: Log,
  metrics: Metrics,
  stopping: AbortSignal,
): Promise<Entrance> {
  const { auth } = config
  if (auth.mode === 'vsphere')
    return personalEntrance(connectionsWith(config, await endpointOf(config), log, metrics), auth)
  // First, as it reads files: where one is wrong, nothing is left open.
  const authentication = createAuthentication(auth, { log, metrics, signal: stopping })
  return sharedEntrance(connectVCenter(config, await endpointOf(config), log, metrics), authentication)
}
