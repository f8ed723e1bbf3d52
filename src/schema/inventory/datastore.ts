// Datastore: storage for the files of virtual machines. Declares the type, its connection and its root fields.

import { datastorePod, datastoreVirtualMachines } from '../../planner/edges.ts'
import type { ManagedObject } from '../../planner/managed-object.ts'
import { builder } from '../builder.ts'
import { reference, requiresPaths } from '../core/field-requirements.ts'
import { datacenterField, folderField, registerEntity } from '../core/managed-entity.ts'
import { rootFields } from '../core/root-fields.ts'
import { add, nonNegative, percentOf, subtract } from '../core/units.ts'
import { vimEnum } from '../core/vim-enum.ts'
import { virtualMachines } from '../virtual-machine/virtual-machine-connection.ts'

declare module '../builder.ts' {
  interface EntityTypes {
    Datastore: true
  }
}

const DatastoreMaintenanceMode = vimEnum('DatastoreMaintenanceMode', {
  vimType: 'DatastoreSummaryMaintenanceModeState',
  description: 'The maintenance mode of a datastore.',
  values: {
    normal: ['NORMAL', 'The datastore is in use as usual.'],
    enteringMaintenance: [
      'ENTERING_MAINTENANCE',
      'The datastore enters maintenance mode when its files have been moved to other datastores.',
    ],
    inMaintenance: [
      'IN_MAINTENANCE',
      'The datastore is in maintenance mode: virtual machines do not use it.',
    ],
  },
})

const capacityOf = (datastore: ManagedObject<'Datastore'>) =>
  nonNegative(datastore.read('summary.capacity') ?? -1)

const freeSpaceOf = (datastore: ManagedObject<'Datastore'>) =>
  nonNegative(datastore.read('summary.freeSpace') ?? -1)

const usedSpaceOf = (datastore: ManagedObject<'Datastore'>) =>
  subtract(capacityOf(datastore), freeSpaceOf(datastore))

registerEntity('Datastore')

builder.objectType('Datastore', {
  description: 'A datastore: storage for the files of virtual machines. vim25: `Datastore`.',
  interfaces: ['Node', 'ManagedEntity'],
  fields: (t) => ({
    capacity: t.vimProperty('summary.capacity', {
      derives: { statistics: 'bytes' },
      type: 'BigInt',
      description:
        'Total size, in bytes. Not valid while the datastore is inaccessible. Source: `summary.capacity`.',
      decode: nonNegative,
    }),
    freeSpace: t.vimProperty('summary.freeSpace', {
      derives: { statistics: 'bytes' },
      type: 'BigInt',
      description:
        'Free space, in bytes. Not valid while the datastore is inaccessible. Source: `summary.freeSpace`.',
      decode: nonNegative,
    }),
    uncommitted: t.vimProperty('summary.uncommitted', {
      derives: { statistics: 'bytes' },
      type: 'BigInt',
      description:
        'Additional space that thin-provisioned disks may still allocate, in bytes. Source: `summary.uncommitted`.',
      decode: nonNegative,
    }),
    usedSpace: t.field({
      derives: { statistics: 'bytes' },
      ...requiresPaths('summary.capacity', 'summary.freeSpace'),
      type: 'BigInt',
      description:
        'Used space, in bytes. Not valid while the datastore is inaccessible. Source: `summary.capacity` minus `summary.freeSpace`.',
      resolve: usedSpaceOf,
    }),
    provisionedSpace: t.field({
      derives: { statistics: 'bytes' },
      ...requiresPaths('summary.capacity', 'summary.freeSpace', 'summary.uncommitted'),
      type: 'BigInt',
      description:
        'Space that would be used if all thin-provisioned disks were full, in bytes. It can exceed the capacity. Not valid while the datastore is inaccessible. Source: `summary.capacity` minus `summary.freeSpace` plus `summary.uncommitted`.',
      resolve: (datastore) =>
        add(usedSpaceOf(datastore), nonNegative(datastore.read('summary.uncommitted') ?? -1)),
    }),
    freePercent: t.field({
      derives: { statistics: '%' },
      ...requiresPaths('summary.capacity', 'summary.freeSpace'),
      type: 'Float',
      description:
        'Free space, in percent of the capacity. Null for a capacity of 0. Source: `summary.freeSpace` and `summary.capacity`.',
      resolve: (datastore) => percentOf(freeSpaceOf(datastore), capacityOf(datastore)),
    }),
    type: t.vimProperty('summary.type', {
      derives: { group: true },
      type: 'String',
      description: 'Type of the file system, such as `VMFS`, `NFS` or `vsan`. Source: `summary.type`.',
    }),
    url: t.vimProperty('summary.url', {
      derives: { only: 'filter' },
      type: 'String',
      description: 'Location that identifies the datastore on all its hosts. Source: `summary.url`.',
    }),
    accessible: t.vimProperty('summary.accessible', {
      type: 'Boolean',
      description: 'Whether at least one host can access it. Source: `summary.accessible`.',
    }),
    multipleHostAccess: t.vimProperty('summary.multipleHostAccess', {
      type: 'Boolean',
      description: 'Whether several hosts are connected to it. Source: `summary.multipleHostAccess`.',
    }),
    maintenanceMode: t.vimProperty('summary.maintenanceMode', {
      ...DatastoreMaintenanceMode,
      description: 'Maintenance mode of the datastore. Source: `summary.maintenanceMode`.',
    }),
    virtualMachines: t.field({
      ...virtualMachines.via(t.arg, datastoreVirtualMachines),
      description: 'The virtual machines and templates that have files on it. Source: `vm`.',
    }),
    datastoreCluster: t.field({
      type: 'StoragePod',
      description:
        'The datastore cluster that the datastore belongs to. Null if it is in none. Source: `parent`.',
      ...reference(datastorePod),
    }),
    folder: t.field({
      ...folderField,
      description:
        'The folder directly above the datastore. Null if it is in a datastore cluster. Source: `parent`.',
    }),
    datacenter: t.field(datacenterField),
  }),
})

export const datastores = rootFields({
  type: 'Datastore',
  plural: 'datastores',
  singular: 'datastore',
  label: 'datastore',
  example: '/Frankfurt/datastore/vmfs-fra-01',
  hasStatistics: true,
})
