// Serves the playground from this package: GraphiQL with panels and views of this project. It works offline.

import { fileURLToPath } from 'node:url'
import { type FetchAPI, type Plugin, shouldRenderGraphiQL } from 'graphql-yoga'
import { version } from '../../config/version.ts'
import type { AccessProvider } from '../auth/access-provider.ts'
import { type Encoding, once, readAssets } from './assets.ts'
import { examplesDirectory, readExamples } from './examples.ts'
import { buildPage, notBuiltHtml } from './page.ts'

/** Makes the browser enforce that the page loads nothing from elsewhere and sends nothing elsewhere. */
const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "worker-src 'self'",
  // The editor and its popups set styles of their elements.
  "style-src 'self' 'unsafe-inline'",
  "font-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  // Prevents clickjacking by other pages.
  "frame-ancestors 'none'",
].join('; ')

/** Build results. src/ and dist/ are at the same depth. */
const builtDirectory = fileURLToPath(new URL('../../../dist/playground', import.meta.url))

const assetPath = /^\/playground\/assets\/([^/]+)$/

export interface PlaygroundOptions {
  /** @default false */
  readonly readOnly?: boolean
  /** @default true */
  readonly isSimulator?: boolean
  /** The scheme of the Authorization header. @default none */
  readonly scheme?: AccessProvider['scheme']
  /** The folder of the example operations. @default the package's own examples */
  readonly examples?: string
  /** The folder of the built playground. @default the package's own */
  readonly directory?: string | undefined
}

/**
 * Serves the playground to browsers that open the endpoint, and its assets below /playground/assets/. Yoga's own GraphiQL is not
 * used: it runs before all plugins, so it would respond under any host name, and it loads its scripts from another host.
 */
export function usePlayground({
  readOnly = false,
  isSimulator = true,
  scheme,
  examples = examplesDirectory,
  directory = builtDirectory,
}: PlaygroundOptions = {}): Plugin {
  const createPage = () =>
    once(() =>
      buildPage(directory, {
        version,
        scheme: scheme ?? null,
        readOnly,
        isSimulator,
        examples: readExamples(examples, { readOnly, isSimulator }),
      }),
    )
  const createAssets = () => once(async () => readAssets(`${directory}/assets`))
  let page = createPage()
  let assets = createAssets()

  async function pageResponse(request: Request, fetchAPI: FetchAPI): Promise<Response> {
    const headers = {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': contentSecurityPolicy,
      'x-content-type-options': 'nosniff',
      'cache-control': 'private, no-cache',
      vary: 'accept, accept-encoding',
    }
    try {
      const { etag, body } = await page()
      return await contentResponse(
        request,
        fetchAPI,
        { ...headers, etag },
        async (encoding) => body[encoding],
      )
    } catch (error) {
      if (!isNotFound(error)) throw error
      return new fetchAPI.Response(notBuiltHtml, { status: 503, headers })
    }
  }

  /** Returns undefined if there is no such asset. */
  async function assetResponse(request: Request, name: string, fetchAPI: FetchAPI) {
    const found = await assets().then(
      (known) => known.get(name),
      (error) => {
        if (!isNotFound(error)) throw error
      },
    )
    if (!found) return undefined
    const read = async (encoding: Encoding) => {
      try {
        return await found.read(encoding)
      } catch (error) {
        // The playground was built again: the page of the next request has the names of the new files.
        if (isNotFound(error)) {
          page = createPage()
          assets = createAssets()
        }
        throw error
      }
    }
    const headers = {
      'content-type': found.contentType,
      // For workers, which have a policy of their own.
      'content-security-policy': contentSecurityPolicy,
      'x-content-type-options': 'nosniff',
      // The name has a digest of the content.
      'cache-control': 'public, max-age=31536000, immutable',
      vary: 'accept-encoding',
      etag: `W/"${name}"`,
    }
    return contentResponse(request, fetchAPI, headers, read).catch((error) => {
      if (!isNotFound(error)) throw error
    })
  }

  return {
    async onRequest({ request, url, fetchAPI, endResponse }) {
      if (request.method !== 'GET' && request.method !== 'HEAD') return
      const [, assetName] = assetPath.exec(url.pathname) ?? []
      if (assetName !== undefined) {
        const response = await assetResponse(request, assetName, fetchAPI)
        if (response) endResponse(response)
      } else if (shouldRenderGraphiQL(new fetchAPI.Request(request.url, { headers: request.headers }))) {
        if (url.pathname === '/')
          endResponse(new fetchAPI.Response(null, { status: 302, headers: { location: '/graphql' } }))
        else if (/^\/graphql\/?$/.test(url.pathname)) endResponse(await pageResponse(request, fetchAPI))
      }
    },
  }
}

const isNotFound = (error: unknown): boolean => (error as NodeJS.ErrnoException).code === 'ENOENT'

/** Returns the content in an encoding that the client accepts, or 304 if the client has it. */
async function contentResponse(
  request: Request,
  { Response }: FetchAPI,
  headers: Readonly<Record<string, string>> & { readonly etag: string },
  read: (encoding: Encoding) => Promise<Buffer<ArrayBuffer>>,
): Promise<Response> {
  if (matchesTag(request.headers.get('if-none-match') ?? '', headers.etag))
    return new Response(null, { status: 304, headers })
  const isGzipAccepted = acceptsGzip(request.headers.get('accept-encoding') ?? '')
  const content = await read(isGzipAccepted ? 'gzip' : 'identity')
  return new Response(request.method === 'HEAD' ? null : content, {
    headers: { ...headers, ...(isGzipAccepted && { 'content-encoding': 'gzip' }) },
  })
}

/** Compares an If-None-Match header weakly (RFC 9110, 13.1.2). */
function matchesTag(header: string, etag: string): boolean {
  const opaque = (tag: string) => tag.trim().replace(/^W\//, '')
  return header.split(',').some((each) => ['*', opaque(etag)].includes(opaque(each)))
}

/** Whether an Accept-Encoding header permits gzip by its name or by `*` (RFC 9110, 12.5.3). */
function acceptsGzip(header: string): boolean {
  const weights = new Map(
    header
      .toLowerCase()
      .split(',')
      .map((each) => {
        const [name = '', ...parameters] = each.split(';').map((part) => part.trim())
        const weight = parameters.find((parameter) => parameter.startsWith('q='))
        return [name, weight === undefined ? 1 : Number(weight.slice(2))]
      }),
  )
  return (weights.get('gzip') ?? weights.get('*') ?? 0) > 0
}
