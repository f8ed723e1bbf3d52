// What a line of the log about a request has in any case: which one it was, and where it came from.

import { remoteOf } from './use-client-ip.ts'
import { requestIdOf } from './use-request-id.ts'

export interface RequestFields {
  readonly requestId: string
  /** The address of who sent it. */
  readonly remote: string | undefined
}

export const requestFields = (request: Request): RequestFields => ({
  requestId: requestIdOf(request),
  remote: remoteOf(request),
})
