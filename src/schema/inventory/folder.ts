// Folder: the hierarchy of the inventory, from the root folder down. Declares the type, its connection and its root fields.

import {
  folderComputeResources,
  folderDatacenters,
  folderDatastores,
  folderNetworks,
  folderVirtualMachines,
  subfolders,
} from '../../planner/edges.ts'
import { builder } from '../builder.ts'
import { references } from '../core/field-requirements.ts'
import { datacenterField, folderField, registerEntity } from '../core/managed-entity.ts'
import { rootFields } from '../core/root-fields.ts'
import { virtualMachines } from '../virtual-machine/virtual-machine-connection.ts'
import { computeResources } from './compute-resource.ts'
import { datacenters } from './datacenter.ts'
import { datastores } from './datastore.ts'
import { networks } from './network.ts'

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
    DATASTORE: { description: 'Datastores. A datastore cluster (`StoragePod`) is such a folder too.' },
    NETWORK: { description: 'Networks and distributed switches.' },
  } as const,
})

registerEntity('Folder')

builder.objectType('Folder', {
  description: 'A folder of the inventory, or a datastore cluster. vim25: `Folder`, `StoragePod`.',
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
    isDatastoreCluster: t.boolean({
      nullable: false,
      description: 'Whether the folder is a datastore cluster. Source: the type `StoragePod`.',
      resolve: ({ ref }) => ref.type === 'StoragePod',
    }),
    parent: t.field({
      ...folderField,
      description:
        'The folder directly above this one. Null for the root folder and for a folder directly below a datacenter. Source: `parent`.',
    }),
    datacenter: t.field(datacenterField),
    folders: t.field({
      type: ['Folder'],
      nullable: { list: true, items: false },
      description: 'The folders directly in this folder. Source: `childEntity`.',
      ...references(subfolders),
    }),
    datacenters: t.field({
      ...datacenters.via(t.arg, folderDatacenters),
      description: 'The datacenters directly in this folder. Source: `childEntity`.',
    }),
    virtualMachines: t.field({
      ...virtualMachines.via(t.arg, folderVirtualMachines),
      description: 'The virtual machines and templates directly in this folder. Source: `childEntity`.',
    }),
    computeResources: t.field({
      ...computeResources.via(t.arg, folderComputeResources),
      description: 'The clusters and standalone hosts directly in this folder. Source: `childEntity`.',
    }),
    datastores: t.field({
      ...datastores.via(t.arg, folderDatastores),
      description: 'The datastores directly in this folder. Source: `childEntity`.',
    }),
    networks: t.field({
      ...networks.via(t.arg, folderNetworks),
      description: 'The networks directly in this folder. Source: `childEntity`.',
    }),
  }),
})

rootFields({
  type: 'Folder',
  plural: 'folders',
  singular: 'folder',
  label: 'folder',
  example: '/Frankfurt/vm/Production',
})
