// What the operator is told while the gateway runs: one line each, to standard error. Never a secret; callers see to that.

export interface Log {
  info(message: string): void
  warn(message: string): void
  error(message: string): void
}

/** A log that writes lines to a stream. */
export function createLog(stream: { write(text: string): unknown }): Log {
  const write = (level: string) => (message: string) => {
    stream.write(`${new Date().toISOString()} ${level} ${message}\n`)
  }
  return { info: write('info'), warn: write('warn'), error: write('error') }
}
