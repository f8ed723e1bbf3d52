// Formats a log line for a terminal: time, level, message, then the fields as `name=value`.

interface LogLine {
  readonly time: string
  readonly level: string
  readonly msg: string
  /** An error as serialized by pino. */
  readonly err?: { readonly stack?: string }
  readonly [field: string]: unknown
}

export function formatLogLine({ time, level, msg, err, ...fields }: LogLine): string {
  const formattedFields = Object.entries(fields).map(([name, value]) => `${name}=${quoteIfNeeded(value)}`)
  const line = [time, level, withoutControls(msg), ...formattedFields].join(' ')
  const stack = err?.stack?.split('\n').map((each) => `    ${withoutControls(each).trim()}\n`)
  return `${line}\n${stack?.join('') ?? ''}`
}

const quoteIfNeeded = (value: unknown): string =>
  withoutControls(typeof value === 'string' && /^[^\s"=]+$/.test(value) ? value : JSON.stringify(value))

/**
 * Removes control characters, so that strings from a vCenter or a client cannot start a new line, send escape
 * sequences to the terminal, or reverse the direction of text.
 */
const withoutControls = (text: string): string => text.replace(/[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]+/gu, ' ')
