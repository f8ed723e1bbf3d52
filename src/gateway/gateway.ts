// HTTP -> GraphQL: one request handler, made of small plugins. It knows no port and no process; server.ts has those.

import { randomUUID } from 'node:crypto'
import { setMaxListeners } from 'node:events'
import { useCSRFPrevention } from '@graphql-yoga/plugin-csrf-prevention'
import { createYoga, useExecutionCancellation, useReadinessCheck } from 'graphql-yoga'
import { Allowance, type Limits } from '../graphql/allowance.ts'
import { AreaScans } from '../graphql/changed-areas/area-scans.ts'
import type { Context } from '../graphql/context.ts'
import { PlainLists } from '../graphql/plain-lists.ts'
import { buildSchema } from '../graphql/schema.ts'
import type { Log } from '../observability/log.ts'
import { Reader } from '../plan/reader.ts'
import type { CallRecord, CallScope } from '../vim25/call-scope.ts'
import type { ConnectedVCenter } from './connect-vcenter.ts'
import { useAllowedHosts } from './use-allowed-hosts.ts'
import { useBodyLimit } from './use-body-limit.ts'
import { useErrors } from './use-errors.ts'
import { useGraphiql } from './use-graphiql.ts'
import { useLimits } from './use-limits.ts'
import { useMutationsFirst } from './use-mutations-first.ts'
import { usePlainLists } from './use-plain-lists.ts'
import { useSubscriptions } from './use-subscriptions.ts'
import { useTokenLimit } from './use-token-limit.ts'
import { type Traced, traceHeader, useTrace } from './use-trace.ts'

export interface GatewayOptions {
  readonly connected: ConnectedVCenter
  readonly log: Log
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
}

/** How long a readiness probe may wait for the vCenter. */
const readinessMs = 5_000

/** Makes the request handler. It can be called with Requests directly, and handed to a node:http server. */
export function createGateway({
  connected,
  log,
  allowedHosts,
  limits,
  readOnly = false,
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
      plainLists: new PlainLists(allowance),
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

  return createYoga<object, Context & Traced>({
    schema: buildSchema({ readOnly }),
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
      useGraphiql({ readOnly, isSimulator }),
      useCSRFPrevention({ requestHeaders: ['x-graphql-yoga-csrf', traceHeader] }),
      useBodyLimit(),
      useTokenLimit(),
      useExecutionCancellation(),
      useMutationsFirst(),
      useLimits(),
      useSubscriptions({ stopping }),
      usePlainLists(),
      useTrace(),
      useErrors({ vcenter, log, requestIdOf }),
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

  // A login that stands says nothing of whether the vCenter can be reached now.
  async function isReady(): Promise<boolean> {
    const scope = { signal: AbortSignal.timeout(readinessMs) }
    return vcenter.session.ping(scope).then(
      () => true,
      () => false,
    )
  }
}
