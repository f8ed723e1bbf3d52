// The types that have ids. The file of each type registers how to recognize its values, what its ids contain and how to load them.

import type { GraphQLResolveInfo } from 'graphql'
import type { InventoryReader } from '../../../planner/inventory-reader.ts'
import type { ManagedObject } from '../../../planner/managed-object.ts'
import { managedTypeAncestry } from '../../../soap/type-registry.ts'
import type { ManagedObjectReference, ManagedObjectType } from '../../../soap/vim-types.ts'
import type { Context } from '../../context.ts'
import type { RequestVCenter } from '../../vcenters.ts'

/** The key of a part, such as a disk, within its managed object. */
export type NodeKey = number | string

/** The target of an id: a managed object, or with a key a part of it. */
export interface DecodedId {
  readonly vcenter: RequestVCenter
  readonly nodeType: NodeType
  readonly ref: ManagedObjectReference
  readonly key?: NodeKey | undefined
}

/** Whether an id names this object, or a part of it. Objects of different vCenters can have the same moid. */
export const refersTo = ({ ref, vcenter }: DecodedId, object: ManagedObject): boolean =>
  ref.value === object.ref.value && ref.type === object.ref.type && vcenter.source === object.source

/** A GraphQL type whose objects have ids. */
export interface NodeType<Value extends object = object> {
  /** Name of the GraphQL type. */
  readonly name: string
  /** The managed object types, and with them their subclasses, that objects of this type are, or with `isKey` are parts of. */
  readonly managedTypes: readonly ManagedObjectType[]
  /** The type in ids, for objects that are no managed objects, such as tags. */
  readonly resourceType?: string
  /** Returns whether a value is a key of this type. Only types that are parts of a managed object have keys. */
  readonly isKey?: (key: unknown) => key is NodeKey
  /** Returns whether a value that a resolver returned has this type. */
  isTypeOf(value: object): boolean
  /**
   * Loads the targets of several ids of one vCenter, whose managed objects have one base type, with the properties that the selection needs.
   *
   * @returns for each id its value, undefined if it does not exist, or an error if it cannot be read
   */
  load(
    ids: readonly DecodedId[],
    context: Context,
    info: GraphQLResolveInfo,
    reader: InventoryReader,
  ): Promise<(Value | Error | undefined)[]>
}

const nodeTypes = new Map<string, NodeType>()

/** The types whose ids are those of a managed object itself, by managed object type. */
const unkeyedTypes = new Map<string, NodeType>()

/** Registers a type that has ids. Call it once, in the file that declares the type. */
export function registerNode<Value extends object>(nodeType: NodeType<Value>): void {
  if (nodeTypes.has(nodeType.name)) throw new Error(`${nodeType.name} is registered twice`)
  nodeTypes.set(nodeType.name, nodeType)
  if (nodeType.isKey) return
  for (const type of [...nodeType.managedTypes, ...[nodeType.resourceType ?? []].flat()]) {
    const other = unkeyedTypes.get(type)
    if (other) throw new Error(`${type} is registered for ${other.name} and for ${nodeType.name}`)
    unkeyedTypes.set(type, nodeType)
  }
}

/** Returns the type of the ids that name a part of a managed object. */
export const keyedNodeType = (name: string): NodeType | undefined => {
  const nodeType = nodeTypes.get(name)
  return nodeType?.isKey && nodeType
}

/** Returns the most specific type of a managed object's own id; undefined for a managed object type outside the schema. */
export function nodeTypeOf({ type }: ManagedObjectReference): NodeType | undefined {
  for (const each of managedTypeAncestry(type)) {
    const nodeType = unkeyedTypes.get(each)
    if (nodeType) return nodeType
  }
  return undefined
}

/**
 * Returns the name of the GraphQL type of a value; undefined if it has none that is registered.
 *
 * @throws Error if several types recognize it
 */
export function typeNameOfValue(value: object): string | undefined {
  const matching = [...nodeTypes.values()].filter((nodeType) => nodeType.isTypeOf(value))
  if (matching.length > 1)
    throw new Error(`several types recognize one value: ${matching.map(({ name }) => name).join(', ')}`)
  return matching[0]?.name
}

/** Returns the most specific of a node type's managed object types that a type is or inherits from. */
export function baseTypeWithin({ managedTypes }: NodeType, type: string): ManagedObjectType | undefined {
  for (const each of managedTypeAncestry(type))
    if (managedTypes.includes(each as ManagedObjectType)) return each as ManagedObjectType
  return undefined
}

/**
 * Returns the base type that plans use, such as ComputeResource for a ClusterComputeResource; undefined for a type outside the
 * schema.
 */
export const baseTypeOf = (ref: ManagedObjectReference): ManagedObjectType | undefined => {
  const nodeType = nodeTypeOf(ref)
  return nodeType && baseTypeWithin(nodeType, ref.type)
}
