// The fields of every log line about a request: its id and its origin.

import { clientIpOf } from './use-client-ip.ts'
import { requestIdOf } from './use-request-id.ts'

export interface RequestLogFields {
  readonly requestId: string
  /** The client's address. */
  readonly clientIp: string | undefined
}

export const requestLogFields = (request: Request): RequestLogFields => ({
  requestId: requestIdOf(request),
  clientIp: clientIpOf(request),
})
