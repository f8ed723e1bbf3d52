// Ends a run of the backup program at one of its input and output operations, as kill -9 or a power failure would: this operation is
// done in part or in whole, and no later one is done. In this process, since a thousand processes would take minutes.

import * as fs from 'node:fs/promises'
import type { Send } from '../../../examples/backup/http.ts'
import { type Files, localFiles } from '../../../examples/backup/storage/files.ts'
import type { Random } from '../../../src/simulator/random.ts'

export class Killed extends Error {}

/** The error of Node.js on a full disk. */
export const noSpaceError = (): Error =>
  Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' })

type Handle = Awaited<ReturnType<typeof fs.open>>

export interface CrashOptions {
  readonly random: Random
  /** The number of the operation that ends the run. @default none */
  readonly killAt?: number
  /** Files whose path ends like this cannot be written, as on a full disk. */
  readonly noSpaceFor?: string
  /** What else happens before the operation with this number. */
  readonly meanwhile?: ReadonlyMap<number, () => unknown>
}

/** Counts the operations of one run. */
export class Operations {
  /** How many there were so far. */
  count = 0
  isKilled = false
  readonly #options: CrashOptions
  readonly #open = new Set<Handle>()
  /** The files that were written, with the length that is known to be on the disk. */
  readonly #unsafe = new Map<string, number>()

  constructor(options: CrashOptions) {
    this.#options = options
  }

  /** Counts an operation. @param part does a part of it if the run ends here */
  async #next(part: () => Promise<unknown> = async () => {}): Promise<void> {
    if (this.isKilled) throw new Killed()
    this.count += 1
    const { count } = this
    await this.#options.meanwhile?.get(count)?.()
    if (count !== this.#options.killAt) return
    this.isKilled = true
    await part()
    throw new Killed()
  }

  /** Wraps requests. The last one may have been sent, or not. */
  send =
    (send: Send): Send =>
    async (request) => {
      await this.#next(async () => {
        if (this.#options.random.integer(2) === 0) await send(request).catch(() => {})
      })
      return send(request)
    }

  readonly files: Files = new Proxy(localFiles, {
    get: (target, name: keyof Files) => {
      if (name === 'open') return this.#openFile
      return async (path: string, ...others: never[]) => {
        await this.#next()
        if (name === 'writeFile') this.#unsafe.set(path, 0)
        return (target[name] as (...args: unknown[]) => unknown)(path, ...others)
      }
    },
  })

  #openFile = (async (path: string, flags: string) => {
    await this.#next()
    const { noSpaceFor } = this.#options
    if (noSpaceFor !== undefined && path.endsWith(noSpaceFor)) throw noSpaceError()
    const handle = await localFiles.open(path, flags)
    this.#open.add(handle)
    const writes = flags !== 'r'
    if (writes && !this.#unsafe.has(path)) this.#unsafe.set(path, (await handle.stat()).size)
    return new Proxy(handle, {
      get: (target, name: keyof Handle) => {
        if (typeof target[name] !== 'function') return target[name]
        const method = (target[name] as (...args: unknown[]) => Promise<unknown>).bind(target)
        if (name === 'close') return () => this.#close(target)
        return async (...args: unknown[]) => {
          await this.#next(async () => {
            const [bytes] = args
            if (name === 'appendFile' && bytes)
              await method((bytes as string).slice(0, (bytes as string).length / 2))
          })
          if (name !== 'sync') return method(...args)
          // Without a real one, which takes most of the time: what counts as synchronized is known here.
          return void this.#unsafe.delete(path)
        }
      },
    })
  }) as Files['open']

  async #close(handle: Handle): Promise<void> {
    this.#open.delete(handle)
    await handle.close()
    await this.#next()
  }

  /** Closes what the run had open when it ended. */
  async end(): Promise<void> {
    for (const handle of this.#open) await handle.close()
    this.#open.clear()
  }

  /** Zeroes a part of what was written and not synchronized, as a power failure may. */
  async failPower(): Promise<void> {
    for (const [path, safe] of this.#unsafe) {
      const handle = await fs.open(path, 'r+').catch(() => undefined)
      if (!handle) continue
      const { size } = await handle.stat()
      if (size > safe) {
        const from = safe + this.#options.random.integer(size - safe)
        await handle.write(Buffer.alloc(size - from), 0, size - from, from)
      }
      await handle.close()
    }
  }
}
