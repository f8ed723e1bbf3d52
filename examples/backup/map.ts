// Maps: the areas of a disk that are to be copied, as the gateway lists them in a file of JSON lines. Only the last line of the file
// shows that the map is complete.

/** A range of bytes of a disk. */
export interface Area {
  readonly start: number
  readonly length: number
}

export interface DiskMap {
  readonly areas: readonly Area[]
  /** The size of the disk, in bytes. */
  readonly capacity: number
  /** Whether the map lists everything in use, not only changes. */
  readonly isFull: boolean
}

/** @throws if the file is not a complete map */
export function parseMap(text: string): DiskMap {
  const lines = text.endsWith('\n') ? text.trimEnd().split('\n') : []
  const [first, ...areas] = lines.map(parseLine)
  const last = areas.pop()
  if (
    first?.type !== 'start' ||
    last?.type !== 'end' ||
    last.areas !== areas.length ||
    last.bytes !== totalOf(areas)
  )
    throw new Error('the map is incomplete')
  let end = 0
  for (const { start, length } of areas as Area[]) {
    if (!(Number.isSafeInteger(start) && start >= end && Number.isSafeInteger(start + length) && length > 0))
      throw new Error('the areas of the map overlap')
    end = start + length
  }
  if (!(first.capacity === last.capacity && end <= first.capacity))
    throw new Error('the map has areas beyond the end of the disk')
  return { areas, capacity: first.capacity, isFull: first.sinceChangeId === null }
}

function parseLine(line: string) {
  try {
    return JSON.parse(line)
  } catch {
    throw new Error('the map is incomplete')
  }
}

/** Merges areas of several maps. */
export function union(areas: readonly Area[]): Area[] {
  const merged: { start: number; length: number }[] = []
  for (const { start, length } of areas.toSorted((one, other) => one.start - other.start)) {
    const last = merged.at(-1)
    if (last && start <= last.start + last.length)
      last.length = Math.max(last.length, start + length - last.start)
    else merged.push({ start, length })
  }
  return merged
}

export const totalOf = (areas: readonly Area[]): number => areas.reduce((sum, { length }) => sum + length, 0)
