// Files that are read again when they change, so that nobody has to restart the gateway. A change counts when two looks in a row
// find the same: it may not be written to its end yet, and files that belong together, such as a certificate and its key, are
// seldom written in the same instant. What it breaks does not count: what was read before stays in use, and the log says so.

import { createHash } from 'node:crypto'
import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs'
import type { ReadFile } from '../../config/read-text.ts'
import type { Log } from '../../observability/log.ts'
import type { Metrics } from '../../observability/metrics.ts'

/** Who is told of changes, and until when. */
export interface WatchOptions {
  readonly log: Log
  readonly metrics?: Pick<Metrics, 'file'> | undefined
  /** Ends it. */
  readonly signal: AbortSignal
}

interface WatchFilesOptions<T> {
  readonly files: readonly string[]
  /** Makes something of what they hold; throws what is wrong with them, in words that may be logged. */
  readonly read: (readFile: ReadFile) => T
  /** The setting that names them, or the first of them. */
  readonly setting: '--token-file' | '--jwt-jwks' | '--tls-cert'
  /** What the log calls them. @default the setting */
  readonly name?: string
  readonly watchOptions: WatchOptions
  /** Told of what was read after a change. */
  readonly onChange?: (contents: T) => void
}

export interface WatchedFile<T> {
  readonly current: T
}

// Looked at and not listened to: a mounted secret changes by a link in a folder above it, which no listener on the file hears.
// By what they hold and not by their times: these may be the same after a change, and a change just after the first reading
// would be taken for what was read.
const pollIntervalMs = 1_000

/** Reads files now, which may throw, and whenever one of them changes. */
export function watchFiles<T>({
  files,
  read,
  setting,
  name = setting,
  watchOptions: { log, metrics, signal },
  onChange,
}: WatchFilesOptions<T>): WatchedFile<T> {
  const firstSnapshot = snapshotFiles(files)
  let current = read(firstSnapshot.readFile)
  const fileMetrics = metrics?.file(setting)
  let lastLoaded = firstSnapshot.fingerprint
  let lastSeen = firstSnapshot.fingerprint
  const poll = () => {
    const { fingerprint, readFile } = snapshotFiles(files)
    const isStable = fingerprint === lastSeen
    lastSeen = fingerprint
    if (!isStable || fingerprint === lastLoaded) return
    lastLoaded = fingerprint
    try {
      current = read(readFile)
    } catch (error) {
      fileMetrics?.recordReload(false)
      log.error(`${(error as Error).message}. It has changed; what it held before stays in use.`)
      return
    }
    fileMetrics?.recordReload(true)
    log.info(`${name} reloaded`)
    onChange?.(current)
  }
  const pollTimer = setInterval(poll, pollIntervalMs).unref()
  signal.addEventListener('abort', () => clearInterval(pollTimer))
  return {
    get current() {
      return current
    },
  }
}

interface FilesSnapshot {
  /** The same as long as the files hold the same, or are missing. Nothing of what they hold is kept in it. */
  readonly fingerprint: string
  /** What they held then. */
  readonly readFile: ReadFile
}

function snapshotFiles(files: readonly string[]): FilesSnapshot {
  const hash = createHash('sha256')
  const contentsByFile = new Map<string, () => string>()
  for (const file of files) {
    try {
      const bytes = readRegularFile(file)
      hash.update(createHash('sha256').update(bytes).digest())
      contentsByFile.set(file, () => bytes.toString())
    } catch (error) {
      hash.update(String((error as NodeJS.ErrnoException).code))
      contentsByFile.set(file, () => {
        throw error
      })
    }
  }
  return { fingerprint: hash.digest('base64'), readFile: (file) => contentsByFile.get(file)?.() ?? '' }
}

/** Of a pipe that nobody writes to, everything here would wait for ever. */
function readRegularFile(file: string): Buffer {
  const descriptor = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK)
  try {
    if (fstatSync(descriptor).isFile()) return readFileSync(descriptor)
    throw Object.assign(new Error('it is no regular file'), { code: 'ENOTREG' })
  } finally {
    closeSync(descriptor)
  }
}
