// HTTP -> GraphQL: one request handler, made of small plugins. It knows no port and no process; server.ts has those.

import { setMaxListeners } from 'node:events'
import { useCSRFPrevention } from '@graphql-yoga/plugin-csrf-prevention'
import { createYoga, useExecutionCancellation, useReadinessCheck } from 'graphql-yoga'
import { Allowance, type Limits } from '../graphql/allowance.ts'
import { AreaScans } from '../graphql/changed-areas/area-scans.ts'
import type { Context } from '../graphql/context.ts'
import { buildSchema } from '../graphql/schema.ts'
import { Reader } from '../plan/reader.ts'
import type { CallRecord, CallScope } from '../vim25/call-scope.ts'
import type { ConnectedVCenter } from './connect-vcenter.ts'
import { nameOf, type Observers } from './operation.ts'
import { answerReadiness } from './readiness.ts'
import { useAllowedHosts } from './use-allowed-hosts.ts'
import { useBodyLimit } from './use-body-limit.ts'
import { useErrors } from './use-errors.ts'
import { useGraphiql } from './use-graphiql.ts'
import { useLimits } from './use-limits.ts'
import { useMetrics } from './use-metrics.ts'
import { useMutationsFirst } from './use-mutations-first.ts'
import { createOperations, useOperations } from './use-operations.ts'
import { requestIdOf, useRequestId } from './use-request-id.ts'
import { useSubscriptions } from './use-subscriptions.ts'
import { useTokenLimit } from './use-token-limit.ts'
import { type Traced, traceHeader, useTrace } from './use-trace.ts'

export interface GatewayOptions extends Observers {
  readonly connected: ConnectedVCenter
  /** Host names that requests may be addressed to. */
  readonly allowedHosts: readonly string[]
  /** Of each operation. */
  readonly limits: Limits
  /** Without mutations. @default false */
  readonly readOnly?: boolean
  /** Ends the subscriptions, which would go on for ever. */
  readonly stopping?: AbortSignal
  /** Whether the vCenter is the embedded simulator, which may be changed without a second thought. @default true */
  readonly isSimulator?: boolean
  /** Whether /ready and /metrics are answered elsewhere (admin-listener.ts), and not here. @default false */
  readonly adminElsewhere?: boolean
}

/** Makes the request handler. It can be called with Requests directly, and handed to a node:http server. */
export function createGateway({
  connected,
  log,
  metrics,
  tracing,
  allowedHosts,
  limits,
  readOnly = false,
  stopping,
  isSimulator = true,
  adminElsewhere = false,
}: GatewayOptions) {
  const { vcenter, memory } = connected
  if (stopping) setMaxListeners(0, stopping)
  const operationOf = createOperations({ log, metrics, tracing })

  function contextOf(requestId: string, scope: CallScope, allowance: Allowance): Context {
    const freshReader = (moment?: number) =>
      new Reader(
        vcenter.session,
        memory,
        moment === undefined ? { ...scope, alone: true } : { ...scope, moment },
      )
    return {
      requestId,
      vcenter,
      scope,
      allowance,
      reader: new Reader(vcenter.session, memory, scope),
      freshReader,
      renewReader(this: Context) {
        this.reader = freshReader()
        return this.reader
      },
      // What is left to be done is bounded by itself: the allowance is that of the operation.
      detached(this: Context) {
        const { identity, change } = this
        const left = contextOf(requestId, { caller: scope.caller }, new Allowance(limits))
        return { ...left, identity, change }
      },
      audit(this: Context, entry) {
        log.info('mutation', { audit: true, requestId, identity: nameOf(this.identity), ...entry })
      },
      areas: new AreaScans(),
    }
  }

  return createYoga<object, Context & Traced>({
    schema: buildSchema({ readOnly }),
    context: ({ request }) => {
      const allowance = new Allowance(limits, request.signal)
      const { signal } = allowance
      setMaxListeners(0, request.signal, signal)
      const calls: CallRecord[] | undefined = request.headers.get(traceHeader) === '1' ? [] : undefined
      const operation = operationOf(request)
      const scope: CallScope = {
        signal,
        onCall(record) {
          operation.call(record)
          calls?.push(record)
        },
        onBytes: (bytes) => allowance.readBytes(bytes),
        onObject: () => allowance.readObject(),
        caller: { first: false },
      }
      return { ...contextOf(requestIdOf(request), scope, allowance), trace: calls }
    },
    plugins: [
      useRequestId(),
      // Before the hosts: probes come by the address of a pod, and what they are told is a status and a word.
      !adminElsewhere &&
        useReadinessCheck({
          endpoint: '/ready',
          async check({ fetchAPI }) {
            const { status, type, text } = await answerReadiness(vcenter.session)
            const headers: HeadersInit = type === undefined ? {} : { 'content-type': type }
            return new fetchAPI.Response(text, { status, headers })
          },
        }),
      useAllowedHosts(allowedHosts, requestIdOf),
      !adminElsewhere && metrics !== undefined && useMetrics(metrics),
      useGraphiql({ readOnly, isSimulator }),
      useCSRFPrevention({ requestHeaders: ['x-graphql-yoga-csrf', traceHeader] }),
      useBodyLimit(),
      useTokenLimit(),
      useExecutionCancellation(),
      useMutationsFirst(),
      useLimits(),
      useSubscriptions({ stopping }),
      useTrace(),
      useErrors({ vcenter, log, requestIdOf }),
      useOperations(operationOf),
    ],
    graphiql: false,
    // useErrors tells and masks them all, so that there is one place and not two.
    maskedErrors: false,
    cors: false,
    landingPage: false,
    healthCheckEndpoint: '/health',
    batching: false,
    multipart: false,
    maxRequestBodySize: false,
    logging: false,
  })
}
