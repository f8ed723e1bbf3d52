// The conditions of a connection, as the planner needs them: what to read, and how to decide. The schema compiles them from the
// arguments of its fields.

import type { PlanNode } from '../plan-node.ts'

/** Whether an object meets the conditions; undefined if a value that decides it is not known. */
export type Verdict = boolean | undefined

/** Which conditions can be evaluated: only the light ones, whose properties were read in a scan, or all of them. */
export type Conditions = 'light' | 'all'

export interface Filter {
  /** Adds the properties that these conditions need to a plan node. */
  readonly plan: (node: PlanNode, conditions: Conditions) => void
  /** Whether it has conditions that need no heavy property, so that a scan can decide on objects without them. */
  readonly hasLightConditions: boolean
  /**
   * Looks up what the conditions need beside properties; undefined if they need nothing else. They are evaluated after it; if it
   * fails, these conditions are unknown.
   */
  readonly prepare?: (() => Promise<void>) | undefined
  readonly evaluate: (item: object, conditions: Conditions) => Verdict
}
