// Shares the event loop fairly. While one operation runs synchronously, the process accepts no request, reads no response and
// responds to no probe. Long work runs in steps and checks between them whether its time slice is used up.

/** How long one operation may block the event loop before it must yield. */
const sliceMs = 25

/** When the current time slice was first checked (`performance.now()`); undefined before the first check. */
let sliceStartedAt: number | undefined

/** Returns whether the current time slice is used up. */
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

/** Resumes the waiting operations. Only one resumes in each turn of the event loop, so that they share it fairly. */
const waiting: (() => void)[] = []

/**
 * Waits for another turn of the event loop. Call `if (isOverBudget()) await yieldToEventLoop()` directly before a step: if
 * something else is awaited in between, many concurrent callers could pass the check and then run in the same turn.
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
