// Checks whether a process holds significantly more resources than before.

import type { HeldResources } from './resource-probe.ts'

/**
 * The heap of an idle process varies by a few megabytes: responses cached for half a minute, compiled code.
 */
const maxHeapGrowthMb = 10
/** The number of kept-alive connections to the vCenter depends on how many calls were concurrent. */
const maxExtraHandles = 16

/** Returns the resources whose growth exceeds normal variation. */
export function resourceGrowthProblems(before: HeldResources, after: HeldResources): string[] {
  const problems: string[] = []
  const growth = after.heap - before.heap
  if (growth > maxHeapGrowthMb) problems.push(`the heap grew by ${growth.toFixed(1)} MB`)
  for (const [kind, count] of Object.entries(after.handles)) {
    const more = count - (before.handles[kind] ?? 0)
    if (more > maxExtraHandles) problems.push(`${more} more handles of kind ${kind}`)
  }
  return problems
}
