// The settings and the load of a cluster: fields of ComputeResource that are null for a standalone host.

import { isOfType, type ManagedObject } from '../../planner/managed-object.ts'
import type { DataObject } from '../../soap/vim-types.ts'
import { builder } from '../builder.ts'
import { nodeAt, requires } from '../core/field-requirements.ts'
import { megabytesToBytes, nonNegativeInt } from '../core/units.ts'
import { vimEnum } from '../core/vim-enum.ts'

declare module '../builder.ts' {
  interface ObjectTypes {
    ClusterUsage: DataObject<'ClusterUsageSummary'>
  }
}

type ClusterSummary = Partial<DataObject<'ClusterComputeResourceSummary'>>

const DrsAutomation = vimEnum('DrsAutomation', {
  vimType: 'DrsBehavior',
  description: 'How far DRS (Distributed Resource Scheduler) acts by itself.',
  values: {
    manual: ['MANUAL', 'DRS only recommends where to place and to move virtual machines.'],
    partiallyAutomated: [
      'PARTIALLY_AUTOMATED',
      'DRS places virtual machines when they are powered on, and recommends moves.',
    ],
    fullyAutomated: ['FULLY_AUTOMATED', 'DRS places and moves virtual machines by itself.'],
  },
})

/** A server without `summaryEx` has the value in `summary`, whose declared type does not, so that only all of it can be read. */
const fromSummary = <K extends 'drsScore' | 'currentEVCModeKey' | 'usageSummary'>(key: K) => ({
  ...requires((position) =>
    nodeAt(position).readSubtype('ClusterComputeResource', `summaryEx.${key}`, 'summary'),
  ),
  read: (object: ManagedObject): NonNullable<ClusterSummary[K]> | null => {
    if (!isOfType(object, 'ClusterComputeResource')) return null
    const value = object.read(`summaryEx.${key}` as 'summaryEx.drsScore') as ClusterSummary[K]
    return value ?? (object.read('summary') as ClusterSummary | undefined)?.[key] ?? null
  },
})

const { read: readDrsScore, ...drsScore } = fromSummary('drsScore')
const { read: readEvcMode, ...evcMode } = fromSummary('currentEVCModeKey')
const { read: readUsage, ...usage } = fromSummary('usageSummary')

builder.objectType('ClusterUsage', {
  description: 'The capacity, the load and the reservations of a cluster. vim25: `ClusterUsageSummary`.',
  fields: (t) => ({
    cpuCapacity: t.int({
      derives: { statistics: 'MHz' },
      description: 'CPU capacity for virtual machines, in MHz. Source: `totalCpuCapacityMhz`.',
      resolve: ({ totalCpuCapacityMhz }) => nonNegativeInt(totalCpuCapacityMhz ?? -1),
    }),
    cpuDemand: t.int({
      derives: { statistics: 'MHz' },
      description:
        'CPU that the virtual machines would use without contention, in MHz. Source: `cpuDemandMhz`.',
      resolve: ({ cpuDemandMhz }) => nonNegativeInt(cpuDemandMhz ?? -1),
    }),
    cpuReservation: t.int({
      derives: { statistics: 'MHz' },
      description: 'CPU that is reserved for virtual machines, in MHz. Source: `cpuReservationMhz`.',
      resolve: ({ cpuReservationMhz }) => nonNegativeInt(cpuReservationMhz ?? -1),
    }),
    memoryCapacity: t.field({
      derives: { statistics: 'bytes' },
      type: 'BigInt',
      description: 'Memory for virtual machines, in bytes. Source: `totalMemCapacityMB`.',
      resolve: ({ totalMemCapacityMB }) => megabytesToBytes(totalMemCapacityMB ?? -1),
    }),
    memoryDemand: t.field({
      derives: { statistics: 'bytes' },
      type: 'BigInt',
      description:
        'Memory that the virtual machines would use without contention, in bytes. Source: `memDemandMB`.',
      resolve: ({ memDemandMB }) => megabytesToBytes(memDemandMB ?? -1),
    }),
    memoryReservation: t.field({
      derives: { statistics: 'bytes' },
      type: 'BigInt',
      description: 'Memory that is reserved for virtual machines, in bytes. Source: `memReservationMB`.',
      resolve: ({ memReservationMB }) => megabytesToBytes(memReservationMB ?? -1),
    }),
  }),
})

builder.objectFields('ComputeResource', (t) => ({
  drsAutomation: t.vimProperty('configuration.drsConfig.defaultVmBehavior', {
    ...DrsAutomation,
    description:
      'How far DRS acts by itself, unless a virtual machine has a setting of its own. Null for a standalone host. Source: `configuration.drsConfig.defaultVmBehavior`.',
    subtype: 'ClusterComputeResource',
  }),
  drsScore: t.field({
    derives: { statistics: '%' },
    ...drsScore,
    type: 'Int',
    description:
      'How well DRS could place the virtual machines, in percent. Null for a standalone host. Source: `summaryEx.drsScore`, before 7.0.1 `summary.drsScore`.',
    resolve: (object) => nonNegativeInt(readDrsScore(object) ?? -1),
  }),
  haAdmissionControlEnabled: t.vimProperty('configuration.dasConfig.admissionControlEnabled', {
    type: 'Boolean',
    description:
      'Whether vSphere HA keeps capacity in reserve for the failure of hosts. Null for a standalone host. Source: `configuration.dasConfig.admissionControlEnabled`.',
    subtype: 'ClusterComputeResource',
  }),
  vsanEnabled: t.field({
    ...requires((position) => nodeAt(position).readSubtype('ClusterComputeResource', 'configurationEx')),
    type: 'Boolean',
    description:
      'Whether the hosts of the cluster share their disks as a vSAN datastore. Null for a standalone host. Source: `configurationEx.vsanConfigInfo.enabled`.',
    resolve: (object: ManagedObject) => {
      if (!isOfType(object, 'ClusterComputeResource')) return null
      const config = object.read('configurationEx') as Partial<DataObject<'ClusterConfigInfoEx'>> | undefined
      return config?.vsanConfigInfo?.enabled ?? null
    },
  }),
  evcMode: t.field({
    derives: { group: true },
    ...evcMode,
    type: 'String',
    description:
      'The CPU compatibility mode of the cluster (EVC), such as `intel-icelake`. Null without one, and for a standalone host. Source: `summaryEx.currentEVCModeKey`, before 7.0.1 `summary.currentEVCModeKey`.',
    resolve: (object) => readEvcMode(object),
  }),
  usage: t.field({
    derives: { flat: true },
    ...usage,
    type: 'ClusterUsage',
    description:
      'The load of the cluster. Null for a standalone host. Source: `summaryEx.usageSummary`, before 7.0.1 `summary.usageSummary`.',
    resolve: (object) => readUsage(object),
  }),
}))
