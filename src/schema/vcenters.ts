// The vCenters of a request: their connections, and the readers through which this request reads their inventories. An id, or an
// object that was read, leads to its vCenter.

import type { BatchScheduler } from '../concurrency/batch-scheduler.ts'
import type { PlannerCache } from '../planner/connections/paginator.ts'
import { InventoryReader } from '../planner/inventory-reader.ts'
import type { InventorySource } from '../planner/inventory-source.ts'
import type { TagDefinitions } from '../vapi/tag-definitions.ts'
import type { WindowPrefetch } from '../vim25/changed-disk-areas/window-prefetch.ts'
import type { AlarmWatcher } from '../vim25/history/alarm-watcher.ts'
import type { EventFollowers } from '../vim25/history/event-follower.ts'
import type { HistoryCollectors } from '../vim25/history/history-collectors.ts'
import type { CallOptions } from '../vim25/session/call-options.ts'
import type { Session } from '../vim25/session/session.ts'
import type { TaskWatcher } from '../vim25/tasks/task-watcher.ts'
import type { InventoryWatcher } from '../vim25/updates/inventory-watcher.ts'
import type { PowerStateWatcher } from '../vim25/updates/power-state-watcher.ts'
import type { Captures } from './captures/captures.ts'
import { AreaScans } from './changed-areas/area-scans.ts'
import type { BackgroundJobs } from './tasks/background-jobs.ts'
import type { RecoveryDelays } from './tasks/recovery-delays.ts'

/** A configured vCenter, as one account sees it. */
export interface VCenter {
  /** Name of the vCenter in the gateway's configuration. */
  readonly name: string
  readonly session: Session
  readonly source: InventorySource
  readonly plannerCache: PlannerCache
  readonly tasks: TaskWatcher
  readonly powerStates: PowerStateWatcher
  readonly inventory: InventoryWatcher
  /** Notifies of changes of triggered alarms. */
  readonly alarms: AlarmWatcher
  /** Collectors of events and tasks. */
  readonly history: HistoryCollectors
  /** Follows events, for subscriptions. */
  readonly eventFollowers: EventFollowers
  /** The window of changed areas that the next request is likely to need. */
  readonly windowPrefetch: WindowPrefetch
  readonly backgroundJobs: BackgroundJobs
  /** The tags, over the vAPI session of the account. */
  readonly tags: TagDefinitions
  readonly recovery: RecoveryDelays
  /** The signer of captures, and which of them are being read. */
  readonly captures: Captures
}

/** A vCenter as one request uses it. */
export interface RequestVCenter extends VCenter {
  /** Options for the reads of this request. Its signal aborts when the client disconnects or the operation exceeds a limit. */
  readonly callOptions: CallOptions
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
  /** The scans of changed areas of this request. Fields that select the same areas share one scan. */
  readonly areaScans: AreaScans
}

export function createRequestVCenter(
  vcenter: VCenter,
  callOptions: CallOptions,
  scheduler: BatchScheduler,
): RequestVCenter {
  const createReader = (readOptions: CallOptions) =>
    new InventoryReader(vcenter.source, vcenter.plannerCache, readOptions, scheduler)
  return {
    ...vcenter,
    callOptions,
    reader: createReader(callOptions),
    freshReader: (epoch) =>
      createReader(epoch === undefined ? { ...callOptions, noSharing: true } : { ...callOptions, epoch }),
    resetReader() {
      this.reader = this.freshReader()
      return this.reader
    },
    areaScans: new AreaScans(),
  }
}

/** The vCenters that a request can reach. */
export class VCenters {
  readonly all: readonly RequestVCenter[]

  constructor(all: readonly RequestVCenter[]) {
    this.all = all
  }

  /** Returns the only vCenter, for fields of Query that name none. */
  only(): RequestVCenter {
    const [vcenter, ...others] = this.all
    if (!vcenter || others.length > 0)
      throw new Error(`the request has ${this.all.length} vCenters and the field names none`)
    return vcenter
  }

  /** Returns the vCenter with an identity, as ids contain it; undefined if none is known to have it. */
  withIdentity(identity: string): RequestVCenter | undefined {
    return this.all.find(({ session }) => session.lastLogin?.identity === identity)
  }

  /** Returns the vCenter that something was read from: a managed object, or anything else with its inventory source. */
  of({ source }: { readonly source: object }): RequestVCenter {
    const vcenter = this.all.find((each) => each.source === source)
    if (!vcenter) throw new Error('the object was read from no vCenter of this request')
    return vcenter
  }

  /** Logs in where needed, so that the identities of all vCenters are known and ids can be decoded. */
  async ensureLogins(): Promise<void> {
    await Promise.all(this.all.map(({ session, callOptions }) => session.ensureLogin(callOptions)))
  }

  /** Returns the vCenters with empty readers, for the next event of a subscription. */
  withFreshReaders(): VCenters {
    return new VCenters(this.all.map((vcenter) => ({ ...vcenter, reader: vcenter.freshReader() })))
  }
}
