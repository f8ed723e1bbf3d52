// Loads any type that has an id, with the properties that the selection needs: for node(id), and for references that are known only
// while resolving.

import type { GraphQLResolveInfo } from 'graphql'
import type { InventoryReader } from '../../../planner/inventory-reader.ts'
import type { ManagedObject } from '../../../planner/managed-object.ts'
import { PlanNode } from '../../../planner/plan-node.ts'
import { planSelection } from '../../../planner/selection.ts'
import type { ManagedObjectReference, ManagedObjectType } from '../../../soap/vim-types.ts'
import type { Context } from '../../context.ts'
import { baseTypeWithin, type DecodedId, type NodeType, nodeTypeOf } from './node-registry.ts'

/**
 * Loads an object by its reference; undefined if it does not exist (any more), or its type is outside the schema.
 *
 * @param reader - a reader of its vCenter
 */
export async function loadReference(
  ref: ManagedObjectReference,
  reader: InventoryReader,
  context: Context,
  info: GraphQLResolveInfo,
): Promise<object | undefined> {
  const nodeType = nodeTypeOf(ref)
  if (!nodeType) return undefined
  const vcenter = context.vcenters.of(reader)
  const [value] = await nodeType.load([{ vcenter, nodeType, ref }], context, info, reader)
  if (value instanceof Error) throw value
  return value
}

/**
 * Loads the targets of several ids, in the order of the ids. Targets of one type in one vCenter share one plan, and all of a vCenter are
 * retrieved together.
 *
 * @returns for each id its value, undefined if it does not exist, or an error if it cannot be read
 */
export async function loadNodes(
  ids: readonly DecodedId[],
  context: Context,
  info: GraphQLResolveInfo,
): Promise<(object | Error | undefined)[]> {
  const idsByKind = new Map<string, DecodedId[]>()
  for (const each of ids) {
    const vcenter = context.vcenters.all.indexOf(each.vcenter)
    const kind = `${vcenter} ${each.nodeType.name} ${baseTypeWithin(each.nodeType, each.ref.type)}`
    idsByKind.set(kind, [...(idsByKind.get(kind) ?? []), each])
  }
  const values = new Map<DecodedId, object | Error | undefined>()
  await Promise.all(
    [...idsByKind.values()].map(async (idsOfKind) => {
      const [{ nodeType, vcenter }] = idsOfKind as [DecodedId]
      const loaded = await nodeType.load(idsOfKind, context, info, vcenter.reader)
      for (const [index, each] of idsOfKind.entries()) values.set(each, loaded[index])
    }),
  )
  return ids.map((each) => values.get(each))
}

interface ManagedObjectLoader<Value> {
  /** Creates the root of the plan. @default a node without requirements */
  readonly planNode?: (type: ManagedObjectType) => PlanNode
  /** Returns the target of an id from its managed object; undefined if it does not exist. */
  readonly toValue: (object: ManagedObject, id: DecodedId) => Value | undefined
}

/** Creates the `load` function of a type that is read from managed objects: one plan, one retrieval for all ids. */
export const loadManagedObjects =
  <Value extends object>({
    planNode = (type) => new PlanNode(type),
    toValue,
  }: ManagedObjectLoader<Value>): NodeType<Value>['load'] =>
  async (ids, context, info, reader) => {
    const [{ nodeType, ref }] = ids as readonly [DecodedId]
    const node = planNode(baseTypeWithin(nodeType, ref.type) as ManagedObjectType)
    planSelection(info, nodeType.name, node, context)
    const refs = new Map(ids.map((each) => [each.ref.value, each.ref]))
    const objects = await reader.objects([...refs.values()], node)
    const objectsByMoid = new Map(objects.map((object) => [object?.ref.value, object]))
    return ids.map((each) => {
      const object = objectsByMoid.get(each.ref.value)
      try {
        return object && toValue(object, each)
      } catch (error) {
        return error as Error
      }
    })
  }
