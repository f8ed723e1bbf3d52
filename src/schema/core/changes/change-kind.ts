// ChangeKind: how an item changed in the set that a subscription follows.

import { builder } from '../../builder.ts'

export const ChangeKind = builder.enumType('ChangeKind', {
  description: 'How an item changed in the set that a subscription follows.',
  values: {
    ENTER: { description: 'It belongs to the set and was not sent before.' },
    MODIFY: { description: 'A value that the selection reads has changed.' },
    LEAVE: {
      description: 'It no longer exists, no longer matches the filter, or may no longer be read.',
    },
  } as const,
})

export type ChangeKindName = typeof ChangeKind.$inferType
