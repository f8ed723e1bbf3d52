// Datacenter: declares the type, its connection and its root fields.

import {
  datacenterComputeResources,
  datacenterDatastores,
  datacenterHosts,
  datacenterNetworks,
  datacenterPods,
  datacenterSwitches,
  datacenterVirtualMachines,
} from '../../planner/descendants/in-folders.ts'
import {
  datacenterDatastoreFolder,
  datacenterHostFolder,
  datacenterNetworkFolder,
  datacenterVmFolder,
} from '../../planner/edges.ts'
import { builder } from '../builder.ts'
import { reference } from '../core/field-requirements.ts'
import { allRefs, exactlyOne, loadSelected } from '../core/lookup.ts'
import { folderField, registerEntity } from '../core/managed-entity.ts'
import { rootFields } from '../core/root-fields.ts'
import type { RequestVCenter } from '../vcenters.ts'
import { virtualMachines } from '../virtual-machine/virtual-machine-connection.ts'
import { computeResources } from './compute-resource.ts'
import { datastores } from './datastore.ts'
import { distributedSwitches } from './distributed-virtual-switch.ts'
import { hosts } from './host-system.ts'
import { networks } from './network.ts'
import { datastoreClusters } from './storage-pod.ts'

declare module '../builder.ts' {
  interface EntityTypes {
    Datacenter: true
  }
}

registerEntity('Datacenter')

builder.objectType('Datacenter', {
  description:
    'A datacenter: the root of the folders of virtual machines, hosts, datastores and networks. vim25: `Datacenter`.',
  interfaces: ['Node', 'ManagedEntity'],
  fields: (t) => ({
    folder: t.field(folderField),
    virtualMachines: t.field({
      ...virtualMachines.via(t.arg, datacenterVirtualMachines),
      description:
        'The virtual machines and templates in the datacenter, in folders and vApps at any depth. Source: `vmFolder`, `childEntity`.',
    }),
    computeResources: t.field({
      ...computeResources.via(t.arg, datacenterComputeResources),
      description:
        'The clusters and standalone hosts in the datacenter, in folders at any depth. Source: `hostFolder`, `childEntity`.',
    }),
    hosts: t.field({
      ...hosts.via(t.arg, datacenterHosts),
      description:
        'The hosts in the datacenter, clustered and standalone. Source: `hostFolder`, `childEntity`, `host`.',
    }),
    datastores: t.field({
      ...datastores.via(t.arg, datacenterDatastores),
      description:
        'The datastores in the datacenter, in folders and datastore clusters at any depth. Source: `datastoreFolder`, `childEntity`.',
    }),
    datastoreClusters: t.field({
      ...datastoreClusters.via(t.arg, datacenterPods),
      description:
        'The datastore clusters in the datacenter, in folders at any depth. Source: `datastoreFolder`, `childEntity`.',
    }),
    networks: t.field({
      ...networks.via(t.arg, datacenterNetworks),
      description:
        'The networks in the datacenter, in folders at any depth. Source: `networkFolder`, `childEntity`.',
    }),
    distributedSwitches: t.field({
      ...distributedSwitches.via(t.arg, datacenterSwitches),
      description:
        'The distributed switches in the datacenter, in folders at any depth. Source: `networkFolder`, `childEntity`.',
    }),
    vmFolder: t.field({
      type: 'Folder',
      description: 'The root folder of its virtual machines. Source: `vmFolder`.',
      ...reference(datacenterVmFolder),
    }),
    hostFolder: t.field({
      type: 'Folder',
      description: 'The root folder of its hosts and clusters. Source: `hostFolder`.',
      ...reference(datacenterHostFolder),
    }),
    datastoreFolder: t.field({
      type: 'Folder',
      description: 'The root folder of its datastores. Source: `datastoreFolder`.',
      ...reference(datacenterDatastoreFolder),
    }),
    networkFolder: t.field({
      type: 'Folder',
      description: 'The root folder of its networks. Source: `networkFolder`.',
      ...reference(datacenterNetworkFolder),
    }),
  }),
})

export const datacenters = rootFields({
  type: 'Datacenter',
  plural: 'datacenters',
  label: 'datacenter',
  example: '/Frankfurt',
})

builder.queryField('datacenter', (t) =>
  t.field({
    type: 'Datacenter',
    args: {
      by: t.arg({
        type: datacenters.lookup.Input,
        description: 'The datacenter to look up. It may be omitted if there is only one.',
      }),
    },
    description:
      'Finds one datacenter; without an argument, the only one of the vCenter. Returns null if none matches, and the error AMBIGUOUS with the candidates if several do.',
    resolve: async (_root, { by }, context, info) => {
      const found = by
        ? await datacenters.lookup.find(by, context)
        : await onlyDatacenter(context.vcenters.only())
      return loadSelected(found, 'Datacenter', context, info)
    },
  }),
)

const onlyDatacenter = async (vcenter: RequestVCenter) =>
  exactlyOne(
    await allRefs('Datacenter', vcenter),
    (count) => `this vCenter has ${count} datacenters; select one with by`,
    vcenter,
  )
