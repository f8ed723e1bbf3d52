// Whether a vCenter can be reached, found out without a user name: RetrieveServiceContent is for anyone.

import type { Transport } from '../transport/transport.ts'
import type { CallRecord, CallScope } from './call-scope.ts'
import { createSoapClient } from './soap-client.ts'
import { oldestVersion } from './version.ts'

interface ReachOptions {
  /** Where the SDK is on the server. @default '/sdk' */
  readonly path?: string | undefined
  /** Told of each call. */
  readonly onCall?: ((record: CallRecord) => void) | undefined
}

/** Makes what asks the vCenter what it is, over a connection of its own; rejects when no answer comes, or none of a vCenter. */
export function createReach(
  transport: Transport,
  { path = '/sdk', onCall }: ReachOptions = {},
): (scope: CallScope) => Promise<void> {
  const client = createSoapClient(transport, { version: oldestVersion, path, onCall })
  return async (scope) => {
    await client.call(
      'RetrieveServiceContent',
      { type: 'ServiceInstance', value: 'ServiceInstance' },
      {},
      scope,
    )
  }
}
