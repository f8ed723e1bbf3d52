// Joins the batches of a stream of areas into one map.

import type { Area, AreaMap } from '../disk-map/area-map.ts'
import { mergeRanges, type Range } from '../disk-map/ranges.ts'
import { meaningOf, readAreas, type Variables } from '../disk-map/read-maps.ts'
import { fieldNamed, rawField, type TypedValue } from '../typed/typed-value.ts'

/** A map that grows. `areas` is appended to in place, so that a million areas are not copied with each batch. */
export interface StreamedMap {
  readonly key: string
  readonly capacity: number | undefined
  readonly areas: Area[]
  readonly known: readonly Range[]
  readonly meaning: AreaMap['meaning']
}

/** Returns the map with one more batch, or the same one if the value is not a batch whose areas are selected. */
export function appendBatch(
  map: StreamedMap | undefined,
  key: string,
  value: TypedValue,
  variables: Variables,
): StreamedMap | undefined {
  if (value.kind !== 'object' || value.typeName !== 'ChangedAreaBatch') return map
  const list = fieldNamed(value, 'areas')?.value
  const areas = list && readAreas(list)
  if (!areas) return map
  const [start, end, capacity] = ['startOffset', 'nextOffset', 'capacity'].map((field) =>
    rawField(value, field),
  )
  const last = areas.at(-1)
  const all = map?.areas ?? []
  const known = map?.known ?? []
  // Without its offsets a batch begins where the one before it ended.
  const from = typeof start === 'number' ? start : (known.at(-1)?.end ?? areas[0]?.start ?? 0)
  const to = typeof end === 'number' ? end : last ? last.start + last.length : from
  for (const area of areas) all.push(area)
  return {
    key,
    capacity: typeof capacity === 'number' ? capacity : map?.capacity,
    areas: all,
    known: mergeRanges([...known, { start: from, end: to }]),
    meaning: meaningOf(value, variables),
  }
}

/** Returns the map as it is now, to which no further areas are appended. */
export const frozen = (map: StreamedMap): StreamedMap => ({ ...map, areas: [...map.areas] })

/** Returns the map of what has arrived by now, which further batches extend. */
export function mapOfStream({ key, capacity, areas, known, meaning }: StreamedMap): AreaMap {
  const end = known.at(-1)?.end ?? 0
  return {
    name: key,
    meaning,
    capacity: capacity ?? end,
    isCapacityKnown: capacity !== undefined,
    areas,
    known,
  }
}
