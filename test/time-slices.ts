// Makes the process behave as on a machine that is so slow that steps use up their time slice.

import { onTestFinished, vi } from 'vitest'

/**
 * Until the end of the test, steps that may yield to the event loop do.
 * @param every 1 for all steps, 2 for every second one, and so on: work that is usually done together is then taken apart
 */
export function useUpTimeSlices(every = 1): void {
  let now = performance.now()
  let reads = 0
  const clock = vi.spyOn(performance, 'now').mockImplementation(() => {
    reads += 1
    if (reads % every === 0) now += 26
    return now
  })
  onTestFinished(() => clock.mockRestore())
}
