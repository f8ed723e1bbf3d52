// References inside data objects, such as Datastore.host[].key: the property collector cannot walk along them. So they are
// read first, and what they name is retrieved afterwards: together for all objects whose field it is.

import type { FieldNode, GraphQLResolveInfo } from 'graphql'
import { type Gathering, gathering } from '../../planner/batch-loader.ts'
import type { ManagedObject } from '../../planner/managed-object.ts'
import { PlanNode } from '../../planner/plan-node.ts'
import { planSelection } from '../../planner/selection.ts'
import type { ManagedObjectReference } from '../../soap/vim-types.ts'
import type { EntityType } from '../builder.ts'
import type { Context } from '../context.ts'

/** One for each field of an operation: graphql-js gives all objects whose field it is the same nodes. */
const gatherings = new WeakMap<readonly FieldNode[], Gathering<EntityType>>()

/** The objects behind references, with what is selected of them; null when the references are not told. */
export async function heldReferences<M extends EntityType>(
  type: M,
  refs: readonly ManagedObjectReference[] | undefined,
  context: Context,
  info: GraphQLResolveInfo,
): Promise<ManagedObject<M>[] | null> {
  if (!refs) return null
  let gather = gatherings.get(info.fieldNodes)
  if (!gather) {
    const node = new PlanNode<EntityType>(type)
    planSelection(info, type, node, context)
    gather = gathering(context.reader, node)
    gatherings.set(info.fieldNodes, gather)
  }
  return (await gather(refs)) as ManagedObject<M>[]
}
