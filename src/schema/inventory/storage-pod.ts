// StoragePod: a datastore cluster. Declares the type, its connection and its root fields.

import { podDatastores } from '../../planner/edges.ts'
import type { ManagedObject } from '../../planner/managed-object.ts'
import { builder } from '../builder.ts'
import { requiresPaths } from '../core/field-requirements.ts'
import { datacenterField, folderField, registerEntity } from '../core/managed-entity.ts'
import { rootFields } from '../core/root-fields.ts'
import { nonNegative, percentOf } from '../core/units.ts'
import { datastores } from './datastore.ts'

declare module '../builder.ts' {
  interface EntityTypes {
    StoragePod: true
  }
}

const capacityOf = (pod: ManagedObject<'StoragePod'>) => nonNegative(pod.read('summary.capacity') ?? -1)
const freeSpaceOf = (pod: ManagedObject<'StoragePod'>) => nonNegative(pod.read('summary.freeSpace') ?? -1)

registerEntity('StoragePod')

builder.objectType('StoragePod', {
  description:
    'A datastore cluster: datastores between which Storage DRS balances space and load. vim25: `StoragePod`.',
  interfaces: ['Node', 'ManagedEntity'],
  fields: (t) => ({
    capacity: t.vimProperty('summary.capacity', {
      type: 'BigInt',
      description: 'Total size of its datastores, in bytes. Source: `summary.capacity`.',
      decode: nonNegative,
    }),
    freeSpace: t.vimProperty('summary.freeSpace', {
      type: 'BigInt',
      description: 'Free space of its datastores, in bytes. Source: `summary.freeSpace`.',
      decode: nonNegative,
    }),
    freePercent: t.field({
      ...requiresPaths('summary.capacity', 'summary.freeSpace'),
      type: 'Float',
      description:
        'Free space, in percent of the capacity. Null for a capacity of 0. Source: `summary.freeSpace` and `summary.capacity`.',
      resolve: (pod) => percentOf(freeSpaceOf(pod), capacityOf(pod)),
    }),
    storageDrsEnabled: t.vimProperty('podStorageDrsEntry.storageDrsConfig.podConfig.enabled', {
      type: 'Boolean',
      description:
        'Whether Storage DRS places and moves disks between its datastores. Source: `podStorageDrsEntry.storageDrsConfig.podConfig.enabled`.',
    }),
    datastores: t.field({
      ...datastores.via(t.arg, podDatastores),
      description: 'The datastores in the cluster. Source: `childEntity`.',
    }),
    folder: t.field(folderField),
    datacenter: t.field(datacenterField),
  }),
})

export const datastoreClusters = rootFields({
  type: 'StoragePod',
  plural: 'datastoreClusters',
  singular: 'datastoreCluster',
  label: 'datastore cluster',
  example: '/Frankfurt/datastore/fra-pod-01',
})
