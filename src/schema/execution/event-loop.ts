// Turns of the event loop. While one operation is at work in one of them the process does nothing else: it takes no request, reads
// no answer, and tells no probe that it is alive. What may take long is done in steps, and asks between them whether to go on.

/** How long one operation may hold the event loop before it is somebody else's turn. */
const sliceMs = 25

/** Since when the present turn of the loop lasts, as far as it was looked at. */
let sliceStartedAt: number | undefined

/** Whether this turn has lasted for so long that others should have theirs. */
export function isOverBudget(): boolean {
  const now = performance.now()
  if (sliceStartedAt === undefined) {
    sliceStartedAt = now
    setImmediate(() => {
      sliceStartedAt = undefined
    })
  }
  return now - sliceStartedAt > sliceMs
}

/** Who waits for a turn: one goes on in each, so that they share the loop fairly. */
const waiting: (() => void)[] = []

/**
 * Waits for another turn. `if (isHeld()) await nextTurn()` stands right before a step: with anything awaited in between, many who
 * ask at the same time would all be let go on.
 */
export function yieldToEventLoop(): Promise<void> {
  return new Promise((resolve) => {
    waiting.push(resolve)
    if (waiting.length === 1) setImmediate(resumeNext)
  })
}

function resumeNext(): void {
  sliceStartedAt = undefined
  waiting.shift()?.()
  if (waiting.length > 0) setImmediate(resumeNext)
}
