// The map of a stream of areas: what each batch costs, and that a paused log does not change.

import { describe, expect, it } from 'vitest'
import type { Area } from '../../playground/src/results/disk-map/area-map.ts'
import { binsOf, prepareMap } from '../../playground/src/results/disk-map/bins.ts'
import { describeSpot } from '../../playground/src/results/disk-map/spot.ts'
import { summaryOf } from '../../playground/src/results/disk-map/summary.ts'
import {
  appendBatch,
  frozen,
  mapOfStream,
  type StreamedMap,
} from '../../playground/src/results/live-log/streamed-map.ts'
import { typedAt } from './typed.ts'

describe('the map of a stream', () => {
  const document = `subscription { changedAreas(disk: "d") { startOffset nextOffset capacity areas { start length } } }`
  const areaSpan = 100
  const batchSize = 200
  const batchCount = 100
  const capacity = areaSpan * batchSize * batchCount
  const batchValue = (batch: number) => {
    const startOffset = batch * batchSize * areaSpan
    const areas = Array.from({ length: batchSize }, (_, index) => ({
      start: startOffset + index * areaSpan,
      length: 60,
    }))
    const nextOffset = startOffset + batchSize * areaSpan
    return typedAt(document, { changedAreas: { startOffset, nextOffset, capacity, areas } }, 'changedAreas')
  }
  const append = (map: StreamedMap | undefined, batch: number) =>
    appendBatch(map, 'changedAreas', batchValue(batch), undefined)!

  /** Counts how often an area of the list is read. */
  function counting(list: Area[]) {
    let reads = 0
    const areas = new Proxy(list, {
      get(target, key, receiver) {
        if (typeof key === 'string' && /^\d+$/.test(key)) reads += 1
        return Reflect.get(target, key, receiver)
      },
    })
    return { areas, reads: () => reads }
  }

  it('costs as much work for the last batch as for an early one', () => {
    const first = append(undefined, 0)
    const { areas, reads } = counting(first.areas)
    let map: StreamedMap = { ...first, areas }
    const costs: number[] = []
    for (let batch = 1; batch < batchCount; batch += 1) {
      const before = reads()
      map = append(map, batch)
      const drawn = mapOfStream(map)
      const bins = binsOf(prepareMap(drawn), { start: 0, end: capacity }, 600)
      // A column of several areas.
      expect(describeSpot(prepareMap(drawn), { start: 0, end: 950 })).toMatch(/^10 areas .*, length 590 B/)
      expect(summaryOf(drawn)).toContain(`${((batch + 1) * batchSize).toLocaleString('en')} areas`)
      expect(bins.reduce((sum, { bytes }) => sum + bytes, 0)).toBe((batch + 1) * batchSize * 60)
      costs.push(reads() - before)
    }
    // A binary search for each column has a few more steps in a longer list.
    expect(map.areas).toHaveLength(batchCount * batchSize)
    expect(costs.at(-1)!).toBeLessThan(2 * costs[9]!)
    expect(costs.at(-1)!).toBeLessThan(map.areas.length)
  })

  it('keeps what it was while the log is paused', () => {
    const map = append(undefined, 0)
    const paused = frozen(map)
    append(map, 1)
    expect(paused.areas).toHaveLength(batchSize)
    expect(paused.known).toEqual([{ start: 0, end: batchSize * areaSpan }])
  })
})
