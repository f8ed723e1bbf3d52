// The gateway's log, one line per event: JSON for machines, readable text for a terminal. Callers must not
// log secrets; as a safeguard, fields with the names of secrets are redacted here.

import { type LoggerOptions, pino, stdSerializers, stdTimeFunctions } from 'pino'
import { truncate, truncateDeep } from '../text/truncate.ts'
import { formatLogLine } from './log-text-format.ts'

/** The fields of a log line besides its message. */
export interface LogFields {
  /**
   * Marks an audit entry about a change. It is written at every log level; use this field to filter audit
   * entries.
   */
  readonly audit?: true
  /** Written with its stack. */
  readonly err?: unknown
  readonly [field: string]: unknown
}

export interface Log {
  info(message: string, fields?: LogFields): void
  warn(message: string, fields?: LogFields): void
  error(message: string, fields?: LogFields): void
}

type Level = 'error' | 'warn' | 'info'

interface LogOptions {
  /** The minimum level. Audit entries are always written. @default 'info' */
  readonly level?: Level | undefined
  /** @default 'json' */
  readonly format?: 'json' | 'text' | undefined
}

const secretNames = new Set([
  'password',
  'secret',
  'token',
  'authorization',
  'cookie',
  'set-cookie',
  'sessionKey',
  'variables',
])

/** At the top level of a line, and one and two levels below. */
const secretPaths = [...secretNames]
  .map((name) => `["${name}"]`)
  .flatMap((name) => [name, `*${name}`, `*.*${name}`])

/** Creates a log that writes lines to a stream. */
export function createLog(
  stream: { write(text: string): unknown },
  { level = 'info', format = 'json' }: LogOptions = {},
): Log {
  const options: LoggerOptions = {
    level,
    // Without pid and host name: the log collector knows the source of the lines.
    base: null,
    timestamp: stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    serializers: { err: truncatedError },
  }
  const logger = pino(options, {
    write: (line) => stream.write(format === 'json' ? line : formatLogLine(JSON.parse(line))),
  })
  // Redaction checks every path in every line, which takes longer than writing the line. So it is only used
  // for lines with a field to redact.
  const redact = { paths: secretPaths, censor: '[redacted]' }
  const redacting = logger.child({}, { redact })
  const auditor = logger.child({}, { redact, level: 'info' })
  const write =
    (level: Level) =>
    (message: string, fields: LogFields = {}): void => {
      const target = fields.audit ? auditor : hasSecretName(fields) ? redacting : logger
      target[level](truncateDeep(fields), truncate(message))
    }
  return { info: write('info'), warn: write('warn'), error: write('error') }
}

/** Serializes an error as pino does, with strings from a vCenter truncated. */
const truncatedError = (error: unknown): unknown =>
  error instanceof Error ? truncateDeep({ ...stdSerializers.err(error) }) : truncateDeep(error)

function hasSecretName(fields: object, levelsBelow = 2): boolean {
  return Object.entries(fields).some(
    ([name, value]) =>
      secretNames.has(name) ||
      (levelsBelow > 0 &&
        typeof value === 'object' &&
        value !== null &&
        hasSecretName(value, levelsBelow - 1)),
  )
}
