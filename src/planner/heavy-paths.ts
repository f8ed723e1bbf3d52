// Properties that are much larger than others. Conditions on them are evaluated last, because reading them for all objects of an
// inventory costs more than a second retrieval for those that the other conditions left.

import { propertyOf } from './device-path.ts'
import type { PlanNode } from './plan-node.ts'

/** The heavy properties, with their typical size in bytes for one object. */
const typicalBytes: Readonly<Record<string, number>> = {
  'config.hardware.device': 7_000,
  'config.network': 20_000,
  'config.defaultPortConfig': 3_000,
  'guest.disk': 1_000,
  'guest.ipStack': 2_000,
  'guest.net': 1_500,
  layoutEx: 5_000,
  snapshot: 1_000,
  triggeredAlarmState: 500,
}

/** Whether a plan node, or a node that its edges lead to, reads a heavy property. */
export const isHeavy = (node: PlanNode): boolean => heavyBytes(node) > 0

/** Estimates the bytes of the heavy properties that a plan node reads for one object. */
export function heavyBytes(node: PlanNode): number {
  let bytes = 0
  const paths = [node.paths, ...node.subtypePaths.values()].flatMap((each) => [...each])
  for (const property of new Set(paths.map(heavyPropertyOf)))
    if (property !== undefined) bytes += typicalBytes[property] ?? 0
  for (const below of node.edges.values()) bytes += heavyBytes(below)
  return bytes
}

/** Returns the heavy property that a path is in; undefined if it is in none. */
function heavyPropertyOf(path: string): string | undefined {
  const property = propertyOf(path)
  return Object.keys(typicalBytes).find((each) => property === each || property.startsWith(`${each}.`))
}
