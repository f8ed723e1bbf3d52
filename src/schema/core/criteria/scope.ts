// Where a condition is compiled for, and what a condition on one field is.

import type { Verdict } from '../../../planner/connections/filter.ts'
import type { PlanNode } from '../../../planner/plan-node.ts'
import type { Context } from '../../context.ts'
import type { ConditionCount } from './filter-limits.ts'

/** The plan nodes of a position, newly created: its own, and the one at the root of the connection. */
interface Position {
  readonly root: PlanNode
  readonly node: PlanNode
}

/** Where the items of a filter are planned: on their owner, or on a part of it. */
export interface ItemPlan {
  /** Returns a new plan node of an owner. */
  readonly newOwner: () => PlanNode
  /** Adds what the items are read from, and returns their position. @default the owner itself is the item */
  readonly plan?: ((owner: PlanNode) => PlanNode) | undefined
}

/** Where a filter is compiled for. */
export interface Scope {
  readonly context: Context
  readonly newPosition: () => Position
  /** Whether its conditions can be evaluated in two steps: those at the position of the connection's items. */
  readonly isSplit: boolean
  readonly isHeavy: (root: PlanNode) => boolean
  readonly count: ConditionCount
  /** What has to be looked up before the conditions are evaluated. */
  readonly preparations: (() => Promise<void>)[]
  readonly depth: number
  /** The GraphQL type of the objects at the position. */
  readonly typeName: string
}

/** A condition on one field, which is evaluated as a whole. */
export interface UnitCondition {
  readonly plan: (node: PlanNode) => void
  readonly evaluate: (item: object) => Verdict
}
