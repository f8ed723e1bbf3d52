// Creates the access provider for the configured authentication mode.

import type { SharedAuthConfig } from '../../config/access/access-config.ts'
import type { ServeConfig } from '../../config/config.ts'
import type { Log } from '../../observability/log.ts'
import type { Metrics } from '../../observability/metrics.ts'
import { connectVCenter } from '../../vcenter/connect-vcenter.ts'
import { createUserConnections } from '../../vcenter/user-connections.ts'
import { resolveEndpoint } from '../../vcenter/vcenter-endpoint.ts'
import type { WatchOptions } from '../http/watch-files.ts'
import { type AccessProvider, sharedAccountAccess } from './access-provider.ts'
import { type Authenticator, anonymous } from './authenticator.ts'
import { createJwtAuthenticator } from './jwt.ts'
import { perUserAccess } from './per-user-access.ts'
import { createTokenAuthenticator } from './token.ts'

/** Creates the access provider without logging in. @param shutdownSignal stops watching the files */
export async function createAccessProvider(
  config: ServeConfig,
  log: Log,
  metrics: Metrics,
  shutdownSignal: AbortSignal,
): Promise<AccessProvider> {
  const { auth } = config
  if (auth.mode === 'vsphere')
    return perUserAccess(createUserConnections(config, await resolveEndpoint(config), log, metrics), auth)
  // First, since it reads files: if one is invalid, no connection is left open.
  const authenticator = createAuthenticator(auth, { log, metrics, signal: shutdownSignal })
  return sharedAccountAccess(
    connectVCenter(config, await resolveEndpoint(config), log, metrics),
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
