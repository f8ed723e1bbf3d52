// The lines of a map file. The last one only follows when the whole disk is covered, so that a file that was cut off is recognized.

import type { AreasFormat } from '../../schema/changed-areas/areas-export.ts'

/** A batch of Subscription.changedAreas. */
export interface MapBatch {
  readonly areas: readonly { readonly start: number; readonly length: number }[]
  readonly capacity: number
  readonly complete: boolean
  readonly changeId: string
  readonly sinceChangeId: string | null
}

/** Writes one file. */
export interface MapFile {
  /** Returns the lines of a batch, with the first line of the file if it is the first batch and the last line if it completes the map. */
  write(batch: MapBatch): string
}

export const createMapFile = (format: AreasFormat): MapFile =>
  format === 'NDJSON' ? new NdjsonFile() : new ExtentListFile()

class NdjsonFile implements MapFile {
  #isStarted = false
  #areas = 0
  #bytes = 0

  write({ areas, capacity, complete, changeId, sinceChangeId }: MapBatch): string {
    let text = ''
    const add = (line: object) => {
      text += `${JSON.stringify(line)}\n`
    }
    if (!this.#isStarted) add({ type: 'start', capacity, changeId, sinceChangeId })
    this.#isStarted = true
    for (const { start, length } of areas) {
      add({ start, length })
      this.#areas += 1
      this.#bytes += length
    }
    if (complete) add({ type: 'end', areas: this.#areas, bytes: this.#bytes, capacity, changeId })
    return text
  }
}

/** For nbdkit, which skips the empty extent of the last line. */
class ExtentListFile implements MapFile {
  write({ areas, capacity, complete }: MapBatch): string {
    const lines = areas.map(({ start, length }) => `${start} ${length}\n`)
    if (complete) lines.push(`${capacity} 0\n`)
    return lines.join('')
  }
}
