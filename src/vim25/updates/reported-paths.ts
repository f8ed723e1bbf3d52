// The properties whose changes vCenter reports. The API reference says of some properties that changes of them need not be reported.
// Everything else changes with an update of its object.

import { isManagedSubtype } from '../../soap/type-registry.ts'
import type { ManagedObjectType } from '../../soap/vim-types.ts'

/** The properties whose changes may not be reported, by the base type that has them. */
const unreported: Readonly<Partial<Record<ManagedObjectType, readonly string[]>>> = {
  ManagedEntity: ['configStatus', 'disabledMethod', 'overallStatus', 'recentTask', 'triggeredAlarmState'],
  VirtualMachine: [
    'layoutEx',
    'runtime.maxCpuUsage',
    'runtime.maxMemoryUsage',
    'summary.overallStatus',
    'summary.quickStats',
    'summary.storage',
  ],
  HostSystem: ['summary.overallStatus', 'summary.quickStats'],
  ComputeResource: ['summary.overallStatus'],
  ResourcePool: ['runtime', 'summary'],
}

/** Values that are computed from time to time. Whether changes of them are reported is not documented. */
const uncertain: typeof unreported = {
  ClusterComputeResource: ['summaryEx.drsScore', 'summaryEx.usageSummary'],
}

const isBelow = (path: string, property: string): boolean =>
  path === property || path.startsWith(`${property}.`)

const isListed = (list: typeof unreported, type: ManagedObjectType, path: string): boolean =>
  Object.entries(list).some(
    ([base, properties]) =>
      isManagedSubtype(type, base) && properties.some((property) => isBelow(path, property)),
  )

/** Whether vCenter reports changes of a property. It may also report those of properties for which this is false. */
export const isReported = (type: ManagedObjectType, path: string): boolean =>
  !isListed(unreported, type, path)

/** Whether it is certain that vCenter reports changes of a property, as far as the API reference says. */
export const isCertainlyReported = (type: ManagedObjectType, path: string): boolean =>
  isReported(type, path) && !isListed(uncertain, type, path)
