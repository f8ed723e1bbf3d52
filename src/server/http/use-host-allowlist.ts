// Rejects requests with an unknown host name (DNS rebinding) before any other processing.

import type { Plugin } from 'graphql-yoga'
import type { Log } from '../../observability/log.ts'
import { ApiError } from '../../schema/errors/api-error.ts'
import { errorResponse } from '../errors/error-response.ts'
import { createOnceLogger } from '../telemetry/log-once.ts'
import { requestLogFields } from '../telemetry/request-log-fields.ts'

const remedy =
  'Use a host name that the gateway accepts, or have the gateway’s operator allow this one with --allowed-host.'

/** @param hosts allowed names, in the form of URL.hostname; ports are ignored */
export function useHostAllowlist(hosts: readonly string[], log: Log): Plugin {
  const allowed = new Set(hosts)
  const logOnce = createOnceLogger(log, 'host names')
  return {
    onRequest({ request, fetchAPI, endResponse }) {
      const host = request.headers.get('host')
      const name = hostname(host === null ? undefined : `http://${host}`)
      if (name !== undefined && allowed.has(name)) return
      const message = `the host name ${JSON.stringify(host)} is not allowed`
      const error = new ApiError('FORBIDDEN', message, { remedy })
      const status = 421
      logOnce(
        host ?? '',
        (printableHost) => `request rejected: host name ${printableHost} is not allowed; see --allowed-host`,
        { ...requestLogFields(request), status },
      )
      endResponse(errorResponse(fetchAPI, { request, status, error }))
    },
  }
}

function hostname(url: string | undefined): string | undefined {
  try {
    return url && new URL(url).hostname
  } catch {
    return undefined
  }
}
