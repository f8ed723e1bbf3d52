// References inside data objects, such as Datastore.host[].key: the property collector cannot walk along them. So they are
// read first, and what they name is retrieved afterwards: together for all objects whose field it is.

import type { FieldNode, GraphQLResolveInfo } from 'graphql'
import { type BatchLoad, createBatchLoad } from '../../planner/batch-loader.ts'
import type { ManagedObject } from '../../planner/managed-object.ts'
import { PlanNode } from '../../planner/plan-node.ts'
import { planSelection } from '../../planner/selection.ts'
import type { ManagedObjectReference } from '../../soap/vim-types.ts'
import type { EntityType } from '../builder.ts'
import type { Context } from '../context.ts'

/** One for each field of an operation: graphql-js gives all objects whose field it is the same nodes. */
const batchLoads = new WeakMap<readonly FieldNode[], BatchLoad<EntityType>>()

/** The objects behind references, with what is selected of them; null when the references are not told. */
export async function nestedReferences<M extends EntityType>(
  type: M,
  refs: readonly ManagedObjectReference[] | undefined,
  context: Context,
  info: GraphQLResolveInfo,
): Promise<ManagedObject<M>[] | null> {
  if (!refs) return null
  let load = batchLoads.get(info.fieldNodes)
  if (!load) {
    const node = new PlanNode<EntityType>(type)
    planSelection(info, type, node, context)
    load = createBatchLoad(context.reader, node)
    batchLoads.set(info.fieldNodes, load)
  }
  return (await load(refs)) as ManagedObject<M>[]
}
