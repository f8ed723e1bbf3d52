// ManagedEntity: what every object of the inventory has. The nouns inherit these fields, and say again only what they say more strictly.

import { ancestors } from '../../planner/ancestors.ts'
import { folderAbove } from '../../planner/edges.ts'
import { isOfType, type ManagedObject } from '../../planner/managed-object.ts'
import { knownValue } from '../../soap/vim-types.ts'
import { unescapeName } from '../../vim25/inventory-path.ts'
import { builder, type EntityType } from '../builder.ts'
import {
  noRequirements,
  reference,
  requiresPaths,
  requiresTraversal,
  type TraversalPath,
  vimFields,
} from './field-requirements.ts'
import { encodeId, typeNameOf } from './ids.ts'
import { displayName, inventoryPath } from './names.ts'

const { vimProperty } = vimFields<EntityType>()

const EntityStatus = builder.enumType('EntityStatus', {
  description: 'ManagedEntityStatus: what the alarms of an object and of those below it add up to.',
  values: {
    GRAY: { value: 'gray', description: 'Unknown.' },
    GREEN: { value: 'green', description: 'Well.' },
    YELLOW: { value: 'yellow', description: 'Something might be wrong.' },
    RED: { value: 'red', description: 'Something is wrong.' },
  } as const,
})

builder.interfaceType('ManagedEntity', {
  description: 'An object of the inventory. vim25: ManagedEntity.',
  interfaces: ['Node'],
  fields: (t) => ({
    id: t.id({
      ...noRequirements,
      nullable: false,
      description: 'The global id.',
      resolve: ({ ref }, _args, context) => encodeId(context, ref),
    }),
    moid: t.string({
      ...noRequirements,
      nullable: false,
      description: 'The managed object id, such as vm-62 or host-21: for govc, PowerCLI and support tickets.',
      resolve: ({ ref }) => ref.value,
    }),
    name: t.string({
      description: 'name, with its escapes (%2f %5c %25) decoded, also if it was escaped twice.',
      ...vimProperty('name', unescapeName),
    }),
    path: t.string({
      ...requiresTraversal(ancestors, 'name'),
      description:
        'The inventory path, such as "/Frankfurt/vm/web/web-01", made from name and parent. Escapes stay. Null when not all of the way may be read.',
      resolve: (object) => inventoryPath(object) ?? null,
    }),
    overallStatus: t.field({
      type: EntityStatus,
      description: 'overallStatus: what the alarms say.',
      ...vimProperty('overallStatus', (status) => knownValue('ManagedEntityStatus', status)),
    }),
    vcenter: t.field({
      ...noRequirements,
      type: 'VCenter',
      nullable: false,
      description: 'The vCenter that it is in.',
      resolve: (_object, _args, { vcenter }) => vcenter,
    }),
  }),
  resolveType: ({ ref }) => typeNameOf({ ref }),
})

/** The name of what is mostly found by it: never null. */
export const nameField = {
  ...requiresPaths('name'),
  nullable: false,
  description:
    'name, with its escapes (%2f %5c %25) decoded, also if it was escaped twice; the moid where it cannot be read.',
  resolve: displayName,
} as const

export const datacenterField = {
  type: 'Datacenter',
  description: 'The datacenter that it is in: the nearest above it along parent.',
  ...reference(ancestors),
} as const

/** `way` leads to a ComputeResource. */
export const clusterField = (...path: TraversalPath<'ComputeResource'>) => {
  const { resolve, ...plan } = reference(...path)
  return {
    type: 'ComputeResource',
    description: 'The cluster that it is in; null for a standalone host.',
    ...plan,
    resolve: (object: ManagedObject) => {
      const found = resolve(object)
      return found && isOfType(found, 'ClusterComputeResource') ? found : null
    },
  } as const
}

export const folderField = {
  type: 'Folder',
  description: 'The folder that it is directly in: parent. Null where that is no folder.',
  ...reference(folderAbove),
} as const
