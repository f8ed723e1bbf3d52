// Creates the resolver context of an operation: identity, vCenter connection, budget, and the callback that
// records SOAP calls.

import { setMaxListeners } from 'node:events'
import { BatchScheduler } from '../concurrency/batch-scheduler.ts'
import type { Log } from '../observability/log.ts'
import type { Context } from '../schema/context.ts'
import { OperationBudget, type OperationLimits } from '../schema/cost/operation-budget.ts'
import { BulkLists } from '../schema/execution/bulk-lists.ts'
import { ChunkedLists } from '../schema/execution/chunked-lists.ts'
import { createRequestVCenter, VCenters } from '../schema/vcenters.ts'
import type { CallOptions, CallRecord } from '../vim25/session/call-options.ts'
import type { RequestSession } from './auth/access-provider.ts'
import type { WithIdentity } from './auth/identity.ts'
import { viewerOf } from './auth/role-authorization.ts'
import type { Operation } from './telemetry/operation.ts'
import { type RequestLogFields, requestLogFields } from './telemetry/request-log-fields.ts'
import { type SoapTraced, traceHeader } from './telemetry/soap-trace.ts'

/**
 * Creates a context factory. Each operation gets its own context; all share the limits and the log.
 *
 * @param isReadOnly - whether the schema has no mutations
 */
export function createContextFactory(limits: OperationLimits, log: Log, isReadOnly: boolean) {
  function buildContext(
    logFields: RequestLogFields,
    session: RequestSession,
    callOptions: CallOptions,
    budget: OperationBudget,
  ): Context & WithIdentity {
    const { identity, connected } = session
    const batchScheduler = new BatchScheduler()
    return {
      requestId: logFields.requestId,
      identity,
      viewer: viewerOf(identity, isReadOnly),
      vcenters: new VCenters([createRequestVCenter(connected.vcenter, callOptions, batchScheduler)]),
      pageSizes: connected.pageSizes,
      callOptions,
      budget,
      batchScheduler,
      chunkedLists: new ChunkedLists(batchScheduler),
      bulkLists: new BulkLists(budget),
      // Background work gets a budget of its own, since the operation's budget ends with the operation.
      forBackground(this: Context) {
        const { mutation } = this
        return {
          ...buildContext(logFields, session, { caller: callOptions.caller }, new OperationBudget(limits)),
          mutation,
        }
      },
      audit(entry) {
        log.info('mutation', { audit: true, ...logFields, identity: identity.name, ...entry })
      },
      mutationRecords: [],
    }
  }

  return (
    { request }: { readonly request: Request },
    session: RequestSession,
    operation: Operation,
  ): Context & WithIdentity & SoapTraced => {
    const budget = new OperationBudget(limits, request.signal)
    const { signal } = budget
    setMaxListeners(0, request.signal, signal)
    const tracedCalls: CallRecord[] | undefined = request.headers.get(traceHeader) === '1' ? [] : undefined
    const callOptions: CallOptions = {
      signal,
      onCall(record) {
        operation.recordCall(record)
        tracedCalls?.push(record)
      },
      onBytes: (bytes) => budget.countBytes(bytes),
      onEstimate: (bytes) => budget.checkBytes(bytes),
      onObject: () => budget.countObject(),
      onCollector: () => budget.countCollector(),
      caller: { isHighPriority: false },
    }
    return { ...buildContext(requestLogFields(request), session, callOptions, budget), trace: tracedCalls }
  }
}
