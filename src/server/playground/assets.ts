// The files of the built playground. They are compressed when they are built, and held in memory once for all
// responses, so that many connections that never read do not each hold a copy.

import { readdirSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { extname } from 'node:path'
import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'

export type Encoding = 'gzip' | 'identity'

export interface Asset {
  readonly contentType: string
  /** Reads the content on first use. */
  read(encoding: Encoding): Promise<Buffer<ArrayBuffer>>
}

const contentTypes: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.ttf': 'font/ttf',
  '.woff2': 'font/woff2',
}

/**
 * Lists the files `NAME.gz` of a directory by NAME. Requests are looked up in this list, so no path of a request reaches the
 * file system.
 * @throws if a file has an extension without a content type
 */
export function readAssets(directory: string): ReadonlyMap<string, Asset> {
  const names = readdirSync(directory).filter((name) => name.endsWith('.gz'))
  return new Map(
    names.map((file) => {
      const name = file.slice(0, -'.gz'.length)
      const contentType = contentTypes[extname(name)]
      if (contentType === undefined) throw new Error(`no content type is known for ${name}`)
      const compressed = once(() => readFile(`${directory}/${file}`))
      const plain = once(async () => Buffer.from(await promisify(gunzip)(await compressed())))
      return [name, { contentType, read: (encoding) => (encoding === 'gzip' ? compressed() : plain()) }]
    }),
  )
}

/** Returns a function that creates the value on its first call, and again after a failure. */
export function once<Value>(create: () => Promise<Value>): () => Promise<Value> {
  let value: Promise<Value> | undefined
  return () => {
    if (!value) {
      value = create()
      value.catch(() => {
        value = undefined
      })
    }
    return value
  }
}
