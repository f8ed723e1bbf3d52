// What the log is told once for each name that clients choose, and of so many names at most: whoever chooses another one for each
// request must not fill the log.

import type { Log, LogFields } from '../../observability/log.ts'

const maxNames = 100

/** A name may be as long as a header; in the log it has an end. */
const maxNameLength = 100

/** Takes a name and makes a sentence of it, as it may be written. */
type OnceLogger = (name: string, formatMessage: (shown: string) => string, fields: LogFields) => void

/** @param label what they are, in the plural */
export function createOnceLogger(log: Log, label: string): OnceLogger {
  const logged = new Set<string>()
  return (name, formatMessage, fields) => {
    const shortName = name.slice(0, maxNameLength)
    if (logged.size === maxNames || logged.has(shortName)) return
    logged.add(shortName)
    const suffix =
      logged.size === maxNames ? `; no more ${label} are logged until the gateway is restarted` : ''
    log.warn(`${formatMessage(JSON.stringify(shortName))}${suffix}`, fields)
  }
}
