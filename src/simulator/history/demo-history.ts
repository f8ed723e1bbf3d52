// What happened in a simulated vCenter before its start: the entries of all kinds in the order of time.

import type { SimulationContext } from '../simulation-context.ts'
import { pastEvents } from './demo-events.ts'
import { pastTasks } from './demo-tasks.ts'
import type { PastEntry } from './past-entry.ts'

/** Records the history of a vCenter whose inventory was just created. */
export function createDemoHistory(context: SimulationContext): void {
  const entries: PastEntry[] = [...pastEvents(context), ...pastTasks(context)]
  entries.sort((a, b) => a.at - b.at)
  for (const entry of entries) entry.record()
}
