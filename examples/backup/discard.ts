// Gives up a backup in progress, also if its state is damaged.

import type { Gateway } from './gateway.ts'
import { ReportedError } from './retry.ts'
import { DamagedStateError, deleteState, readState, type State } from './state.ts'
import type { Repository } from './storage/repository.ts'

interface EndTools {
  readonly gateway: Gateway
  readonly repository: Repository
}

interface DiscardTools extends EndTools {
  /** Prints a line for the user. */
  readonly report: (line: string) => void
}

/** Gives up a backup that was interrupted: ends its capture, and deletes what was copied. */
export async function discard(tools: DiscardTools): Promise<void> {
  const state = await readState(tools.repository).catch((error: unknown) => {
    if (error instanceof DamagedStateError) return error
    throw error
  })
  if (!state) throw new Error('no backup is in progress')
  if (!(state instanceof DamagedStateError)) return endOf(state, tools)
  const { snapshot } = state
  const isHeld = snapshot !== undefined && (await isHeldIfValid(snapshot, tools.gateway))
  await end(isHeld ? snapshot : undefined, tools)
  if (!isHeld) tools.report(unknownSnapshot)
}

const isHeldIfValid = (snapshot: string, gateway: Gateway): Promise<boolean> =>
  gateway.isHeld(snapshot).catch((error: unknown) => {
    if (error instanceof ReportedError && error.code === 'BAD_USER_INPUT') return false
    throw error
  })

const unknownSnapshot =
  'The snapshot of the discarded backup is not known. If it exists, the gateway removes it when its lease ends; until then, no other backup is possible unless you remove it.'

/** Ends the capture of a state that is not damaged. */
export async function endOf(state: State, tools: EndTools): Promise<void> {
  await end((await tools.gateway.snapshotOf(state.request)) ?? state.snapshot, tools)
}

export async function end(snapshot: string | undefined, { gateway, repository }: EndTools): Promise<void> {
  if (snapshot !== undefined) await gateway.release(snapshot)
  // Last, since a run that ends before it would not release the snapshot again.
  await deleteState(repository)
}
