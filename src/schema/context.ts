// What a resolver is given: the vCenter, and readers of its inventory. server/ makes one for each request.

import type { InventoryReader } from '../planner/inventory-reader.ts'
import type { CallOptions } from '../vim25/session/call-options.ts'
import type { Session } from '../vim25/session/session.ts'
import type { TaskWatcher } from '../vim25/tasks/task-watcher.ts'
import type { InventoryWatcher } from '../vim25/updates/inventory-watcher.ts'
import type { AreaScans } from './changed-areas/area-scans.ts'
import type { OperationBudget } from './cost/operation-budget.ts'
import type { BulkLists } from './execution/bulk-lists.ts'
import type { ChunkedLists } from './execution/chunked-lists.ts'
import type { AuditEntry } from './mutations/audit.ts'
import type { MutationRecord } from './mutations/mutation-record.ts'
import type { BackgroundJobs } from './tasks/background-jobs.ts'
import type { RecoveryDelays } from './tasks/recovery-delays.ts'

/** A configured vCenter. */
export interface VCenter {
  /** The name that it has in the configuration. */
  readonly name: string
  readonly session: Session
  readonly tasks: TaskWatcher
  readonly inventory: InventoryWatcher
  readonly backgroundJobs: BackgroundJobs
  readonly recovery: RecoveryDelays
  /** Pages of connections: objects without a window argument, and at most. */
  readonly pageSizes: { readonly defaultSize: number; readonly maxSize: number }
}

export interface Context {
  readonly requestId: string
  readonly vcenter: VCenter
  /** Of the reads of this request; aborted when its client hangs up, or when it is too much. */
  readonly callOptions: CallOptions
  /** What the operation may still read and give out. */
  readonly budget: OperationBudget
  /** Lists that are executed a part at a time. */
  readonly chunkedLists: ChunkedLists
  /** Lists that are put into its answer as they are. */
  readonly bulkLists: BulkLists
  /** Reads the inventory; all that one operation reads through it is retrieved together. */
  reader: InventoryReader
  /**
   * A reader that knows nothing yet and joins nobody's retrieval: what it reads is read after it is asked, never before. With
   * a moment, it shares retrievals with readers of the same one.
   */
  freshReader(epoch?: number): InventoryReader
  /** Puts a fresh one in the place of `reader`: a mutation's payload is read after the change, never from before it. */
  resetReader(): InventoryReader
  /** The same for work that goes on when the request is over: no client that hangs up stops it. */
  forBackground(): Context
  /** What the mutation field that is being resolved has done so far. */
  mutation?: MutationRecord | undefined
  /** What all mutation fields of the operation have done so far. */
  readonly changes: MutationRecord[]
  /** Takes what became of a change. */
  audit(entry: AuditEntry): void
  /** The scans of changed areas of this request: what is selected twice is scanned once. */
  readonly areaScans: AreaScans
  /** Why changed areas cannot be asked for where the selection stands, if so. */
  readonly changedAreasDisabledReason?: string
}
