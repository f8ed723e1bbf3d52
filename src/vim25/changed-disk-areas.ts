// QueryChangedDiskAreas from an offset to the capacity, window by window, each proven to follow the one before.
// A reply covers only [startOffset, startOffset + length) and may be empty in the middle of the disk; the usual script
// calls once and loses everything beyond. Whoever pages, counts or draws reads from here (graphql/changed-areas/).

import type { DataObject } from '../soap/vim-types.ts'

/** Bytes [start, start + length) of a disk. */
export interface Area {
  readonly start: number
  readonly length: number
}

/**
 * The areas of one window, sorted, disjoint, merged: each begins inside [startOffset, nextOffset). The last may reach
 * into the next window, which may tell it again; whoever joins windows merges there.
 */
export interface Window {
  readonly startOffset: number
  readonly nextOffset: number
  readonly areas: readonly Area[]
}

/** The answers do not prove that they cover the disk. Nothing of them may be used: a backup made from it loses data. */
export class CoverageError extends Error {
  override name = 'CoverageError' as const
}

/** Far beyond any real disk: a server that never gets on must not keep us for ever. */
const mostWindows = 1_000_000

/**
 * Yields windows until the capacity is reached. Asks for the next window only when it is taken.
 * @throws CoverageError when an answer is not exactly what was asked for or does not advance.
 */
export async function* changedDiskWindows(
  query: (startOffset: number) => Promise<DataObject<'DiskChangeInfo'>>,
  capacity: number,
  startOffset = 0,
): AsyncGenerator<Window> {
  let offset = startOffset
  let windows = 0
  // At the capacity itself vSphere raises InvalidArgument, so it is never asked there.
  while (offset < capacity) {
    windows += 1
    if (windows > mostWindows)
      throw new CoverageError(
        `vSphere answers in windows so small that ${mostWindows} of them are not enough`,
      )
    const window = proven(await query(offset), offset, capacity)
    yield window
    offset = window.nextOffset
  }
}

function proven(reply: DataObject<'DiskChangeInfo'>, asked: number, capacity: number): Window {
  const { startOffset, length } = reply
  if (startOffset !== asked)
    throw new CoverageError(
      `asked for the areas from offset ${asked} on, vSphere answered from ${startOffset} on`,
    )
  if (typeof length !== 'number' || length <= 0 || !Number.isSafeInteger(asked + length)) {
    throw new CoverageError(`vSphere answered a window of ${length} bytes at offset ${asked}`)
  }
  const end = Math.min(asked + length, capacity)
  const areas: Area[] = []
  for (const { start, length: size } of reply.changedArea ?? []) {
    if (typeof start !== 'number' || typeof size !== 'number' || size <= 0 || start < asked || start >= end) {
      throw new CoverageError(
        `vSphere answered an area of ${size} bytes at ${start} in the window from ${asked} to ${end}`,
      )
    }
    areas.push({ start, length: size })
  }
  // The last area may reach past its window, and past the end of a healthy disk: tracking counts in whole grains.
  return { startOffset: asked, nextOffset: end, areas: merged(areas, capacity) }
}

/** Sorts, merges what overlaps or has at most so large a gap between, and clips to the capacity. vSphere promises no order. */
export function merged(areas: readonly Area[], capacity: number, gap = 0): Area[] {
  const result: Area[] = []
  for (const { start, length } of [...areas].sort((a, b) => a.start - b.start)) {
    const end = Math.min(start + length, capacity)
    if (end <= start) continue
    const last = result.at(-1)
    if (last && start - (last.start + last.length) <= gap) {
      result[result.length - 1] = {
        start: last.start,
        length: Math.max(last.start + last.length, end) - last.start,
      }
    } else result.push({ start, length: end - start })
  }
  return result
}
