// `X-VSphere-Trace: 1`: reports every SOAP call of the operation in extensions.vsphere; for a subscription,
// those since the previous event.

import type { ExecutionResult } from 'graphql'
import type { Plugin } from 'graphql-yoga'
import type { CallRecord } from '../../vim25/session/call-options.ts'

export const traceHeader = 'x-vsphere-trace'

/** The calls that are not reported yet; undefined if the request has no trace header. */
export interface SoapTraced {
  readonly trace: CallRecord[] | undefined
}

export function useSoapTrace(): Plugin<SoapTraced> {
  return {
    onExecute({ args }) {
      return {
        onExecuteDone({ result, setResult }) {
          const { trace } = args.contextValue as SoapTraced
          if (trace && !(Symbol.asyncIterator in result)) setResult(withTrace(result, trace))
        },
      }
    },
    onSubscribe({ args }) {
      const { trace } = args.contextValue as SoapTraced
      if (!trace) return {}
      return {
        onSubscribeResult: () => ({
          onNext: ({ result, setResult }) => setResult(withTrace(result, trace)),
        }),
      }
    },
  }
}

function withTrace(result: ExecutionResult, trace: CallRecord[]): ExecutionResult {
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
