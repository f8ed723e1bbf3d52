// What a line of the log about a request has in any case: which one it was, and where it came from.

import { clientIpOf } from './use-client-ip.ts'
import { requestIdOf } from './use-request-id.ts'

export interface RequestLogFields {
  readonly requestId: string
  /** The address of who sent it. */
  readonly clientIp: string | undefined
}

export const requestLogFields = (request: Request): RequestLogFields => ({
  requestId: requestIdOf(request),
  clientIp: clientIpOf(request),
})
