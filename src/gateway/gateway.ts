// HTTP -> GraphQL: one request handler, made of small plugins. It knows no port and no process; server.ts has those.

import { randomUUID } from 'node:crypto'
import { setMaxListeners } from 'node:events'
import { useCSRFPrevention } from '@graphql-yoga/plugin-csrf-prevention'
import { createYoga, useExecutionCancellation, useReadinessCheck } from 'graphql-yoga'
import type { PersistedOperations } from '../config/persisted-operations.ts'
import { Allowance, type Limits } from '../graphql/allowance.ts'
import { AreaScans } from '../graphql/changed-areas/area-scans.ts'
import type { Context } from '../graphql/context.ts'
import { buildSchema } from '../graphql/schema.ts'
import type { Log } from '../observability/log.ts'
import { Reader } from '../plan/reader.ts'
import type { CallRecord, CallScope } from '../vim25/call-scope.ts'
import type { ConnectedVCenter } from './connect-vcenter.ts'
import type { DocumentLimits } from './document-limits.ts'
import { useAllowedHosts } from './use-allowed-hosts.ts'
import { useAllowedOrigins } from './use-allowed-origins.ts'
import { useDocumentLimits } from './use-document-limits.ts'
import { useErrors } from './use-errors.ts'
import { useGraphiql } from './use-graphiql.ts'
import { useLimits } from './use-limits.ts'
import { useMutationsFirst } from './use-mutations-first.ts'
import { useNoIntrospection } from './use-no-introspection.ts'
import { documentId, usePersisted } from './use-persisted.ts'
import { type RequestLimits, useRequestLimits } from './use-request-limits.ts'
import { useSubscriptions } from './use-subscriptions.ts'
import { type Traced, traceHeader, useTrace } from './use-trace.ts'
import { useVariableLimits, type VariableLimits } from './use-variable-limits.ts'

export interface GatewayOptions {
  readonly connected: ConnectedVCenter
  readonly log: Log
  /** Host names that requests may be addressed to. */
  readonly allowedHosts: readonly string[]
  /** Origins whose pages may ask, beside the gateway's own. @default none */
  readonly allowedOrigins?: readonly string[]
  /** Of each operation, its document, and the request that it comes with. */
  readonly limits: Limits & DocumentLimits & VariableLimits & RequestLimits
  /** Without mutations. @default false */
  readonly readOnly?: boolean
  /** Whether clients are told the schema. @default true */
  readonly introspection?: boolean
  /** Whether browsers are shown GraphiQL. @default true */
  readonly graphiql?: boolean
  /** What can be asked by an id. @default nothing */
  readonly persisted?: PersistedOperations | undefined
  /** Ends the subscriptions, which would go on for ever. */
  readonly stopping?: AbortSignal
  /** Whether the vCenter is the embedded simulator, which may be changed without a second thought. @default true */
  readonly isSimulator?: boolean
}

/** How long a readiness probe may wait for the vCenter. */
const readinessMs = 5_000

/**
 * Makes the request handler; throws a ConfigError where a persisted operation is not valid. It can be called with Requests directly, and handed to a node:http server.
 */
export function createGateway({
  connected,
  log,
  allowedHosts,
  allowedOrigins = [],
  limits,
  readOnly = false,
  introspection = true,
  graphiql = true,
  persisted,
  stopping,
  isSimulator = true,
}: GatewayOptions) {
  const { vcenter, memory } = connected
  if (stopping) setMaxListeners(0, stopping)
  const requestIds = new WeakMap<Request, string>()
  const requestIdOf = (request: Request): string => {
    const id = requestIds.get(request) ?? randomUUID()
    requestIds.set(request, id)
    return id
  }

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
      detached: () => contextOf(requestId, { caller: scope.caller }, new Allowance(limits)),
      areas: new AreaScans(),
    }
  }

  const schema = buildSchema({ readOnly })
  return createYoga<object, Context & Traced>({
    schema,
    context: ({ request }) => {
      const allowance = new Allowance(limits, request.signal)
      const { signal } = allowance
      setMaxListeners(0, request.signal, signal)
      const calls: CallRecord[] | undefined = request.headers.get(traceHeader) === '1' ? [] : undefined
      const scope: CallScope = {
        signal,
        onCall: calls && ((record) => calls.push(record)),
        onBytes: (bytes) => allowance.readBytes(bytes),
        onObject: () => allowance.readObject(),
        caller: { first: false },
      }
      return { ...contextOf(requestIdOf(request), scope, allowance), trace: calls }
    },
    plugins: [
      // Before the hosts: probes come by the address of a pod, and what they are told is a status alone.
      useReadinessCheck({ endpoint: '/ready', check: isReady }),
      useAllowedHosts(allowedHosts, requestIdOf),
      useAllowedOrigins(allowedOrigins, requestIdOf),
      graphiql && useGraphiql({ readOnly, isSimulator }),
      useCSRFPrevention({ requestHeaders: ['x-graphql-yoga-csrf', traceHeader] }),
      useRequestLimits(limits),
      useVariableLimits(limits),
      persisted !== undefined && usePersisted(persisted, schema, limits, log),
      useDocumentLimits(limits),
      !introspection && useNoIntrospection(),
      useExecutionCancellation(),
      useMutationsFirst(),
      useLimits(),
      useSubscriptions({ stopping }),
      useTrace(),
      useErrors({ vcenter, log, requestIdOf, suggestions: introspection }),
    ],
    graphiql: false,
    // useErrors tells and masks them all, so that there is one place and not two.
    maskedErrors: false,
    // useAllowedOrigins opens it.
    cors: false,
    landingPage: false,
    healthCheckEndpoint: '/health',
    // useRequestLimits refuses what is too many.
    batching: limits.batch > 0 && { limit: limits.batch },
    extraParamNames: persisted ? [documentId] : [],
    multipart: false,
    maxRequestBodySize: false,
    logging: false,
  })

  // A login that stands says nothing of whether the vCenter can be reached now.
  async function isReady(): Promise<boolean> {
    const scope = { signal: AbortSignal.timeout(readinessMs) }
    return vcenter.session.ping(scope).then(
      () => true,
      () => false,
    )
  }
}
