// The context of a resolver: the vCenter, and readers of its inventory. server/ creates one for each request.

import type { InventoryReader } from '../planner/inventory-reader.ts'
import type { PageSizes } from '../planner/page.ts'
import type { CallOptions } from '../vim25/session/call-options.ts'
import type { Session } from '../vim25/session/session.ts'
import type { TaskWatcher } from '../vim25/tasks/task-watcher.ts'
import type { InventoryWatcher } from '../vim25/updates/inventory-watcher.ts'
import type { AreaScans } from './changed-areas/area-scans.ts'
import type { OperationBudget } from './cost/operation-budget.ts'
import type { BulkLists } from './execution/bulk-lists.ts'
import type { ChunkedLists } from './execution/chunked-lists.ts'
import type { AuditEntry } from './mutations/audit-entry.ts'
import type { MutationRecord } from './mutations/mutation-record.ts'
import type { BackgroundJobs } from './tasks/background-jobs.ts'
import type { RecoveryDelays } from './tasks/recovery-delays.ts'

/** A configured vCenter. */
export interface VCenter {
  /** Name of the vCenter in the gateway's configuration. */
  readonly name: string
  readonly session: Session
  readonly tasks: TaskWatcher
  readonly inventory: InventoryWatcher
  readonly backgroundJobs: BackgroundJobs
  readonly recovery: RecoveryDelays
  readonly pageSizes: PageSizes
}

export interface Context {
  readonly requestId: string
  readonly vcenter: VCenter
  /** Options for the reads of this request. Its signal aborts when the client disconnects or the operation exceeds a limit. */
  readonly callOptions: CallOptions
  /** Limits on the data that the operation reads and returns. */
  readonly budget: OperationBudget
  /** Executes long lists in chunks. */
  readonly chunkedLists: ChunkedLists
  /** Lists that bypass field execution and are inserted into the response unchanged. */
  readonly bulkLists: BulkLists
  /** Reads the inventory. All reads of one operation are batched into as few retrievals as possible. */
  reader: InventoryReader
  /**
   * Creates an empty reader that never joins an in-flight retrieval, so its data is newer than this call.
   *
   * @param epoch - shares retrievals with other readers of the same epoch
   */
  freshReader(epoch?: number): InventoryReader
  /** Replaces `reader` with a fresh reader, so that a mutation's payload never contains data from before the change. */
  resetReader(): InventoryReader
  /** Returns a context for work that outlives the request: a client that disconnects does not abort it. */
  forBackground(): Context
  /** The record of the mutation field that is currently resolved. */
  mutation?: MutationRecord | undefined
  /** The records of all mutation fields of the operation so far. */
  readonly mutationRecords: MutationRecord[]
  /** Writes the outcome of a change to the audit log. */
  audit(entry: AuditEntry): void
  /** The scans of changed areas of this request. Fields that select the same areas share one scan. */
  readonly areaScans: AreaScans
  /** Why changed areas cannot be selected in this operation; undefined if they can. */
  readonly changedAreasDisabledReason?: string
}
