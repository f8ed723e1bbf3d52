// An entry in the menu of an id: an operation that takes the id.

import type { OpenTab } from '../../execution/open-tab.ts'

export interface UseExample {
  readonly title: string
  readonly description: string
  readonly kind: 'query' | 'mutation' | 'subscription'
  readonly query: string
  readonly variables?: Readonly<Record<string, unknown>>
}

/** The parts of the menu, in their order. */
export const useGroups = ['Maps', 'Examples', 'Fields'] as const

export interface Use {
  readonly title: string
  readonly description: string
  readonly group: (typeof useGroups)[number]
  /** Whether the operation is about objects of this type, and not of all types with an interface. */
  readonly isExact: boolean
  /** Whether the operation changes something when it is run. */
  readonly isMutation: boolean
  /** The operation with the id filled in. */
  readonly tab: OpenTab
}
