// HTTP -> GraphQL: one request handler, made of small plugins. It knows no port and no process; start-server.ts has those.

import { setMaxListeners } from 'node:events'
import { useCSRFPrevention } from '@graphql-yoga/plugin-csrf-prevention'
import { createYoga, useExecutionCancellation } from 'graphql-yoga'
import type { PersistedOperations } from '../config/persisted-operations.ts'
import type { Context } from '../schema/context.ts'
import type { OperationLimits } from '../schema/cost/operation-budget.ts'
import { buildSchema } from '../schema/schema.ts'
import type { AccessProvider, RequestSession } from './auth/access-provider.ts'
import type { WithIdentity } from './auth/identity.ts'
import { useAuthentication } from './auth/use-authentication.ts'
import { useRoleAuthorization } from './auth/use-role-authorization.ts'
import { useErrors } from './errors/use-errors.ts'
import { useBulkLists } from './execution/use-bulk-lists.ts'
import { type ResponseLimits, useChunkedJson } from './execution/use-chunked-json.ts'
import { type ConcurrencyLimits, useConcurrencyLimit } from './execution/use-concurrency-limit.ts'
import { useMutationPriority } from './execution/use-mutation-priority.ts'
import { useOperationLimits } from './execution/use-operation-limits.ts'
import { useSubscriptions } from './execution/use-subscriptions.ts'
import { health, metricsProbe } from './http/probes.ts'
import { createReadiness, type Readiness } from './http/readiness.ts'
import { useCors } from './http/use-cors.ts'
import { useGraphiql } from './http/use-graphiql.ts'
import { useHostAllowlist } from './http/use-host-allowlist.ts'
import { useNotFound } from './http/use-not-found.ts'
import { useProbes } from './http/use-probes.ts'
import { createDocumentCache } from './request/document-cache.ts'
import type { DocumentLimits } from './request/document-limits.ts'
import { useBodyValidation } from './request/use-body-validation.ts'
import { useContentNegotiation } from './request/use-content-negotiation.ts'
import { useDocumentLimits } from './request/use-document-limits.ts'
import { useExtraValidationRules } from './request/use-extra-validation-rules.ts'
import { useNoIntrospection } from './request/use-no-introspection.ts'
import { documentIdParam, usePersistedDocuments } from './request/use-persisted-documents.ts'
import { useReadOnly } from './request/use-read-only.ts'
import { type RequestLimits, useRequestLimits } from './request/use-request-limits.ts'
import { useVariableLimits, type VariableLimits } from './request/use-variable-limits.ts'
import { createContextFactory } from './request-context.ts'
import type { Telemetry } from './telemetry/operation.ts'
import { useClientIp } from './telemetry/use-client-ip.ts'
import { createOperations, useOperationStart, useOperations } from './telemetry/use-operations.ts'
import { useRejectedRequestMetrics } from './telemetry/use-rejected-request-metrics.ts'
import { useRequestId } from './telemetry/use-request-id.ts'
import { type SoapTraced, traceHeader, useSoapTrace } from './telemetry/use-soap-trace.ts'

export interface GatewayOptions extends Telemetry {
  /** How requests are let in, and the vCenter as each has it. */
  readonly accessProvider: AccessProvider
  /** Host names that requests may be addressed to. */
  readonly allowedHosts: readonly string[]
  /** Origins whose pages may ask, beside the gateway's own. @default none */
  readonly allowedOrigins?: readonly string[]
  /** Of each operation, its document, and the request that it comes with. */
  readonly limits: OperationLimits & ResponseLimits & DocumentLimits & VariableLimits & RequestLimits
  /** Of all operations together. */
  readonly concurrency: ConcurrencyLimits
  /** Whether a proxy stands in front, which says where requests come from. @default false */
  readonly trustProxy?: boolean
  /** Without mutations. @default false */
  readonly readOnly?: boolean
  /** Whether clients are told the schema. @default true */
  readonly introspection?: boolean
  /** Whether browsers are shown GraphiQL. @default true */
  readonly graphiql?: boolean
  /** What can be asked by an id. @default nothing */
  readonly persistedOperations?: PersistedOperations | undefined
  /** Ends the subscriptions, which would go on for ever. */
  readonly shutdownSignal?: AbortSignal
  /** What /ready is answered by. @default its own */
  readonly readiness?: Readiness
  /** Ends whatever else still runs, with an error that says why. */
  readonly forceShutdownSignal?: AbortSignal
  /** Whether the vCenter is the embedded simulator, which may be changed without a second thought. @default true */
  readonly isSimulator?: boolean
  /** Whether /ready and /metrics are answered elsewhere (admin-listener.ts), and not here. @default false */
  readonly hasAdminServer?: boolean
}

/**
 * Makes the request handler. It can be called with Requests directly, and handed to a node:http server.
 * @throws ConfigError where a persisted operation is not valid.
 */
export function createGateway({
  accessProvider,
  log,
  metrics,
  tracing,
  allowedHosts,
  allowedOrigins = [],
  limits,
  concurrency,
  trustProxy = false,
  readOnly = false,
  introspection = true,
  graphiql = true,
  persistedOperations,
  shutdownSignal,
  readiness = createReadiness(accessProvider.checkReachable, shutdownSignal),
  forceShutdownSignal,
  isSimulator = true,
  hasAdminServer = false,
}: GatewayOptions) {
  for (const signal of [shutdownSignal, forceShutdownSignal]) if (signal) setMaxListeners(0, signal)
  const sessions = new WeakMap<Request, RequestSession>()
  const sessionFor = (request: Request): RequestSession => {
    const session = sessions.get(request)
    if (!session) throw new Error('a request came through that nobody has let in')
    return session
  }
  // What is refused before its sender is let in has none.
  const operations = createOperations({ log, metrics, tracing }, (request) => sessions.get(request)?.identity)

  const createContext = createContextFactory(limits, log)
  const schema = buildSchema({ readOnly })
  return createYoga<object, Context & SoapTraced & WithIdentity>({
    schema,
    context: (initial) => createContext(initial, sessionFor(initial.request), operations.forContext(initial)),
    plugins: [
      useRequestId(),
      useClientIp(trustProxy),
      metrics !== undefined && useRejectedRequestMetrics(metrics, operations),
      // Before the hosts: probes come by the address of a pod, and what they are told is a status and a word.
      useProbes({
        '/health': health,
        ...(!hasAdminServer && { '/ready': readiness.probe }),
      }),
      useHostAllowlist(allowedHosts, log),
      useCors(allowedOrigins, log),
      !hasAdminServer && metrics !== undefined && useProbes({ '/metrics': metricsProbe(metrics) }),
      graphiql && useGraphiql({ readOnly, isSimulator, scheme: accessProvider.scheme }),
      useNotFound(),
      // What a page elsewhere has a browser send must not log anybody in.
      useCSRFPrevention({ requestHeaders: ['x-graphql-yoga-csrf', traceHeader] }),
      useAuthentication({ accessProvider, sessions, log }),
      useBodyValidation(),
      useOperationStart(operations),
      useRequestLimits(limits),
      useVariableLimits(limits),
      persistedOperations !== undefined &&
        usePersistedDocuments(persistedOperations, { schema, limits, introspection, log }),
      useDocumentLimits(limits),
      readOnly && useReadOnly(),
      !introspection && useNoIntrospection(),
      useExtraValidationRules(),
      useExecutionCancellation(),
      useContentNegotiation(),
      useRoleAuthorization(log),
      useMutationPriority(),
      useOperationLimits(forceShutdownSignal),
      useSubscriptions({ shutdownSignal, revalidate: (request) => sessionFor(request).revalidate() }),
      useBulkLists(),
      useChunkedJson(limits),
      useConcurrencyLimit({ concurrency, hasCallerIdentity: accessProvider.scheme !== undefined, metrics }),
      useSoapTrace(),
      useErrors({
        vcenter: accessProvider.name,
        vcenterIdentityOf: (request) => sessions.get(request)?.connected.vcenter.session.lastLogin?.identity,
        log,
        allowSuggestions: introspection,
      }),
      useOperations(operations),
    ],
    graphiql: false,
    // useErrors tells and masks them all, so that there is one place and not two.
    maskedErrors: false,
    // useCors opens it.
    cors: false,
    landingPage: false,
    // No URL ends so: Yoga would answer any method on any path that ends with its own.
    healthCheckEndpoint: ' ',
    // useRequestLimits refuses what is too many.
    batching: limits.batch > 0 && { limit: limits.batch },
    parserAndValidationCache: { documentCache: createDocumentCache(), errorCache: createDocumentCache() },
    extraParamNames: persistedOperations ? [documentIdParam] : [],
    multipart: false,
    maxRequestBodySize: false,
    logging: false,
  })
}
