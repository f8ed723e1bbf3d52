// ManagedEntity: the fields that all inventory objects share.

import { ancestors } from '../../planner/ancestors.ts'
import { parentFolder } from '../../planner/edges.ts'
import { isOfType, ManagedObject } from '../../planner/managed-object.ts'
import { builder, type EntityType } from '../builder.ts'
import { customAttributesField } from './custom-attributes.ts'
import {
  noRequirements,
  reference,
  requiresPaths,
  requiresTraversal,
  type TraversalPath,
} from './field-requirements.ts'
import { displayName, inventoryPath } from './names.ts'
import { encodeId } from './nodes/ids.ts'
import { loadManagedObjects } from './nodes/load-node.ts'
import { nodeTypeOf, registerNode } from './nodes/node-registry.ts'
import { vimEnum } from './vim-enum.ts'

export const EntityStatus = vimEnum('EntityStatus', {
  vimType: 'ManagedEntityStatus',
  description: 'The health of an object, from its alarms and configuration issues.',
  values: {
    gray: ['GRAY', 'The status is unknown.'],
    green: ['GREEN', 'The object is healthy.'],
    yellow: ['YELLOW', 'The object might have a problem.'],
    red: ['RED', 'The object has a problem.'],
  },
})

builder.interfaceType('ManagedEntity', {
  description: 'An object of the vCenter inventory. vim25: `ManagedEntity`.',
  interfaces: ['Node'],
  fields: (t) => ({
    id: t.id({
      ...noRequirements,
      nullable: false,
      description: 'Global id.',
      resolve: (entity, _args, { vcenters }) => encodeId(vcenters.of(entity), entity.ref),
    }),
    moid: t.string({
      derives: { only: 'filter' },
      ...noRequirements,
      nullable: false,
      description:
        'Managed object id, such as `vm-62` or `host-21`, for use with govc, PowerCLI and support requests.',
      resolve: ({ ref }) => ref.value,
    }),
    name: t.string({
      ...requiresPaths('name'),
      nullable: false,
      description:
        'Name of the object, or its moid if the name cannot be read. The escapes %2f, %5c and %25 are decoded, even if the name was escaped twice. Source: `name`.',
      resolve: displayName,
    }),
    path: t.string({
      ...requiresTraversal(ancestors, 'name'),
      description:
        'Inventory path, such as "/Frankfurt/vm/web/web-01", with escapes (%2f, %5c, %25) as vSphere writes them. Null if an ancestor may not be read. Source: `name` and `parent` of the object and its ancestors.',
      resolve: (object) => inventoryPath(object) ?? null,
    }),
    overallStatus: t.vimProperty('overallStatus', {
      ...EntityStatus,
      description: 'The worst status among its alarms and configuration issues. Source: `overallStatus`.',
    }),
    customAttributes: t.field(customAttributesField),
    vcenter: t.field({
      derives: { nothing: 'root fields take the names of vCenters as an argument' },
      ...noRequirements,
      type: 'VCenter',
      nullable: false,
      description: 'The vCenter that manages the object.',
      resolve: (entity, _args, { vcenters }) => vcenters.of(entity),
    }),
  }),
  resolveType: ({ ref }) => nodeTypeOf(ref)?.name,
})

/** Registers the ids of an inventory type. */
export const registerEntity = (name: EntityType): void =>
  registerNode({
    name,
    managedTypes: [name],
    isTypeOf: (value) => value instanceof ManagedObject && nodeTypeOf(value.ref)?.name === name,
    load: loadManagedObjects({ toValue: (object) => object }),
  })

export const datacenterField = {
  type: 'Datacenter',
  description: 'The nearest datacenter above the object. Source: `parent`.',
  ...reference(ancestors),
} as const

/**
 * Declares the field `cluster`.
 *
 * @param path - the edges that lead to the ComputeResource
 */
export const clusterField = (...path: TraversalPath<'ComputeResource'>) => {
  const { resolve, ...plan } = reference(...path)
  return {
    type: 'ComputeResource',
    description: 'The cluster that the object belongs to. Null for a standalone host.',
    ...plan,
    resolve: (object: ManagedObject) => {
      const found = resolve(object)
      return found && isOfType(found, 'ClusterComputeResource') ? found : null
    },
  } as const
}

export const folderField = {
  type: 'Folder',
  description: 'The folder directly above the object. Null if its parent is not a folder. Source: `parent`.',
  ...reference(parentFolder),
} as const
