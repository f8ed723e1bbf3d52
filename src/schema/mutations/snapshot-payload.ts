// The `snapshot` field of mutation payloads: read after the change, and null if there is no snapshot.

import type { GraphQLResolveInfo } from 'graphql'
import type { InventoryReader } from '../../planner/inventory-reader.ts'
import type { ManagedObjectReference } from '../../soap/vim-types.ts'
import type { Context } from '../context.ts'
import { noRequirements } from '../core/field-requirements.ts'
import { loadReference } from '../core/nodes/load-node.ts'
import type { SnapshotNode } from '../virtual-machine/snapshots/snapshot-tree.ts'

/**
 * Returns the options of a payload's `snapshot` field.
 * @param refOf returns the reference of the snapshot; undefined if the payload has none
 */
export const snapshotOptions = <P extends { readonly reader: InventoryReader }>(
  description: string,
  refOf: (payload: P) => ManagedObjectReference | undefined,
) =>
  ({
    ...noRequirements,
    type: 'Snapshot',
    description,
    resolve: async (payload: P, _: object, context: Context, info: GraphQLResolveInfo) => {
      const ref = refOf(payload)
      if (!ref) return null
      return ((await loadReference(ref, payload.reader, context, info)) ?? null) as SnapshotNode | null
    },
  }) as const
