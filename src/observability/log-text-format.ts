// A line of the log as a person reads it in a terminal: time, level, message, then the fields as `name=value`.

interface LogLine {
  readonly time: string
  readonly level: string
  readonly msg: string
  /** An error as pino writes it. */
  readonly err?: { readonly stack?: string }
  readonly [field: string]: unknown
}

export function formatLogLine({ time, level, msg, err, ...fields }: LogLine): string {
  const words = Object.entries(fields).map(([name, value]) => `${name}=${quoteIfNeeded(value)}`)
  const line = [time, level, withoutControls(msg), ...words].join(' ')
  const stack = err?.stack?.split('\n').map((each) => `    ${withoutControls(each).trim()}\n`)
  return `${line}\n${stack?.join('') ?? ''}`
}

const quoteIfNeeded = (value: unknown): string =>
  withoutControls(typeof value === 'string' && /^[^\s"=]+$/.test(value) ? value : JSON.stringify(value))

/** What a vCenter or a client wrote must not begin a line of its own, reach the terminal as an escape sequence, or turn text around. */
const withoutControls = (text: string): string => text.replace(/[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]+/gu, ' ')
