// Creates the GraphQL request handler from small Yoga plugins. It is independent of ports and the process;
// see start-server.ts for those.

import { setMaxListeners } from 'node:events'
import { createYoga } from 'graphql-yoga'
import type { PersistedOperations } from '../config/persisted-operations.ts'
import type { Context } from '../schema/context.ts'
import type { OperationLimits } from '../schema/cost/operation-budget.ts'
import { buildSchema } from '../schema/schema.ts'
import type { AccessProvider, RequestSession } from './auth/access-provider.ts'
import type { WithIdentity } from './auth/identity.ts'
import { useAuthentication } from './auth/use-authentication.ts'
import { useAreaDownloads } from './downloads/use-area-downloads.ts'
import { useErrorBodies } from './errors/use-error-bodies.ts'
import { createErrorConverter, useErrors } from './errors/use-errors.ts'
import type { ResponseLimits } from './execution/chunked-json.ts'
import { type ConcurrencyLimits, createConcurrencyLimit } from './execution/concurrency-limit.ts'
import { useExecution } from './execution/execute-operation.ts'
import { health, metricsProbe } from './http/probes.ts'
import { createReadiness, type Readiness } from './http/readiness.ts'
import { useCors } from './http/use-cors.ts'
import { useCsrfPrevention } from './http/use-csrf-prevention.ts'
import { useHostAllowlist } from './http/use-host-allowlist.ts'
import { useNotFound } from './http/use-not-found.ts'
import { useProbes } from './http/use-probes.ts'
import { usePlayground } from './playground/use-playground.ts'
import { createDocumentCache } from './request/document-cache.ts'
import { useContentNegotiation } from './request/use-content-negotiation.ts'
import { documentIdParam, usePersistedDocuments } from './request/use-persisted-documents.ts'
import { type RequestLimits, useRequestChecks } from './request/use-request-checks.ts'
import type { DocumentLimits } from './request/validation/document-limits.ts'
import { useDocumentValidation } from './request/validation/use-document-validation.ts'
import { createContextFactory } from './request-context.ts'
import type { Telemetry } from './telemetry/operation.ts'
import type { SoapTraced } from './telemetry/soap-trace.ts'
import { useClientIp } from './telemetry/use-client-ip.ts'
import { createOperations, useOperationStart, useOperations } from './telemetry/use-operations.ts'
import { useRequestId } from './telemetry/use-request-id.ts'

export interface RequestHandlerOptions extends Telemetry {
  /** Authenticates requests and provides the vCenter connection of each caller. */
  readonly accessProvider: AccessProvider
  /** Accepted host names of the `Host` header. */
  readonly allowedHosts: readonly string[]
  /** Origins, besides the gateway's own, whose pages may send requests. @default none */
  readonly allowedOrigins?: readonly string[]
  /** Limits per operation, per document and per HTTP request. */
  readonly limits: OperationLimits & ResponseLimits & DocumentLimits & RequestLimits
  /** Limits across all operations. */
  readonly concurrency: ConcurrencyLimits
  /** Whether to take the client address from the headers of a reverse proxy. @default false */
  readonly trustProxy?: boolean
  /** Omits mutations from the schema. @default false */
  readonly readOnly?: boolean
  /** Whether introspection is enabled. @default true */
  readonly introspection?: boolean
  /** Whether to serve the playground to browsers. @default true */
  readonly graphiql?: boolean
  /** The folder of the built playground. @default the package's own */
  readonly playgroundDirectory?: string
  /** Operations that clients can run by id. @default none */
  readonly persistedOperations?: PersistedOperations | undefined
  /** Where these come from, for error messages. @default --persisted-operations */
  readonly persistedOperationsName?: string
  /** Ends subscriptions, which would otherwise never end. */
  readonly shutdownSignal?: AbortSignal
  /** The handler of /ready. @default a new one for this gateway */
  readonly readiness?: Readiness
  /** Ends all operations that are still running, with an error that gives the reason. */
  readonly forceShutdownSignal?: AbortSignal
  /**
   * Whether the vCenter is the embedded simulator, so the playground's examples may safely change it. @default true
   */
  readonly isSimulator?: boolean
  /** Whether admin-listener.ts serves /ready and /metrics instead of this handler. @default false */
  readonly hasAdminServer?: boolean
}

/**
 * Creates the request handler. Call it with a `Request`, or pass it to a node:http server.
 * @throws ConfigError if a persisted operation is invalid
 */
export function createRequestHandler({
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
  playgroundDirectory: directory,
  persistedOperations,
  persistedOperationsName: name = '--persisted-operations',
  shutdownSignal,
  readiness = createReadiness(accessProvider.checkReachable, shutdownSignal),
  forceShutdownSignal,
  isSimulator = true,
  hasAdminServer = false,
}: RequestHandlerOptions) {
  for (const signal of [shutdownSignal, forceShutdownSignal]) if (signal) setMaxListeners(0, signal)
  const sessions = new WeakMap<Request, RequestSession>()
  const sessionFor = (request: Request): RequestSession => {
    const session = sessions.get(request)
    if (!session) throw new Error('the request was executed without authentication')
    return session
  }
  // Requests rejected before authentication have no identity.
  const operations = createOperations({ log, metrics, tracing }, (request) => sessions.get(request)?.identity)
  const schema = buildSchema({ readOnly })
  const errors = createErrorConverter({
    vcenter: accessProvider.name,
    vcenterIdentityOf: (request) => sessions.get(request)?.connected.vcenter.session.lastLogin?.identity,
    log,
    suggestFrom: introspection ? schema : undefined,
  })
  const hasCallerIdentity = accessProvider.scheme !== undefined

  const createContext = createContextFactory(limits, log, readOnly)
  return createYoga<object, Context & SoapTraced & WithIdentity>({
    schema,
    context: (initial) => createContext(initial, sessionFor(initial.request), operations.forContext(initial)),
    plugins: [
      useErrorBodies(),
      useRequestId(),
      useClientIp(trustProxy),
      // Before the host check: Kubernetes probes use the pod's address, and the response only has a status
      // and a word.
      useProbes({
        '/health': health,
        ...(!hasAdminServer && { '/ready': readiness.probe }),
      }),
      useHostAllowlist(allowedHosts, log),
      useCors(allowedOrigins, log),
      !hasAdminServer && metrics !== undefined && useProbes({ '/metrics': metricsProbe(metrics) }),
      graphiql && usePlayground({ readOnly, isSimulator, scheme: accessProvider.scheme, directory }),
      useNotFound(),
      useCsrfPrevention(),
      useAuthentication({ accessProvider, sessions, log, logInternal: errors.logInternal }),
      useOperationStart(operations),
      useRequestChecks(limits),
      persistedOperations !== undefined &&
        usePersistedDocuments(persistedOperations, { schema, limits, readOnly, introspection, log, name }),
      useDocumentValidation(limits, { readOnly, introspection }),
      useContentNegotiation(),
      useAreaDownloads(),
      useExecution({
        limits,
        concurrency: createConcurrencyLimit({ concurrency, hasCallerIdentity, metrics }),
        errors,
        operationOf: operations.forContext,
        log,
        shutdownSignal,
        forceShutdownSignal,
        revalidate: (request) => sessionFor(request).revalidate(),
      }),
      useErrors(errors),
      useOperations(operations, metrics),
    ],
    // useNotFound rejects all other paths.
    graphqlEndpoint: '/*',
    graphiql: false,
    // useErrors masks all errors, so that there is a single place for it.
    maskedErrors: false,
    // useCors handles CORS.
    cors: false,
    landingPage: false,
    // No URL ends with a space. Yoga would match its health check on any method and on any path with that
    // suffix.
    healthCheckEndpoint: ' ',
    // useRequestChecks rejects batches over the limit.
    batching: limits.batch > 0 && { limit: limits.batch },
    parserAndValidationCache: { documentCache: createDocumentCache(), errorCache: createDocumentCache() },
    extraParamNames: persistedOperations ? [documentIdParam] : [],
    multipart: false,
    maxRequestBodySize: false,
    logging: false,
  })
}
