// Changed block tracking of one disk: epochs, and the numbered points in them that changeIds refer to.

import { createRandom } from '../random.ts'
import type { Point } from './write-history.ts'

/** A period of uninterrupted tracking. Its points stay valid after the snapshots that created them are deleted. */
export interface Epoch {
  readonly uuid: string
  /** The point with number n is at index n - 1. */
  readonly points: Point[]
}

export function createEpoch(seed: string, count: number): Epoch {
  const bytes = `52${createRandom(seed, 'epoch', count).hex(30)}`.match(/../g) ?? []
  return { uuid: `${bytes.slice(0, 8).join(' ')}-${bytes.slice(8).join(' ')}`, points: [] }
}

export const changeIdOf = (epoch: Epoch, number: number): string => `${epoch.uuid}/${number}`

/** Parses a changeId; undefined if it is malformed. */
export function parseChangeId(text: string): { readonly uuid: string; readonly number: number } | undefined {
  const match = /^((?:[0-9a-f]{2} ){7}[0-9a-f]{2}-(?:[0-9a-f]{2} ){7}[0-9a-f]{2})\/(\d{1,15})$/i.exec(text)
  return match?.[1] === undefined ? undefined : { uuid: match[1].toLowerCase(), number: Number(match[2]) }
}
