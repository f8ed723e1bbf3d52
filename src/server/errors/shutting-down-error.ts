// The error for operations that end because the gateway shuts down.

import { ApiError } from '../../schema/errors/api-error.ts'

export const shuttingDownError = (): ApiError =>
  new ApiError('SHUTTING_DOWN', 'the gateway is shutting down', {
    retryable: true,
    remedy: 'Send the request again when the gateway has restarted.',
  })
