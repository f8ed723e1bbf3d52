// Reads virtual machines with what the field `changeTracking.reasons` needs. Loaded on demand, because it loads the schema.

import { SharedPageOrderCache } from '../../planner/connections/page-order-cache.ts'
import { SizeHints } from '../../planner/connections/size-hints.ts'
import { InventoryReader } from '../../planner/inventory-reader.ts'
import { PlanNode } from '../../planner/plan-node.ts'
import { createPropertyCollectorSource } from '../../planner/property-collector/property-collector-source.ts'
import { blockersOf, isEligible } from '../../schema/virtual-machine/change-tracking/blockers.ts'
import { type ReasonCodeName, remedyOf } from '../../schema/virtual-machine/change-tracking/reason-codes.ts'
import {
  planTrackingReasons,
  trackingReasonsOf,
} from '../../schema/virtual-machine/change-tracking/reasons.ts'
import { backingOf, diskDevices, disksOf } from '../../schema/virtual-machine/disks/disk.ts'
import type { ManagedObjectReference } from '../../soap/vim-types.ts'
import { UnknownProperties } from '../../vim25/property-collector/unknown-properties.ts'
import type { DoctorRun } from '../check.ts'

interface TrackedMachine {
  /** Why changed blocks of it or of one of its disks are not available; empty if they are. */
  readonly codes: ReadonlySet<ReasonCodeName>
  /** Whether setChangeTracking can enable and activate tracking now; null if the configuration cannot be read. */
  readonly isEligible: boolean | null
  readonly changeIds: readonly string[]
}

/** Returns the machines that still exist. */
export async function readTrackedMachines(
  { session, signal }: Pick<DoctorRun, 'session' | 'signal'>,
  refs: readonly ManagedObjectReference[],
): Promise<TrackedMachine[]> {
  const source = createPropertyCollectorSource(session, new UnknownProperties())
  const cache = { pageOrders: new SharedPageOrderCache().partition(), sizeHints: new SizeHints() }
  // A reader for each page, so that the objects of the page before can be released.
  const reader = new InventoryReader(source, cache, { signal })
  const machines = await reader.objects(refs, planTrackingReasons(new PlanNode('VirtualMachine')))
  return machines.flatMap((vm) => {
    if (!vm) return []
    const disks = vm.isUnreadable(diskDevices) ? [] : (disksOf(vm) ?? [])
    return {
      isEligible: isEligible(vm, 'ACTIVATE', blockersOf(vm, 'ACTIVATE')),
      codes: new Set(trackingReasonsOf(vm).map(({ code }) => code)),
      changeIds: disks.flatMap((disk) => backingOf(disk).changeId ?? []),
    }
  })
}

/** What to do about a reason. */
export const remedyOfCode = (code: string): string => remedyOf(code as ReasonCodeName)
