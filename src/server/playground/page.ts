// The page of the playground: the built page with the settings of this gateway in it.

import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import type { AccessProvider } from '../auth/access-provider.ts'
import type { Encoding } from './assets.ts'
import type { Example } from './examples.ts'

/** What the page knows of its gateway. Everyone who can connect can read it, so it contains nothing of a vCenter. */
export interface PlaygroundSettings {
  readonly version: string
  /** The scheme of the Authorization header; null if no credentials are needed. */
  readonly scheme: NonNullable<AccessProvider['scheme']> | null
  readonly readOnly: boolean
  readonly isSimulator: boolean
  readonly examples: readonly Example[]
}

/** Buffers that all responses share. */
export interface Page {
  /** One value for both encodings, since it is a weak ETag. */
  readonly etag: string
  readonly body: Readonly<Record<Encoding, Buffer<ArrayBuffer>>>
}

/** The element of playground/index.html that receives the settings. It is a data block, so the CSP permits it. */
const placeholder = '<script type="application/json" id="playground-settings">{}</script>'

/**
 * Reads `index.html` of the built playground and inserts the settings.
 * @throws an error with the code ENOENT if the playground is not built
 */
export async function buildPage(directory: string, settings: PlaygroundSettings): Promise<Page> {
  const template = await readFile(`${directory}/index.html`, 'utf8')
  const [head, tail, ...more] = template.split(placeholder)
  if (head === undefined || tail === undefined || more.length > 0)
    throw new Error('the page of the playground has no single place for its settings')
  // A `</script>` in an example must not end the block.
  const json = JSON.stringify(settings).replaceAll('<', '\\u003c')
  const html = Buffer.from(`${head}${placeholder.replace('{}', () => json)}${tail}`)
  const etag = `W/"${createHash('sha256').update(html).digest('base64url')}"`
  return { etag, body: { identity: html, gzip: Buffer.from(await promisify(gzip)(html)) } }
}

/** The page if only the server was built. */
export const notBuiltHtml = `<!doctype html>
<html lang="en">
  <head><meta charset="utf-8"><title>vSphere GraphQL</title></head>
  <body>
    <h1>The playground is not built</h1>
    <p>The GraphQL endpoint is here: send operations as POST requests. To build the playground, run
    <code>npm run build</code> in the directory of the gateway, then reload this page.</p>
  </body>
</html>
`
