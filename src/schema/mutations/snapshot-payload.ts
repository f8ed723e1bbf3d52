// A payload's `snapshot`: read after the change, and null when there is none.

import type { GraphQLResolveInfo } from 'graphql'
import type { InventoryReader } from '../../planner/inventory-reader.ts'
import type { ManagedObjectReference } from '../../soap/vim-types.ts'
import type { Context } from '../context.ts'
import { noRequirements } from '../core/field-requirements.ts'
import { loadNode } from '../core/load-node.ts'
import type { SnapshotNode } from '../virtual-machine/snapshot-tree.ts'

/** The options of the field. */
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
      return ((await loadNode({ ref }, context, info, payload.reader)) ?? null) as SnapshotNode | null
    },
  }) as const
