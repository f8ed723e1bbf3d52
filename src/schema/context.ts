// The context of a resolver: the vCenters of the request, and its limits. server/ creates one for each request.

import type { BatchScheduler } from '../concurrency/batch-scheduler.ts'
import type { FairQueue } from '../concurrency/fair-queue.ts'
import type { PageSizes } from '../planner/connections/page.ts'
import type { CallOptions } from '../vim25/session/call-options.ts'
import type { Viewer } from './access/roles.ts'
import type { OperationBudget } from './cost/operation-budget.ts'
import type { BulkLists } from './execution/bulk-lists.ts'
import type { ChunkedLists } from './execution/chunked-lists.ts'
import type { AuditEntry } from './mutations/audit-entry.ts'
import type { MutationRecord } from './mutations/mutation-record.ts'
import type { RequestVCenter, VCenters } from './vcenters.ts'

export interface Context {
  readonly requestId: string
  readonly viewer: Viewer
  readonly vcenters: VCenters
  readonly pageSizes: PageSizes
  /** Options for the reads of this request. Its signal aborts when the client disconnects or the operation exceeds a limit. */
  readonly callOptions: CallOptions
  /** Limits on the data that the operation reads and returns. */
  readonly budget: OperationBudget
  /** Keeps the batches of the operation whole when its steps yield to the event loop. */
  readonly batchScheduler: BatchScheduler
  /** Executes long lists in chunks. */
  readonly chunkedLists: ChunkedLists
  /** Lists that bypass field execution and are inserted into the response unchanged. */
  readonly bulkLists: BulkLists
  /** Returns a context for work that outlives the request: a client that disconnects does not abort it. */
  forBackground(): Context
  /** The record of the mutation field that is currently resolved. */
  mutation?: MutationRecord | undefined
  /** The records of all mutation fields of the operation so far. */
  readonly mutationRecords: MutationRecord[]
  /** Writes the outcome of a change to the audit log. */
  audit(entry: AuditEntry): void
  /** Why changed areas cannot be selected in this operation; undefined if they can. */
  readonly changedAreasDisabledReason?: string
}

/** The context of a change to one vCenter. */
export interface VCenterContext extends Context {
  readonly vcenter: RequestVCenter
  /** Limits the write calls that run at the same time. @default no limit */
  readonly writeSlots?: FairQueue
  /** Cancels the wait of a write call for a slot. @default the signal of the request */
  readonly slotSignal?: AbortSignal
  forBackground(): VCenterContext
}

/** Returns the context for a change to one of its vCenters. */
export const inVCenter = (context: Context, vcenter: RequestVCenter): VCenterContext => ({
  ...context,
  vcenter,
  forBackground(this: VCenterContext) {
    const background = { ...context.forBackground(), mutation: this.mutation }
    return inVCenter(background, background.vcenters.of(vcenter))
  },
})
