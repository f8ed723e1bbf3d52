// What the resolvers of one operation are given: who asks, the vCenter as they have it, what the operation may still ask, and who
// is told of the calls that it makes.

import { setMaxListeners } from 'node:events'
import { Allowance, type Limits } from '../schema/cost/operation-budget.ts'
import { AreaScans } from '../schema/changed-areas/area-scans.ts'
import type { Context } from '../schema/context.ts'
import { LongLists } from '../schema/execution/chunked-lists.ts'
import { PlainLists } from '../schema/execution/bulk-lists.ts'
import type { Log } from '../observability/log.ts'
import { Reader } from '../planner/inventory-reader.ts'
import type { CallRecord, CallScope } from '../vim25/session/call-options.ts'
import type { Visit } from './auth/access-provider.ts'
import type { Identified } from './auth/identity.ts'
import type { Operation } from './telemetry/operation.ts'
import { type RequestFields, requestFields } from './telemetry/request-log-fields.ts'
import { type Traced, traceHeader } from './telemetry/use-soap-trace.ts'

/** Gives each operation a context of its own; they share the limits and the log. */
export function createContexts(limits: Limits, log: Log) {
  function within(
    fields: RequestFields,
    visit: Visit,
    scope: CallScope,
    allowance: Allowance,
  ): Context & Identified {
    const { identity, connected } = visit
    const { vcenter, memory } = connected
    const lists = new LongLists()
    const freshReader = (moment?: number) =>
      new Reader(
        vcenter.session,
        memory,
        moment === undefined ? { ...scope, alone: true } : { ...scope, moment },
        lists.schedule,
      )
    return {
      requestId: fields.requestId,
      identity,
      vcenter,
      scope,
      allowance,
      lists,
      plainLists: new PlainLists(allowance),
      reader: new Reader(vcenter.session, memory, scope, lists.schedule),
      freshReader,
      renewReader(this: Context) {
        this.reader = freshReader()
        return this.reader
      },
      // What is left to be done is bounded by itself: the allowance is that of the operation.
      detached(this: Context) {
        const { change } = this
        return { ...within(fields, visit, { caller: scope.caller }, new Allowance(limits)), change }
      },
      audit(entry) {
        log.info('mutation', { audit: true, ...fields, identity: identity.name, ...entry })
      },
      areas: new AreaScans(),
      changes: [],
    }
  }

  return (
    { request }: { readonly request: Request },
    visit: Visit,
    operation: Operation,
  ): Context & Identified & Traced => {
    const allowance = new Allowance(limits, request.signal)
    const { signal } = allowance
    setMaxListeners(0, request.signal, signal)
    const calls: CallRecord[] | undefined = request.headers.get(traceHeader) === '1' ? [] : undefined
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
    return { ...within(requestFields(request), visit, scope, allowance), trace: calls }
  }
}
