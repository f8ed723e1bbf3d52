// Creates the access provider for the configured authentication mode.

import type { SharedAuthConfig } from '../../config/access/access-config.ts'
import { readCaptureKeys } from '../../config/access/capture-key-file.ts'
import type { ServeConfig } from '../../config/config.ts'
import type { Metrics } from '../../observability/metrics.ts'
import type { CaptureSigner } from '../../schema/captures/capture-marker.ts'
import { createCaptureSigner } from '../../vcenter/capture-signer.ts'
import { connectVCenter } from '../../vcenter/connect-vcenter.ts'
import { createUserConnections } from '../../vcenter/user-connections.ts'
import { resolveEndpoint, type VCenterTimings } from '../../vcenter/vcenter-endpoint.ts'
import { type WatchOptions, watchFiles } from '../http/watch-files.ts'
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
  const { auth, captureKeyFile } = config
  const { log, metrics } = watchOptions
  // First, since these read files: if one is invalid, no connection is left open.
  const captureSigner = captureKeyFile === undefined ? undefined : createSigner(captureKeyFile, watchOptions)
  const resolve = async () => ({ ...(await resolveEndpoint(config, timings)), captureSigner })
  if (auth.mode === 'vsphere')
    return perUserAccess(createUserConnections(config, await resolve(), log, metrics), auth)
  const authenticator = createAuthenticator(auth, watchOptions)
  return sharedAccountAccess(connectVCenter(config, await resolve(), log, metrics), authenticator)
}

function createSigner(file: string, watchOptions: WatchOptions): CaptureSigner {
  const keys = watchFiles({
    files: [file],
    read: (readFile) => readCaptureKeys(file, readFile),
    setting: '--capture-key-file',
    watchOptions,
  })
  return createCaptureSigner(() => keys.current)
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
