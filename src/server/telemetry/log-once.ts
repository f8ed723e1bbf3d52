// What the log is told once for each name that clients choose, and of so many names at most: whoever chooses another one for each
// request must not fill the log.

import type { Log, LogFields } from '../../observability/log.ts'

const mostNames = 100

/** A name may be as long as a header; in the log it has an end. */
const longestName = 100

/** Takes a name and makes a sentence of it, as it may be written. */
type TellOnce = (name: string, sentence: (shown: string) => string, fields: LogFields) => void

/** @param names what they are, in the plural */
export function createTellOnce(log: Log, names: string): TellOnce {
  const told = new Set<string>()
  return (name, sentence, fields) => {
    const known = name.slice(0, longestName)
    if (told.size === mostNames || told.has(known)) return
    told.add(known)
    const end = told.size === mostNames ? `; no more ${names} are told until the gateway is restarted` : ''
    log.warn(`${sentence(JSON.stringify(known))}${end}`, fields)
  }
}
