// The types that have ids. The file of each type registers how to recognize its values, what its ids contain and how to load them.

import type { GraphQLResolveInfo } from 'graphql'
import type { InventoryReader } from '../../../planner/inventory-reader.ts'
import { isManagedSubtype } from '../../../soap/type-registry.ts'
import type { ManagedObjectReference, ManagedObjectType } from '../../../soap/vim-types.ts'
import type { Context } from '../../context.ts'

/** The key of a part, such as a disk, within its managed object. */
export type NodeKey = number | string

/** The target of an id: a managed object, or with a key a part of it. */
export interface DecodedId {
  readonly nodeType: NodeType
  readonly ref: ManagedObjectReference
  readonly key?: NodeKey | undefined
}

/** A GraphQL type whose objects have ids. */
export interface NodeType<Value extends object = object> {
  /** Name of the GraphQL type. */
  readonly name: string
  /** The managed object types, and with them their subclasses, that objects of this type are, or with `isKey` are parts of. */
  readonly managedTypes: readonly ManagedObjectType[]
  /** Returns whether a value is a key of this type. Only types that are parts of a managed object have keys. */
  readonly isKey?: (key: unknown) => key is NodeKey
  /** The only moid that objects of this type have. @default any moid */
  readonly moid?: string
  /** Returns whether a value that a resolver returned has this type. */
  isTypeOf(value: object): boolean
  /**
   * Loads the targets of several ids, whose managed objects have one base type, with the properties that the selection needs.
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

/** Registers a type that has ids. Call it once, in the file that declares the type. */
export function registerNode<Value extends object>(nodeType: NodeType<Value>): void {
  if (nodeTypes.has(nodeType.name)) throw new Error(`${nodeType.name} is registered twice`)
  nodeTypes.set(nodeType.name, nodeType)
}

/** Returns the type of the ids that name a part of a managed object. */
export const keyedNodeType = (name: string): NodeType | undefined => {
  const nodeType = nodeTypes.get(name)
  return nodeType?.isKey && nodeType
}

/** Returns the type of a managed object's own id; undefined for a managed object type outside the schema. */
export const nodeTypeOf = ({ type }: ManagedObjectReference): NodeType | undefined =>
  [...nodeTypes.values()].find((nodeType) => !nodeType.isKey && baseTypeWithin(nodeType, type) !== undefined)

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

/** Returns the one of a node type's managed object types that a type is or inherits from. */
export const baseTypeWithin = (
  { managedTypes }: NodeType,
  type: ManagedObjectType | string,
): ManagedObjectType | undefined => managedTypes.find((base) => isManagedSubtype(type, base))

/**
 * Returns the base type that plans use, such as ComputeResource for a ClusterComputeResource; undefined for a type outside the
 * schema.
 */
export const baseTypeOf = (ref: ManagedObjectReference): ManagedObjectType | undefined => {
  const nodeType = nodeTypeOf(ref)
  return nodeType && baseTypeWithin(nodeType, ref.type)
}
