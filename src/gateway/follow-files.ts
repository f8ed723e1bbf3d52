// Files that are read again when they change, so that nobody has to restart the gateway. What a change breaks does not count:
// what was read before stays in use, and the log says so.

import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { Log } from '../observability/log.ts'
import type { Metrics } from '../observability/metrics.ts'

/** Who is told of changes, and until when. */
export interface Following {
  readonly log: Log
  readonly metrics?: Pick<Metrics, 'file'> | undefined
  /** Ends it. */
  readonly signal: AbortSignal
}

interface FollowOptions<T> {
  readonly files: readonly string[]
  /** Reads them all; throws what is wrong with them, in words that may be logged. */
  readonly read: () => T
  /** The setting that names them, or the first of them. */
  readonly setting: '--token-file' | '--jwt-jwks' | '--tls-cert'
  /** What the log calls them. @default the setting */
  readonly name?: string
  readonly following: Following
  /** Told of what was read after a change. */
  readonly onChange?: (contents: T) => void
}

export interface Followed<T> {
  readonly current: T
}

// Looked at and not listened to: a mounted secret changes by a link in a folder above it, which no listener on the file hears.
// By what they hold and not by their times: these may be the same after a change, and a change just after the first reading
// would be taken for what was read.
const lookEveryMs = 1_000

/** Files that belong together, such as a certificate and its key, are seldom written in the same instant. */
const settleMs = 200

/** Reads files now, which may throw, and whenever one of them changes. */
export function followFiles<T>({
  files,
  read,
  setting,
  name = setting,
  following: { log, metrics, signal },
  onChange,
}: FollowOptions<T>): Followed<T> {
  let seen = printOf(files)
  let current = read()
  const measured = metrics?.file(setting)
  let settling: NodeJS.Timeout | undefined
  const readAgain = () => {
    settling = undefined
    seen = printOf(files)
    try {
      current = read()
    } catch (error) {
      measured?.read(false)
      log.error(`${(error as Error).message}. It has changed; what it held before stays in use.`)
      return
    }
    measured?.read(true)
    log.info(`${name} has changed and was read again`)
    onChange?.(current)
  }
  const looking = setInterval(() => {
    if (printOf(files) !== seen) settling ??= setTimeout(readAgain, settleMs).unref()
  }, lookEveryMs).unref()
  signal.addEventListener('abort', () => {
    clearInterval(looking)
    clearTimeout(settling)
  })
  return {
    get current() {
      return current
    },
  }
}

/** The same as long as the files hold the same, or are missing. Nothing of what they hold is kept in it. */
function printOf(files: readonly string[]): string {
  const hash = createHash('sha256')
  for (const file of files) {
    try {
      hash.update(createHash('sha256').update(readFileSync(file)).digest())
    } catch (error) {
      hash.update(String((error as NodeJS.ErrnoException).code))
    }
  }
  return hash.digest('base64')
}
