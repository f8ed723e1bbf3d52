// Loads what the state of a triggered alarm refers to, for all alarms of a response together: the definitions of the alarms, and the
// objects that they are triggered on.

import type { FieldNode, GraphQLResolveInfo } from 'graphql'
import { type BatchLoader, createBatchLoader } from '../../planner/batch-loader.ts'
import type { InventoryReader } from '../../planner/inventory-reader.ts'
import type { ManagedObject } from '../../planner/managed-object.ts'
import { PlanNode } from '../../planner/plan-node.ts'
import { planSelection } from '../../planner/selection.ts'
import type { ManagedObjectType } from '../../soap/vim-types.ts'
import type { EntityType } from '../builder.ts'
import type { Context } from '../context.ts'
import { baseTypeOf, nodeTypeOf } from '../core/nodes/node-registry.ts'
import type { TriggeredAlarm } from './alarm-model.ts'

type DefinitionPath = 'info.name' | 'info.description'

/** By reader, so that what is read for the next event of a subscription is new. */
const definitionLoaders = new WeakMap<InventoryReader, Map<DefinitionPath, BatchLoader<'Alarm'>>>()

/** Returns the definition of an alarm with this path; an object without values if it may not be read. */
export async function loadDefinition(
  { source, state }: TriggeredAlarm,
  path: DefinitionPath,
  { vcenters }: Context,
): Promise<ManagedObject<'Alarm'>> {
  const { reader } = vcenters.of({ source })
  const loaders = definitionLoaders.get(reader) ?? new Map<DefinitionPath, BatchLoader<'Alarm'>>()
  definitionLoaders.set(reader, loaders)
  const load = loaders.get(path) ?? createBatchLoader(reader, new PlanNode('Alarm', path))
  loaders.set(path, load)
  const [definition] = await load([state.alarm])
  return definition ?? reader.objectCache.get(state.alarm)
}

type EntityLoaders = Map<string, BatchLoader<ManagedObjectType>>

/** By field and reader: graphql-js passes the same fieldNodes array for all alarms of a field. */
const entityLoaders = new WeakMap<readonly FieldNode[], Map<InventoryReader, EntityLoaders>>()

/** Returns the object that an alarm is triggered on, with what the selection needs; null if it is not visible or not in the schema. */
export async function loadEntity(
  { source, state: { entity } }: TriggeredAlarm,
  context: Context,
  info: GraphQLResolveInfo,
): Promise<ManagedObject<EntityType> | null> {
  const nodeType = nodeTypeOf(entity)
  if (!nodeType) return null
  const { reader } = context.vcenters.of({ source })
  const byReader = entityLoaders.get(info.fieldNodes) ?? new Map<InventoryReader, EntityLoaders>()
  entityLoaders.set(info.fieldNodes, byReader)
  const loaders: EntityLoaders = byReader.get(reader) ?? new Map()
  byReader.set(reader, loaders)
  let load = loaders.get(nodeType.name)
  if (!load) {
    const node = new PlanNode(baseTypeOf(entity) as ManagedObjectType)
    planSelection(info, nodeType.name, node, context)
    load = createBatchLoader(reader, node)
    loaders.set(nodeType.name, load)
  }
  const [object] = await load([entity])
  return (object ?? null) as ManagedObject<EntityType> | null
}
