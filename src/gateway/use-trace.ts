// `X-VSphere-Trace: 1`: tells, in extensions.vsphere, every SOAP call that the operation made.

import type { ExecutionResult } from 'graphql'
import type { Plugin } from 'graphql-yoga'
import type { CallRecord } from '../vim25/call-scope.ts'

export const traceHeader = 'x-vsphere-trace'

/** The calls of a request so far, if it asked for them. */
export interface Traced {
  readonly trace: readonly CallRecord[] | undefined
}

export function useTrace(): Plugin<Traced> {
  return {
    onExecute({ args }) {
      return {
        onExecuteDone({ result, setResult }) {
          const { trace } = args.contextValue as Traced
          if (!trace || Symbol.asyncIterator in result) return
          const calls = trace.map(({ method, ms, bytes }) => ({
            method,
            ms: Math.round(ms * 100) / 100,
            bytes,
          }))
          const retrievals = calls.filter(({ method }) => method === 'RetrievePropertiesEx').length
          const plain = result as ExecutionResult
          setResult({
            ...plain,
            extensions: { ...plain.extensions, vsphere: { retrievals, roundTrips: calls.length, calls } },
          })
        },
      }
    },
  }
}
