// The backup in progress: what a run leaves in state.json for the next one if it is interrupted.

import { join } from 'node:path'
import type { CaptureRequest } from './gateway.ts'
import { formatChecked, parseChecked } from './storage/checked-json.ts'
import { DamagedError } from './storage/chunks.ts'
import { readIfExists, writeDurably } from './storage/files.ts'
import type { GenerationRef } from './storage/generation.ts'
import type { Repository } from './storage/repository.ts'

export interface State {
  readonly startedAt: string
  readonly request: CaptureRequest
  /** The generation whose tokens the request has. */
  readonly previous: GenerationRef | null
  /** The disks that have a token in the request. */
  readonly keys: readonly number[]
  /** The snapshot that was copied from; undefined before the first byte. */
  readonly snapshot?: string
}

const fileName = 'state.json'

/** The state does not match its checksum, so that the backup in progress cannot be continued. */
export class DamagedStateError extends DamagedError {
  /** The snapshot that the state names, if that can still be read. */
  readonly snapshot: string | undefined

  constructor(path: string, text: string) {
    super(`${path} is damaged: give up the backup in progress with "discard", and run the backup again`)
    this.snapshot = /"snapshot": ?"([^"]+)"/.exec(text)?.[1]
  }
}

/** @returns undefined if no backup is in progress @throws DamagedStateError */
export async function readState({ files, inProgress }: Repository): Promise<State | undefined> {
  const path = join(inProgress, fileName)
  const text = await readIfExists(files, path)
  if (text === undefined) return undefined
  const state = parseChecked<State>(text)
  if (state) return state
  throw new DamagedStateError(path, text)
}

export async function writeState({ files, inProgress }: Repository, state: State): Promise<void> {
  await files.mkdir(inProgress, { recursive: true })
  await writeDurably(files, join(inProgress, fileName), formatChecked(state))
}

/** Notes the snapshot that is copied from now on. What was copied of another one is deleted before. */
export async function useSnapshot(snapshot: string, before: State, repository: Repository): Promise<State> {
  await repository.deleteOwnFiles(repository.inProgress, [fileName])
  const state = { ...before, snapshot }
  await writeState(repository, state)
  return state
}

export const deleteState = ({ files, inProgress }: Repository): Promise<void> =>
  files.rm(inProgress, { recursive: true })
