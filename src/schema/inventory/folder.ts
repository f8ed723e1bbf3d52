// Folder: the hierarchy of the inventory, from the root folder down. Declares the type, its connection and its root fields.

import {
  folderDescendantComputeResources,
  folderDescendantDatacenters,
  folderDescendantDatastores,
  folderDescendantFolders,
  folderDescendantNetworks,
  folderDescendantPods,
  folderDescendantSwitches,
  folderDescendantVirtualMachines,
} from '../../planner/descendants/in-folders.ts'
import {
  folderComputeResources,
  folderDatacenters,
  folderDatastores,
  folderFolders,
  folderNetworks,
  folderPods,
  folderSwitches,
  folderVirtualMachines,
} from '../../planner/edges.ts'
import { builder } from '../builder.ts'
import { directOrRecursive } from '../core/connections/recursive-connection.ts'
import { datacenterField, folderField, registerEntity } from '../core/managed-entity.ts'
import { rootFields } from '../core/root-fields.ts'
import { virtualMachines } from '../virtual-machine/virtual-machine-connection.ts'
import { computeResources } from './compute-resource.ts'
import { datacenters } from './datacenter.ts'
import { datastores } from './datastore.ts'
import { distributedSwitches } from './distributed-virtual-switch.ts'
import { networks } from './network.ts'
import { datastoreClusters } from './storage-pod.ts'

declare module '../builder.ts' {
  interface EntityTypes {
    Folder: true
  }
}

const kinds = {
  Datacenter: 'DATACENTER',
  VirtualMachine: 'VIRTUAL_MACHINE',
  ComputeResource: 'COMPUTE_RESOURCE',
  Datastore: 'DATASTORE',
  Network: 'NETWORK',
} as const

const FolderKind = builder.enumType('FolderKind', {
  description:
    'The type of object that a folder can contain, in addition to other folders. Source: `childType`.',
  values: {
    DATACENTER: { description: 'Datacenters: the root folder, and folders below it.' },
    VIRTUAL_MACHINE: { description: 'Virtual machines, templates and vApps.' },
    COMPUTE_RESOURCE: { description: 'Clusters and standalone hosts.' },
    DATASTORE: { description: 'Datastores and datastore clusters.' },
    NETWORK: { description: 'Networks and distributed switches.' },
  } as const,
})

registerEntity('Folder')

const folders = rootFields({
  type: 'Folder',
  plural: 'folders',
  singular: 'folder',
  label: 'folder',
  example: '/Frankfurt/vm/Production',
})

builder.objectType('Folder', {
  description:
    'A folder of the inventory. Datastore clusters are not folders here: see `StoragePod`. vim25: `Folder`.',
  interfaces: ['Node', 'ManagedEntity'],
  fields: (t) => ({
    kind: t.vimProperty('childType', {
      type: FolderKind,
      description: 'The type of object that the folder can contain. Source: `childType`.',
      decode: (types) => {
        const known = types.find((type) => type in kinds) as keyof typeof kinds | undefined
        return known && kinds[known]
      },
    }),
    parent: t.field({
      ...folderField,
      description:
        'The folder directly above this one. Null for the root folder and for a folder directly below a datacenter. Source: `parent`.',
    }),
    datacenter: t.field(datacenterField),
    folders: t.field({
      ...directOrRecursive(
        folders,
        t.arg,
        folderFolders,
        folderDescendantFolders,
        'Whether to include the folders in the folders and datacenters in this folder, at any depth.',
      ),
      description:
        'The folders directly in this folder, or with `recursive` at any depth. Source: `childEntity`.',
    }),
    datacenters: t.field({
      ...directOrRecursive(
        datacenters,
        t.arg,
        folderDatacenters,
        folderDescendantDatacenters,
        'Whether to include the datacenters in the folders in this folder, at any depth.',
      ),
      description:
        'The datacenters directly in this folder, or with `recursive` at any depth. Source: `childEntity`.',
    }),
    virtualMachines: t.field({
      ...directOrRecursive(
        virtualMachines,
        t.arg,
        folderVirtualMachines,
        folderDescendantVirtualMachines,
        'Whether to include the virtual machines and templates in the folders, vApps and datacenters in this folder, at any depth.',
      ),
      description:
        'The virtual machines and templates directly in this folder, or with `recursive` at any depth. Source: `childEntity`.',
    }),
    computeResources: t.field({
      ...directOrRecursive(
        computeResources,
        t.arg,
        folderComputeResources,
        folderDescendantComputeResources,
        'Whether to include the clusters and standalone hosts in the folders and datacenters in this folder, at any depth.',
      ),
      description:
        'The clusters and standalone hosts directly in this folder, or with `recursive` at any depth. Source: `childEntity`.',
    }),
    datastores: t.field({
      ...directOrRecursive(
        datastores,
        t.arg,
        folderDatastores,
        folderDescendantDatastores,
        'Whether to include the datastores in the folders, datastore clusters and datacenters in this folder, at any depth.',
      ),
      description:
        'The datastores directly in this folder, or with `recursive` at any depth. Source: `childEntity`.',
    }),
    datastoreClusters: t.field({
      ...directOrRecursive(
        datastoreClusters,
        t.arg,
        folderPods,
        folderDescendantPods,
        'Whether to include the datastore clusters in the folders and datacenters in this folder, at any depth.',
      ),
      description:
        'The datastore clusters directly in this folder, or with `recursive` at any depth. Source: `childEntity`.',
    }),
    networks: t.field({
      ...directOrRecursive(
        networks,
        t.arg,
        folderNetworks,
        folderDescendantNetworks,
        'Whether to include the networks in the folders and datacenters in this folder, at any depth.',
      ),
      description:
        'The networks directly in this folder, or with `recursive` at any depth. Source: `childEntity`.',
    }),
    distributedSwitches: t.field({
      ...directOrRecursive(
        distributedSwitches,
        t.arg,
        folderSwitches,
        folderDescendantSwitches,
        'Whether to include the distributed switches in the folders and datacenters in this folder, at any depth.',
      ),
      description:
        'The distributed switches directly in this folder, or with `recursive` at any depth. Source: `childEntity`.',
    }),
  }),
})
