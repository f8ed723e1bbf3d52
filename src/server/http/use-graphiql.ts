// Serves GraphiQL from this package: page, workers and fonts are one inlined document, so it works offline.
// The example operations open as tabs.

import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { type GraphiQLOptions, type Plugin, shouldRenderGraphiQL } from 'graphql-yoga'
import type { AccessProvider } from '../auth/access-provider.ts'

interface Example {
  readonly query: string
  readonly variables: Readonly<Record<string, unknown>> | undefined
}

/** The package's own examples. src/ and dist/ are at the same depth. */
const examplesDirectory = fileURLToPath(new URL('../../../schema/operations/', import.meta.url))

/**
 * GraphiQL's default tabs move when first clicked, so the click is lost; its own CSS rule against that ends
 * at focus. Its title would wrap into two lines.
 */
const pageCss = '.graphiql-tab { transform: none !important } .graphiql-logo { white-space: nowrap }'

/** Makes the browser enforce that the page loads nothing from elsewhere and sends nothing elsewhere. */
const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'unsafe-inline' blob:",
  "style-src 'unsafe-inline'",
  'img-src data:',
  'font-src data:',
  'worker-src blob:',
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  // Prevents clickjacking by other pages.
  "frame-ancestors 'none'",
].join('; ')

interface GraphiqlOptions {
  /** @default false */
  readonly readOnly?: boolean
  /** @default true */
  readonly isSimulator?: boolean
  /**
   * The scheme of the Authorization header. For Bearer, each tab has the header for the user to complete. For
   * Basic, browsers prompt once and send it by themselves. @default none
   */
  readonly scheme?: AccessProvider['scheme']
  /** @default the package's own examples */
  readonly directory?: string
}

/**
 * Serves GraphiQL to browsers that open the endpoint. Yoga's own GraphiQL is not used: it runs before all
 * plugins, so it would respond under any host name.
 *
 * `directory` holds the operations to open as tabs, sorted by name; those of a subfolder share a tab. In read-only mode, mutations and
 * examples that depend on their results are omitted. With a real vCenter all variables are null, since they
 * name objects of the simulator, and a change should be deliberate.
 */
export function useGraphiql({
  readOnly = false,
  isSimulator = true,
  scheme,
  directory = examplesDirectory,
}: GraphiqlOptions = {}): Plugin {
  const headers = scheme === 'Bearer' && JSON.stringify({ authorization: `${scheme} ` }, null, 2)
  const options: GraphiQLOptions = {
    title: 'vSphere GraphQL',
    // GraphiQL uses them only if its local storage has no tabs, so a user's own tabs are never replaced.
    defaultTabs: readExamples(directory)
      .filter((example) => !(readOnly && (isMutation(example) || dependsOnEarlierExample(example))))
      .map(({ query, variables }) => ({
        query,
        variables:
          variables === undefined
            ? null
            : JSON.stringify(variables, (name, value) => (isSimulator || name === '' ? value : null), 2),
        ...(headers && { headers }),
      })),
    // For subscriptions too: the CSRF prevention would reject them as GET requests.
    method: 'POST',
    // A token that a user entered must not stay in the browser's storage.
    shouldPersistHeaders: false,
    ...(headers && { defaultHeaders: headers }),
  }
  let page: Promise<Page> | undefined
  return {
    async onRequest({ request, url, fetchAPI, endResponse }) {
      if (!shouldRenderGraphiQL(request)) return
      if (url.pathname === '/')
        endResponse(new fetchAPI.Response(null, { status: 302, headers: { location: '/graphql' } }))
      if (!/^\/graphql\/?$/.test(url.pathname)) return
      page ??= buildPage(options)
      page.catch(() => {
        page = undefined
      })
      const { html, gzipped, etag } = await page
      const headers = {
        'content-type': 'text/html; charset=utf-8',
        'content-security-policy': contentSecurityPolicy,
        'x-content-type-options': 'nosniff',
        'cache-control': 'private, no-cache',
        vary: 'accept, accept-encoding',
        etag,
      }
      const { Response } = fetchAPI
      if (request.headers.get('if-none-match')?.includes(etag))
        endResponse(new Response(null, { status: 304, headers }))
      else if (/\bgzip\b(?!\s*;\s*q=0)/.test(request.headers.get('accept-encoding') ?? ''))
        endResponse(new Response(gzipped, { headers: { ...headers, 'content-encoding': 'gzip' } }))
      else endResponse(new Response(html, { headers }))
    },
  }
}

/** Buffers that all responses share, so that many connections that never read do not each hold a copy. */
interface Page {
  readonly html: Buffer<ArrayBuffer>
  readonly gzipped: Buffer<ArrayBuffer>
  /** One value for both encodings, since it is a weak ETag. */
  readonly etag: string
}

async function buildPage(options: GraphiQLOptions): Promise<Page> {
  const html = Buffer.from(await renderPage(options))
  const etag = `W/"${createHash('sha256').update(html).digest('base64url')}"`
  return { html, gzipped: Buffer.from(await promisify(gzip)(html)), etag }
}

const isMutation = ({ query }: Example): boolean => /^mutation\b/m.test(query)

/** Whether a variable is null: its value comes from the result of another example. */
const dependsOnEarlierExample = ({ variables = {} }: Example): boolean =>
  Object.values(variables).includes(null)

/**
 * Reads one operation per file, including its comments; `<name>.json` beside `<name>.graphql` holds its
 * variables. The operations of a subfolder are one example: GraphiQL offers each of them when it is run.
 */
function readExamples(directory: string): Example[] {
  const entries = readdirSync(directory, { withFileTypes: true })
  const names = entries.map(({ name }) => name).sort()
  const folders = new Set(entries.filter((entry) => entry.isDirectory()).map(({ name }) => name))
  return names
    .filter((name) => name.endsWith('.graphql') || folders.has(name))
    .map((name) => {
      if (folders.has(name)) {
        const operations = readExamples(`${directory}/${name}`).map(({ query }) => query)
        return { query: operations.join('\n'), variables: undefined }
      }
      const variables = name.replace(/\.graphql$/, '.json')
      return {
        query: readFileSync(`${directory}/${name}`, 'utf8'),
        variables: names.includes(variables)
          ? JSON.parse(readFileSync(`${directory}/${variables}`, 'utf8'))
          : undefined,
      }
    })
}

async function renderPage(options: GraphiQLOptions): Promise<string> {
  // 9 MB of source, loaded when GraphiQL is first opened instead of at every start.
  const { renderGraphiQL } = await import('@graphql-yoga/render-graphiql')
  const html = renderGraphiQL(options)
  // The library writes the options into a script without escaping; a `</script>` in an example must not end
  // that script.
  const json = JSON.stringify(options)
  const at = html.lastIndexOf(json)
  if (at < 0) throw new Error('the GraphiQL page does not contain its options')
  const page = html.slice(0, at) + json.replaceAll('<', '\\u003c') + html.slice(at + json.length)
  return page.replace('</head>', `<style>${pageCss}</style></head>`)
}
