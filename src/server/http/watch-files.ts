// Reloads files when they change, so that the gateway need not be restarted. A change counts once two polls
// in a row find the same contents: a file may be only partly written, and related files, such as a
// certificate and its key, are rarely written at the same instant. If the new contents are invalid, the
// previous ones stay in use, and the log has an error.

import { createHash } from 'node:crypto'
import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs'
import type { ReadFile } from '../../config/read-text.ts'
import type { Log } from '../../observability/log.ts'
import type { Metrics } from '../../observability/metrics.ts'

/** Where changes are reported, and when watching ends. */
export interface WatchOptions {
  readonly log: Log
  readonly metrics?: Pick<Metrics, 'file'> | undefined
  /** Stops watching. */
  readonly signal: AbortSignal
  /** @default 1 second */
  readonly pollIntervalMs?: number | undefined
}

interface WatchFilesOptions<T> {
  readonly files: readonly string[]
  /** Parses the files' contents. Throws an error whose message may be logged. */
  readonly read: (readFile: ReadFile) => T
  /** The setting that names the files, or the first file. */
  readonly setting: '--token-file' | '--jwt-jwks' | '--tls-cert' | '--capture-key-file'
  /** The name of the files in the log. @default the setting */
  readonly name?: string
  readonly watchOptions: WatchOptions
  /** Called with the new contents after a change. */
  readonly onChange?: (contents: T) => void
}

export interface WatchedFile<T> {
  readonly current: T
}

// Polling, not fs.watch: a mounted secret changes through a symbolic link in a parent directory, which a
// watcher on the file does not see. By contents, not by modification time: the time may be the same after a
// change, and a change just after the first read would be missed.
const defaultPollIntervalMs = 1_000

/** Reads files now, which may throw, and again whenever one changes. */
export function watchFiles<T>({
  files,
  read,
  setting,
  name = setting,
  watchOptions: { log, metrics, signal, pollIntervalMs = defaultPollIntervalMs },
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
      log.error(`${(error as Error).message}. The previous contents stay in use.`)
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
  /** Identical as long as the files are unchanged, or still missing. Does not reveal their contents. */
  readonly fingerprint: string
  /** Reads the contents as of the snapshot. */
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

/** Rejects other file types: reading from a pipe without a writer would block forever. */
function readRegularFile(file: string): Buffer {
  const descriptor = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK)
  try {
    if (fstatSync(descriptor).isFile()) return readFileSync(descriptor)
    throw Object.assign(new Error('it is not a regular file'), { code: 'ENOTREG' })
  } finally {
    closeSync(descriptor)
  }
}
