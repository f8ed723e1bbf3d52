// Creates the access provider for the configured authentication mode.

import type { SharedAuthConfig } from '../../config/access/access-config.ts'
import type { ServeConfig } from '../../config/config.ts'
import type { Metrics } from '../../observability/metrics.ts'
import { connectVCenter } from '../../vcenter/connect-vcenter.ts'
import { createUserConnections } from '../../vcenter/user-connections.ts'
import { resolveEndpoint, type VCenterTimings } from '../../vcenter/vcenter-endpoint.ts'
import type { WatchOptions } from '../http/watch-files.ts'
import { type AccessProvider, sharedAccountAccess } from './access-provider.ts'
import { type Authenticator, anonymous } from './authenticator.ts'
import { createJwtAuthenticator } from './jwt.ts'
import { perUserAccess } from './per-user-access.ts'
import { createTokenAuthenticator } from './token.ts'

/** Creates the access provider without logging in. */
export async function createAccessProvider(
  config: ServeConfig,
  watchOptions: WatchOptions & { readonly metrics: Metrics },
  timings: VCenterTimings = {},
): Promise<AccessProvider> {
  const { auth } = config
  const { log, metrics } = watchOptions
  if (auth.mode === 'vsphere')
    return perUserAccess(
      createUserConnections(config, await resolveEndpoint(config, timings), log, metrics),
      auth,
    )
  // First, since it reads files: if one is invalid, no connection is left open.
  const authenticator = createAuthenticator(auth, watchOptions)
  return sharedAccountAccess(
    connectVCenter(config, await resolveEndpoint(config, timings), log, metrics),
    authenticator,
  )
}

function createAuthenticator(config: SharedAuthConfig, watchOptions: WatchOptions): Authenticator {
  switch (config.mode) {
    case 'none':
      return anonymous
    case 'token':
      return createTokenAuthenticator(config.tokenFile, watchOptions)
    case 'jwt':
      return createJwtAuthenticator(config, watchOptions)
  }
}
