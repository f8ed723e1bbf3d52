// Logs a message once per client-chosen name, for a limited number of names, so that a client with a new name
// in each request cannot flood the log.

import type { Log, LogFields } from '../../observability/log.ts'

const maxNames = 100

/** A name may be as long as a header; the log gets a prefix. */
const maxNameLength = 100

/**
 * Logs the message for a name, unless it was logged before. `formatMessage` receives the name in a printable
 * form.
 */
type OnceLogger = (name: string, formatMessage: (printableName: string) => string, fields: LogFields) => void

/** @param label what the names are, in the plural */
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
