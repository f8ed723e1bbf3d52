// Datastore: where the files of virtual machines are.

import { datastoreVirtualMachines } from '../../planner/edges.ts'
import type { DataObject } from '../../soap/vim-types.ts'
import { builder } from '../builder.ts'
import { connectionField } from '../core/connection.ts'
import { requiresThenLoads, vimFields } from '../core/field-requirements.ts'
import { datacenterField, folderField } from '../core/managed-entity.ts'
import { namedConnection } from '../core/named-connection.ts'
import { nestedReferences } from '../core/nested-references.ts'
import { sortFieldsOf } from '../core/ordering.ts'
import { rootFields } from '../core/root-fields.ts'
import { unsigned } from '../core/units.ts'
import { virtualMachineArgs, virtualMachinesVia } from '../virtual-machine/virtual-machine-connection.ts'

const { vimProperty } = vimFields('Datastore')

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
      ...vimProperty('summary.capacity', unsigned),
    }),
    freeSpace: t.field({
      type: 'BigInt',
      description: 'Free bytes: summary.freeSpace. Says nothing while the datastore is not accessible.',
      ...vimProperty('summary.freeSpace', unsigned),
    }),
    uncommitted: t.field({
      type: 'BigInt',
      description: 'summary.uncommitted: bytes that thin disks may yet take.',
      ...vimProperty('summary.uncommitted', unsigned),
    }),
    type: t.string({ description: 'summary.type: VMFS, NFS, vsan, ...', ...vimProperty('summary.type') }),
    url: t.string({
      description: 'summary.url: the same for all hosts that have it.',
      ...vimProperty('summary.url'),
    }),
    accessible: t.boolean({
      description: 'summary.accessible: whether at least one host reaches it.',
      ...vimProperty('summary.accessible'),
    }),
    multipleHostAccess: t.boolean({
      description: 'summary.multipleHostAccess: whether several hosts have it.',
      ...vimProperty('summary.multipleHostAccess'),
    }),
    maintenanceMode: t.string({
      description: 'summary.maintenanceMode: normal, enteringMaintenance or inMaintenance.',
      ...vimProperty('summary.maintenanceMode'),
    }),
    hosts: t.field({
      ...requiresThenLoads('host'),
      type: ['HostSystem'],
      nullable: { list: true, items: false },
      description:
        'The hosts that have it mounted and accessible now: host, where mountInfo.mounted and mountInfo.accessible are not false. Costs one retrieval more, however many there are: vSphere holds these references where no traversal reaches.',
      resolve: (datastore, _args, context, info) =>
        nestedReferences(
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
      ...connectionField(virtualMachinesVia(datastoreVirtualMachines)),
      type: 'VirtualMachineConnection',
      args: virtualMachineArgs(t.arg),
      description: 'The virtual machines and templates with files on it: vm.',
    }),
    folder: t.field(folderField),
    datacenter: t.field(datacenterField),
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
    label: 'datastore',
    example: '/Frankfurt/datastore/vmfs-fra-01',
  },
  datastores,
)
