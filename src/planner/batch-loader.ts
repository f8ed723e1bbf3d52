// Batches objects that become known one at a time during field resolution into one retrieval.

import type { ManagedObjectReference, ManagedObjectType } from '../soap/vim-types.ts'
import type { InventoryReader } from './inventory-reader.ts'
import { createKeyedLoader } from './keyed-loader.ts'
import type { ManagedObject } from './managed-object.ts'
import type { PlanNode } from './plan-node.ts'

/** Loads objects with the data that one plan needs. Omits those that vSphere does not know. */
export type BatchLoader<M extends ManagedObjectType> = (
  refs: readonly ManagedObjectReference[],
) => Promise<ManagedObject<M>[]>

/** Creates a loader that retrieves all objects requested in one tick together, each object once. */
export function createBatchLoader<M extends ManagedObjectType>(
  reader: InventoryReader,
  node: PlanNode<M>,
): BatchLoader<M> {
  const load = createKeyedLoader<ManagedObjectReference, ManagedObject<M> | undefined>(
    (refs) => reader.objects(refs, node),
    ({ value }) => value,
    reader.scheduler,
  )
  return async (refs) => {
    const objects = await Promise.all(refs.map((ref) => load(ref)))
    return objects.filter((object) => object !== undefined)
  }
}
