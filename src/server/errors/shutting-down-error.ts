// What those are told whose operation ends because the gateway does.

import { ApiError } from '../../schema/errors/api-error.ts'

export const shuttingDownError = (): ApiError =>
  new ApiError('SHUTTING_DOWN', 'The gateway is shutting down.', {
    retryable: true,
    remedy: 'Ask again when it is back.',
  })
