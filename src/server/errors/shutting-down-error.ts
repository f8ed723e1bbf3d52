// What those are told whose operation ends because the gateway does.

import { ApiError } from '../../schema/errors/api-error.ts'

export const gatewayStops = (): ApiError =>
  new ApiError('VCENTER_UNAVAILABLE', 'the gateway stops', {
    retryable: true,
    remedy: 'Ask again when it is back.',
  })
