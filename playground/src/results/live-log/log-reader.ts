// Reads the results of a run into a log, each once, also when the run is read again with more results.

import type { Run, RunResult } from '../../execution/runs.ts'
import type { TypedResult } from '../typed/typed-result.ts'
import { appendNote, appendResult, emptyLog, type LogState } from './log-lines.ts'
import { appendBatch, type StreamedMap } from './streamed-map.ts'

export interface Log extends LogState {
  /** Number of results that were read. */
  readonly results: number
  /** The areas of a stream of areas. */
  readonly map: StreamedMap | undefined
}

export class LogReader {
  #log: Log = { ...emptyLog, results: 0, map: undefined }

  /** Returns the log of all results up to the last one of the run; the same object if there is no new one. */
  read(run: Run, typed: (result: RunResult) => TypedResult): Log {
    const { droppedResults, results, variables } = run
    const missed = droppedResults - this.#log.results
    const first = results[0]
    if (missed > 0 && first) {
      const note = `${missed} earlier results are no longer kept.`
      this.#log = { ...this.#log, ...appendNote(this.#log, note, first.at), results: droppedResults }
    }
    for (const result of results.slice(this.#log.results - droppedResults)) {
      const next = typed(result)
      this.#log = {
        ...appendResult(this.#log, next, result.at),
        results: this.#log.results + 1,
        map: withBatches(this.#log.map, next, variables),
      }
    }
    return this.#log
  }
}

function withBatches(map: StreamedMap | undefined, { root }: TypedResult, variables: Run['variables']) {
  if (root?.kind !== 'object') return map
  return root.fields.reduce((joined, { key, value }) => appendBatch(joined, key, value, variables), map)
}
