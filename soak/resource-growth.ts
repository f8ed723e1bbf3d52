// What a process holds more than it did.

import type { HeldResources } from './probe.ts'

/** Live objects come and go by a few megabytes: answers that are remembered for half a minute, compiled code. */
const maxHeapGrowthMb = 10
/** Connections to the vCenter that are kept alive are as many as there were calls at once. */
const maxExtraHandles = 16

/** What a process holds more than it did, if that is more than chance. */
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
