// `X-VSphere-Trace: 1`: reports every SOAP call of the operation in extensions.vsphere; for a subscription,
// those since the previous event.

import type { ExecutionResult } from 'graphql'
import type { CallRecord } from '../../vim25/session/call-options.ts'

export const traceHeader = 'x-vsphere-trace'

/** The calls that are not reported yet; undefined if the request has no trace header. */
export interface SoapTraced {
  readonly trace: CallRecord[] | undefined
}

/** Adds the calls that are not reported yet to a result. */
export function withTrace(result: ExecutionResult, trace: SoapTraced['trace']): ExecutionResult {
  if (!trace) return result
  const calls = trace.splice(0).map(({ method, ms, bytes, attempt }) => ({
    method,
    ms: Math.round(ms * 100) / 100,
    bytes,
    ...(attempt > 1 && { attempt }),
  }))
  const retrievals = calls.filter(({ method }) => method === 'RetrievePropertiesEx').length
  return {
    ...result,
    extensions: { ...result.extensions, vsphere: { retrievals, roundTrips: calls.length, calls } },
  }
}
