// What the operator is told while the gateway runs, one line each: JSON for machines, readable text for a terminal.
// Never a secret: callers see to that, and what is named like one is blotted out here all the same.

import { type LoggerOptions, pino, stdSerializers, stdTimeFunctions } from 'pino'
import { truncate, truncateDeep } from '../text/truncate.ts'
import { formatLogLine } from './log-text-format.ts'

/** What belongs to a line beside its message. */
export interface LogFields {
  /** It tells who changed what: written whatever the level is, and to be kept apart by this field. */
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
  /** The least that is written; the audit is in any case. @default 'info' */
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

/** At the top of a line, and one and two levels below. */
const secretPaths = [...secretNames]
  .map((name) => `["${name}"]`)
  .flatMap((name) => [name, `*${name}`, `*.*${name}`])

/** A log that writes lines to a stream. */
export function createLog(
  stream: { write(text: string): unknown },
  { level = 'info', format = 'json' }: LogOptions = {},
): Log {
  const options: LoggerOptions = {
    level,
    // Neither pid nor host name: who collects the lines knows where they come from.
    base: null,
    timestamp: stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    serializers: { err: truncatedError },
  }
  const logger = pino(options, {
    write: (line) => stream.write(format === 'json' ? line : formatLogLine(JSON.parse(line))),
  })
  // It looks for every path in every line, which takes longer than to write one: it is given those that have something to blot out.
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

/** An error as pino writes it, whatever a vCenter put into it. */
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
