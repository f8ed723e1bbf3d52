// Datastore: where the files of virtual machines are.

import { datastoreVirtualMachines } from '../../planner/edges.ts'
import type { DataObject } from '../../soap/vim-types.ts'
import { builder } from '../builder.ts'
import { connectionField } from '../core/connection.ts'
import { fieldsOf, needsAfterwards } from '../core/field-requirements.ts'
import { heldReferences } from '../core/nested-references.ts'
import { itsDatacenter, itsFolder } from '../core/managed-entity.ts'
import { namedConnection } from '../core/named-connection.ts'
import { sortFieldsOf } from '../core/ordering.ts'
import { rootFields } from '../core/root-fields.ts'
import { unsigned } from '../core/units.ts'
import { virtualMachineArgs, virtualMachinesAlong } from '../virtual-machine/virtual-machine-connection.ts'

const { property } = fieldsOf('Datastore')

/** Whether a host has it now. Older hosts leave both unset, which says nothing against it. */
const isMounted = ({ mounted, accessible }: DataObject<'HostMountInfo'>): boolean =>
  mounted !== false && accessible !== false

builder.objectType('Datastore', {
  description: 'A datastore. vim25: Datastore.',
  interfaces: ['Node', 'ManagedEntity'],
  fields: (t) => ({
    capacity: t.field({
      type: 'BigInt',
      description: 'Size in bytes: summary.capacity. Says nothing while the datastore is not accessible.',
      ...property('summary.capacity', unsigned),
    }),
    freeSpace: t.field({
      type: 'BigInt',
      description: 'Free bytes: summary.freeSpace. Says nothing while the datastore is not accessible.',
      ...property('summary.freeSpace', unsigned),
    }),
    uncommitted: t.field({
      type: 'BigInt',
      description: 'summary.uncommitted: bytes that thin disks may yet take.',
      ...property('summary.uncommitted', unsigned),
    }),
    type: t.string({ description: 'summary.type: VMFS, NFS, vsan, ...', ...property('summary.type') }),
    url: t.string({
      description: 'summary.url: the same for all hosts that have it.',
      ...property('summary.url'),
    }),
    accessible: t.boolean({
      description: 'summary.accessible: whether at least one host reaches it.',
      ...property('summary.accessible'),
    }),
    multipleHostAccess: t.boolean({
      description: 'summary.multipleHostAccess: whether several hosts have it.',
      ...property('summary.multipleHostAccess'),
    }),
    maintenanceMode: t.string({
      description: 'summary.maintenanceMode: normal, enteringMaintenance or inMaintenance.',
      ...property('summary.maintenanceMode'),
    }),
    hosts: t.field({
      ...needsAfterwards('host'),
      type: ['HostSystem'],
      nullable: { list: true, items: false },
      description:
        'The hosts that have it mounted and accessible now: host, where mountInfo.mounted and mountInfo.accessible are not false. Costs one retrieval more, however many there are: vSphere holds these references where no traversal reaches.',
      resolve: (datastore, _args, context, info) =>
        heldReferences(
          'HostSystem',
          datastore
            .read('host')
            ?.filter(({ mountInfo }) => isMounted(mountInfo))
            .map(({ key }) => key),
          context,
          info,
        ),
    }),
    virtualMachines: t.field({
      ...connectionField(virtualMachinesAlong(datastoreVirtualMachines)),
      type: 'VirtualMachineConnection',
      args: virtualMachineArgs(t.arg),
      description: 'The virtual machines and templates with files on it: vm.',
    }),
    folder: t.field(itsFolder),
    datacenter: t.field(itsDatacenter),
  }),
})

const by = sortFieldsOf('Datastore')

export const datastores = namedConnection('Datastore', 'datastore', {
  CAPACITY: by('summary.capacity', 'summary.capacity.'),
  FREE_SPACE: by('summary.freeSpace', 'summary.freeSpace.'),
  UNCOMMITTED: by('summary.uncommitted', 'summary.uncommitted.'),
})

rootFields(
  {
    type: 'Datastore',
    plural: 'datastores',
    singular: 'datastore',
    noun: 'datastore',
    example: '/Frankfurt/datastore/vmfs-fra-01',
  },
  datastores,
)
