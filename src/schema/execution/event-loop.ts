// Turns of the event loop. While one operation is at work in one of them the process does nothing else: it takes no request, reads
// no answer, and tells no probe that it is alive. What may take long is done in steps, and asks between them whether to go on.

/** How long one operation may hold the event loop before it is somebody else's turn. */
const holdMs = 25

/** Since when the present turn of the loop lasts, as far as it was looked at. */
let turnBegan: number | undefined

/** Whether this turn has lasted for so long that others should have theirs. */
export function isHeld(): boolean {
  const now = performance.now()
  if (turnBegan === undefined) {
    turnBegan = now
    setImmediate(() => {
      turnBegan = undefined
    })
  }
  return now - turnBegan > holdMs
}

/** Who waits for a turn: one goes on in each, so that they share the loop fairly. */
const waiting: (() => void)[] = []

/**
 * Waits for another turn. `if (isHeld()) await nextTurn()` stands right before a step: with anything awaited in between, many who
 * ask at the same time would all be let go on.
 */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    waiting.push(resolve)
    if (waiting.length === 1) setImmediate(giveTurn)
  })
}

function giveTurn(): void {
  turnBegan = undefined
  waiting.shift()?.()
  if (waiting.length > 0) setImmediate(giveTurn)
}
