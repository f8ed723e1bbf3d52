// EntityType: the enum of the inventory types.

import { builder, type EntityType } from '../builder.ts'

/** The description of each inventory type. A test compares the types with those of the schema. */
const descriptions = {
  ComputeResource: 'A cluster, or the compute resource around a standalone host.',
  Datacenter: 'A datacenter.',
  Datastore: 'A datastore.',
  DistributedVirtualSwitch: 'A distributed switch.',
  Folder: 'A folder.',
  HostSystem: 'A host.',
  Network: 'A network or a distributed port group.',
  ResourcePool: 'A resource pool or a vApp.',
  StoragePod: 'A datastore cluster.',
  VirtualMachine: 'A virtual machine or a template.',
} as const satisfies Partial<Record<EntityType, string>>

type DescribedType = keyof typeof descriptions

/** All inventory types. */
export const entityTypes = Object.keys(descriptions) as readonly DescribedType[]

/** Converts the name of a type to that of its enum value: `HostSystem` to `HOST_SYSTEM`. */
const enumName = (type: EntityType): string => type.replace(/\B[A-Z]/g, '_$&').toUpperCase()

export const EntityTypeEnum = builder.enumType<'EntityType', Record<string, { value: EntityType }>>(
  'EntityType',
  {
    description: 'The types that implement `ManagedEntity`.',
    values: Object.fromEntries(
      entityTypes.map((type) => [enumName(type), { value: type, description: descriptions[type] }]),
    ),
  },
)
