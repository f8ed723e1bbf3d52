// Datastore: storage for the files of virtual machines. Declares the type, its connection and its root fields.

import { datastoreVirtualMachines } from '../../planner/edges.ts'
import type { DataObject } from '../../soap/vim-types.ts'
import { builder } from '../builder.ts'
import { sortFieldsOf } from '../core/connections/ordering.ts'
import { requiresThenLoads } from '../core/field-requirements.ts'
import { datacenterField, folderField, registerEntity } from '../core/managed-entity.ts'
import { nestedReferences } from '../core/nested-references.ts'
import { rootFields } from '../core/root-fields.ts'
import { nonNegative } from '../core/units.ts'
import { virtualMachines } from '../virtual-machine/virtual-machine-connection.ts'

declare module '../builder.ts' {
  interface EntityTypes {
    Datastore: true
  }
}

/** Whether a host has the datastore mounted now. Older hosts leave both properties unset; such a mount counts as present. */
const isMounted = ({ mounted, accessible }: DataObject<'HostMountInfo'>): boolean =>
  mounted !== false && accessible !== false

registerEntity('Datastore')

builder.objectType('Datastore', {
  description: 'A datastore: storage for the files of virtual machines. vim25: `Datastore`.',
  interfaces: ['Node', 'ManagedEntity'],
  fields: (t) => ({
    capacity: t.vimProperty('summary.capacity', {
      type: 'BigInt',
      description:
        'Total size, in bytes. Not valid while the datastore is inaccessible. Source: `summary.capacity`.',
      decode: nonNegative,
    }),
    freeSpace: t.vimProperty('summary.freeSpace', {
      type: 'BigInt',
      description:
        'Free space, in bytes. Not valid while the datastore is inaccessible. Source: `summary.freeSpace`.',
      decode: nonNegative,
    }),
    uncommitted: t.vimProperty('summary.uncommitted', {
      type: 'BigInt',
      description:
        'Additional space that thin-provisioned disks may still allocate, in bytes. Source: `summary.uncommitted`.',
      decode: nonNegative,
    }),
    type: t.vimProperty('summary.type', {
      type: 'String',
      description: 'Type of the file system, such as `VMFS`, `NFS` or `vsan`. Source: `summary.type`.',
    }),
    url: t.vimProperty('summary.url', {
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
      type: 'String',
      description:
        'Maintenance mode: `normal`, `enteringMaintenance` or `inMaintenance`. Source: `summary.maintenanceMode`.',
    }),
    hosts: t.field({
      ...requiresThenLoads('host'),
      type: ['HostSystem'],
      nullable: { list: true, items: false },
      description:
        'The hosts that have it mounted and can access it now. Selecting it costs one additional retrieval for all datastores together. Source: `host`, without entries whose `mountInfo.mounted` or `mountInfo.accessible` is false.',
      resolve: (datastore, _args, context, info) =>
        nestedReferences(
          'HostSystem',
          datastore,
          datastore
            .read('host')
            ?.filter(({ mountInfo }) => isMounted(mountInfo))
            .map(({ key }) => key),
          context,
          info,
        ),
    }),
    virtualMachines: t.field({
      ...virtualMachines.via(t.arg, datastoreVirtualMachines),
      description: 'The virtual machines and templates that have files on it. Source: `vm`.',
    }),
    folder: t.field(folderField),
    datacenter: t.field(datacenterField),
  }),
})

const sortBy = sortFieldsOf('Datastore')

export const datastores = rootFields({
  type: 'Datastore',
  plural: 'datastores',
  singular: 'datastore',
  label: 'datastore',
  example: '/Frankfurt/datastore/vmfs-fra-01',
  sortFields: {
    CAPACITY: sortBy('summary.capacity', 'Total size. Source: `summary.capacity`.'),
    FREE_SPACE: sortBy('summary.freeSpace', 'Free space. Source: `summary.freeSpace`.'),
    UNCOMMITTED: sortBy(
      'summary.uncommitted',
      'Space that thin-provisioned disks may still allocate. Source: `summary.uncommitted`.',
    ),
  },
})
