// Resolves references inside data objects, such as Datastore.host[].key. The property collector cannot traverse them, so they are
// read first. A second retrieval then loads their objects, for all parents of the field together.

import type { FieldNode, GraphQLResolveInfo } from 'graphql'
import { type BatchLoader, createBatchLoader } from '../../planner/batch-loader.ts'
import type { InventoryReader } from '../../planner/inventory-reader.ts'
import type { ManagedObject } from '../../planner/managed-object.ts'
import { PlanNode } from '../../planner/plan-node.ts'
import { planSelection } from '../../planner/selection.ts'
import type { ManagedObjectReference } from '../../soap/vim-types.ts'
import type { EntityType } from '../builder.ts'
import type { Context } from '../context.ts'

/** One batch for each field and vCenter of an operation: graphql-js passes the same fieldNodes array for all parents of a field. */
const batchLoaders = new WeakMap<readonly FieldNode[], Map<InventoryReader, BatchLoader<EntityType>>>()

/** Loads the referenced objects with the properties that the selection needs; null if vSphere did not report the references. */
export async function nestedReferences<M extends EntityType>(
  type: M,
  parent: ManagedObject,
  refs: readonly ManagedObjectReference[] | undefined,
  context: Context,
  info: GraphQLResolveInfo,
): Promise<ManagedObject<M>[] | null> {
  if (!refs) return null
  const { reader } = context.vcenters.of(parent)
  const loaders = batchLoaders.get(info.fieldNodes) ?? new Map<InventoryReader, BatchLoader<EntityType>>()
  batchLoaders.set(info.fieldNodes, loaders)
  let load = loaders.get(reader)
  if (!load) {
    const node = new PlanNode<EntityType>(type)
    planSelection(info, type, node, context)
    load = createBatchLoader(reader, node)
    loaders.set(reader, load)
  }
  return (await load(refs)) as ManagedObject<M>[]
}
