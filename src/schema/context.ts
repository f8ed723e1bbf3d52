// What a resolver is given: the vCenter, and readers of its inventory. server/ makes one for each request.

import type { Reader } from '../planner/inventory-reader.ts'
import type { CallScope } from '../vim25/session/call-options.ts'
import type { InventoryWatcher } from '../vim25/updates/inventory-watcher.ts'
import type { Session } from '../vim25/session/session.ts'
import type { TaskWatcher } from '../vim25/tasks/task-watcher.ts'
import type { Allowance } from './cost/operation-budget.ts'
import type { AuditEntry } from './mutations/audit.ts'
import type { Background } from './tasks/background-jobs.ts'
import type { Change } from './mutations/mutation-record.ts'
import type { AreaScans } from './changed-areas/area-scans.ts'
import type { LongLists } from './execution/chunked-lists.ts'
import type { PlainLists } from './execution/bulk-lists.ts'
import type { RecoveryDelays } from './tasks/recovery-delays.ts'

/** A configured vCenter. */
export interface VCenter {
  /** The name that it has in the configuration. */
  readonly name: string
  readonly session: Session
  readonly tasks: TaskWatcher
  readonly inventory: InventoryWatcher
  readonly background: Background
  readonly recovery: RecoveryDelays
  /** Pages of connections: objects without a window argument, and at most. */
  readonly pageSizes: { readonly standard: number; readonly maximum: number }
}

export interface Context {
  readonly requestId: string
  readonly vcenter: VCenter
  /** Of the reads of this request; aborted when its client hangs up, or when it is too much. */
  readonly scope: CallScope
  /** What the operation may still read and give out. */
  readonly allowance: Allowance
  /** Lists that are executed a part at a time. */
  readonly lists: LongLists
  /** Lists that are put into its answer as they are. */
  readonly plainLists: PlainLists
  /** Reads the inventory; all that one operation reads through it is retrieved together. */
  reader: Reader
  /**
   * A reader that knows nothing yet and joins nobody's retrieval: what it reads is read after it is asked, never before. With
   * a moment, it shares retrievals with readers of the same one.
   */
  freshReader(moment?: number): Reader
  /** Puts a fresh one in the place of `reader`: a mutation's payload is read after the change, never from before it. */
  renewReader(): Reader
  /** The same for work that goes on when the request is over: no client that hangs up stops it. */
  detached(): Context
  /** What the mutation field that is being resolved has done so far. */
  change?: Change | undefined
  /** What all mutation fields of the operation have done so far. */
  readonly changes: Change[]
  /** Takes what became of a change. */
  audit(entry: AuditEntry): void
  /** The scans of changed areas of this request: what is selected twice is scanned once. */
  readonly areas: AreaScans
  /** Why changed areas cannot be asked for where the selection stands, if so. */
  readonly noAreas?: string
}
