// What becomes known of one object after another while their fields are resolved, retrieved together for all of them.

import DataLoader from 'dataloader'
import type { ManagedObjectReference, ManagedObjectType } from '../soap/vim-types.ts'
import type { InventoryReader } from './inventory-reader.ts'
import type { ManagedObject } from './managed-object.ts'
import type { PlanNode } from './plan-node.ts'

/** Retrieves objects of one plan; those that vSphere does not know are left out. */
export type BatchLoad<M extends ManagedObjectType> = (
  refs: readonly ManagedObjectReference[],
) => Promise<ManagedObject<M>[]>

/** Whatever is asked of it in one tick is one plan's retrieval, and each object is in it once. */
export function createBatchLoad<M extends ManagedObjectType>(
  reader: InventoryReader,
  node: PlanNode<M>,
): BatchLoad<M> {
  const loader = new DataLoader<ManagedObjectReference, ManagedObject<M> | undefined, string>(
    (refs) => reader.objects(refs, node),
    {
      cacheKeyFn: ({ value }) => value,
      ...(reader.schedule && { batchScheduleFn: reader.schedule }),
    },
  )
  return async (refs) => {
    const objects = await Promise.all(refs.map((ref) => loader.load(ref)))
    return objects.filter((object) => object !== undefined)
  }
}
