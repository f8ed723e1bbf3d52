// HTTP -> GraphQL: one request handler, made of small plugins. It knows no port and no process; start-server.ts has those.

import { setMaxListeners } from 'node:events'
import { useCSRFPrevention } from '@graphql-yoga/plugin-csrf-prevention'
import { createYoga, useExecutionCancellation } from 'graphql-yoga'
import type { PersistedOperations } from '../config/persisted-operations.ts'
import type { Limits } from '../schema/cost/operation-budget.ts'
import type { Context } from '../schema/context.ts'
import { buildSchema } from '../schema/schema.ts'
import type { Entrance, Visit } from './auth/access-provider.ts'
import type { Identified } from './auth/identity.ts'
import { createContexts } from './request-context.ts'
import { createDocumentCache } from './request/document-cache.ts'
import type { DocumentLimits } from './request/document-limits.ts'
import type { Observers } from './telemetry/operation.ts'
import { health, metricsAnswer } from './http/probes.ts'
import { createReadiness, type Readiness } from './http/readiness.ts'
import { useAccept } from './request/use-content-negotiation.ts'
import { useAllowedHosts } from './http/use-host-allowlist.ts'
import { useAllowedOrigins } from './http/use-cors.ts'
import { type AnswerLimits, useAnswerText } from './execution/use-chunked-json.ts'
import { useAuthentication } from './auth/use-authentication.ts'
import { useDocumentLimits } from './request/use-document-limits.ts'
import { useErrors } from './errors/use-errors.ts'
import { useExecutableDocuments } from './request/use-extra-validation-rules.ts'
import { useGraphiql } from './http/use-graphiql.ts'
import { useKnownPaths } from './http/use-not-found.ts'
import { useLimits } from './execution/use-operation-limits.ts'
import { useMutationsFirst } from './execution/use-mutation-priority.ts'
import { useNoIntrospection } from './request/use-no-introspection.ts'
import { createOperations, useBeginnings, useOperations } from './telemetry/use-operations.ts'
import { documentId, usePersisted } from './request/use-persisted-documents.ts'
import { type AtOnce, usePlaces } from './execution/use-concurrency-limit.ts'
import { usePlainAnswers } from './http/use-probes.ts'
import { usePlainLists } from './execution/use-bulk-lists.ts'
import { useReadOnly } from './request/use-read-only.ts'
import { useReadableParameters } from './request/use-body-validation.ts'
import { useRefusals } from './telemetry/use-rejected-request-metrics.ts'
import { useRemote } from './telemetry/use-client-ip.ts'
import { useRequestId } from './telemetry/use-request-id.ts'
import { type RequestLimits, useRequestLimits } from './request/use-request-limits.ts'
import { useRoles } from './auth/use-role-authorization.ts'
import { useSubscriptions } from './execution/use-subscriptions.ts'
import { type Traced, traceHeader, useTrace } from './telemetry/use-soap-trace.ts'
import { useVariableLimits, type VariableLimits } from './request/use-variable-limits.ts'

export interface GatewayOptions extends Observers {
  /** How requests are let in, and the vCenter as each has it. */
  readonly entrance: Entrance
  /** Host names that requests may be addressed to. */
  readonly allowedHosts: readonly string[]
  /** Origins whose pages may ask, beside the gateway's own. @default none */
  readonly allowedOrigins?: readonly string[]
  /** Of each operation, its document, and the request that it comes with. */
  readonly limits: Limits & AnswerLimits & DocumentLimits & VariableLimits & RequestLimits
  /** Of all operations together. */
  readonly atOnce: AtOnce
  /** Whether a proxy stands in front, which says where requests come from. @default false */
  readonly behindTlsProxy?: boolean
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
  /** What /ready is answered by. @default its own */
  readonly readiness?: Readiness
  /** Ends whatever else still runs, with an error that says why. */
  readonly cutOff?: AbortSignal
  /** Whether the vCenter is the embedded simulator, which may be changed without a second thought. @default true */
  readonly isSimulator?: boolean
  /** Whether /ready and /metrics are answered elsewhere (admin-listener.ts), and not here. @default false */
  readonly adminElsewhere?: boolean
}

/**
 * Makes the request handler. It can be called with Requests directly, and handed to a node:http server.
 * @throws ConfigError where a persisted operation is not valid.
 */
export function createGateway({
  entrance,
  log,
  metrics,
  tracing,
  allowedHosts,
  allowedOrigins = [],
  limits,
  atOnce,
  behindTlsProxy = false,
  readOnly = false,
  introspection = true,
  graphiql = true,
  persisted,
  stopping,
  readiness = createReadiness(entrance.reach, stopping),
  cutOff,
  isSimulator = true,
  adminElsewhere = false,
}: GatewayOptions) {
  for (const signal of [stopping, cutOff]) if (signal) setMaxListeners(0, signal)
  const visits = new WeakMap<Request, Visit>()
  const visitOf = (request: Request): Visit => {
    const visit = visits.get(request)
    if (!visit) throw new Error('a request came through that nobody has let in')
    return visit
  }
  // What is refused before its sender is let in has none.
  const operations = createOperations({ log, metrics, tracing }, (request) => visits.get(request)?.identity)

  const contextOf = createContexts(limits, log)
  const schema = buildSchema({ readOnly })
  return createYoga<object, Context & Traced & Identified>({
    schema,
    context: (initial) => contextOf(initial, visitOf(initial.request), operations.of(initial)),
    plugins: [
      useRequestId(),
      useRemote(behindTlsProxy),
      metrics !== undefined && useRefusals(metrics, operations),
      // Before the hosts: probes come by the address of a pod, and what they are told is a status and a word.
      usePlainAnswers({
        '/health': health,
        ...(!adminElsewhere && { '/ready': readiness.answer }),
      }),
      useAllowedHosts(allowedHosts, log),
      useAllowedOrigins(allowedOrigins, log),
      !adminElsewhere && metrics !== undefined && usePlainAnswers({ '/metrics': metricsAnswer(metrics) }),
      graphiql && useGraphiql({ readOnly, isSimulator, scheme: entrance.scheme }),
      useKnownPaths(),
      // What a page elsewhere has a browser send must not log anybody in.
      useCSRFPrevention({ requestHeaders: ['x-graphql-yoga-csrf', traceHeader] }),
      useAuthentication({ entrance, visits, log }),
      useReadableParameters(),
      useBeginnings(operations),
      useRequestLimits(limits),
      useVariableLimits(limits),
      persisted !== undefined && usePersisted(persisted, { schema, limits, introspection, log }),
      useDocumentLimits(limits),
      readOnly && useReadOnly(),
      !introspection && useNoIntrospection(),
      useExecutableDocuments(),
      useExecutionCancellation(),
      useAccept(),
      useRoles(log),
      useMutationsFirst(),
      useLimits(cutOff),
      useSubscriptions({ stopping, stay: (request) => visitOf(request).stay() }),
      usePlainLists(),
      useAnswerText(limits),
      usePlaces({ atOnce, callersAreKnown: entrance.scheme !== undefined, metrics }),
      useTrace(),
      useErrors({
        vcenter: entrance.name,
        vcenterIdentityOf: (request) => visits.get(request)?.connected.vcenter.session.lastLogin?.identity,
        log,
        suggestions: introspection,
      }),
      useOperations(operations),
    ],
    graphiql: false,
    // useErrors tells and masks them all, so that there is one place and not two.
    maskedErrors: false,
    // useAllowedOrigins opens it.
    cors: false,
    landingPage: false,
    // No URL ends so: Yoga would answer any method on any path that ends with its own.
    healthCheckEndpoint: ' ',
    // useRequestLimits refuses what is too many.
    batching: limits.batch > 0 && { limit: limits.batch },
    parserAndValidationCache: { documentCache: createDocumentCache(), errorCache: createDocumentCache() },
    extraParamNames: persisted ? [documentId] : [],
    multipart: false,
    maxRequestBodySize: false,
    logging: false,
  })
}
