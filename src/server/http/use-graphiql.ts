// GraphiQL out of our own package: page, workers and fonts are one inlined document, so that it works with the network
// cut. Opens the example operations as tabs; what they answer is the schema's business.

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

/** The package's own examples. src/ and dist/ lie equally deep below it. */
const examplesDirectory = fileURLToPath(new URL('../../../schema/operations/', import.meta.url))

/** GraphiQL's default tabs jump aside under the first click on each, which is then lost; its own rule for that ends at focus. */
const stableTabsCss = '.graphiql-tab { transform: none !important }'

/** The browser holds the page to what this file promises: nothing from elsewhere, and nothing sent elsewhere. */
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
  // A foreign page must not show it under its own buttons.
  "frame-ancestors 'none'",
].join('; ')

interface GraphiqlOptions {
  /** @default false */
  readonly readOnly?: boolean
  /** @default true */
  readonly isSimulator?: boolean
  /**
   * Of the Authorization header that the API wants. Bearer: it is in each tab, to be completed. For Basic browsers ask
   * themselves, once, and write it. @default none
   */
  readonly scheme?: AccessProvider['scheme']
  /** @default the package's own examples */
  readonly directory?: string
}

/**
 * Answers a browser that opens the endpoint. A plugin of ours, because Yoga's own comes before all others: it would answer
 * under any host name.
 * `directory` holds the operations to open as tabs, in the order of their file names; read-only, those that change
 * something are left out, and those that go on from what such a one answered. Where the vCenter is not our own, all
 * variables are null: they name what is in ours, and what is changed must be meant.
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
    // GraphiQL takes them only when its local storage holds no tabs: a user's own are never replaced.
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
    // Subscriptions too: as GET requests they would not get past the CSRF prevention.
    method: 'POST',
    // A token that was typed in must not stay in the browser.
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

/** Bytes that all answers share: who opens many connections and reads from none makes us hold no copies. */
interface Page {
  readonly html: Buffer<ArrayBuffer>
  readonly gzipped: Buffer<ArrayBuffer>
  /** The same for both: it is compared weakly. */
  readonly etag: string
}

async function buildPage(options: GraphiQLOptions): Promise<Page> {
  const html = Buffer.from(await renderPage(options))
  const etag = `W/"${createHash('sha256').update(html).digest('base64url')}"`
  return { html, gzipped: Buffer.from(await promisify(gzip)(html)), etag }
}

const isMutation = ({ query }: Example): boolean => /^mutation\b/m.test(query)

/** One with a variable that is null: what to paste there, another example answers. */
const dependsOnEarlierExample = ({ variables = {} }: Example): boolean =>
  Object.values(variables).includes(null)

/** One a file, comments and all; `<name>.json` beside `<name>.graphql` holds its variables. */
function readExamples(directory: string): Example[] {
  const names = readdirSync(directory).sort()
  return names
    .filter((name) => name.endsWith('.graphql'))
    .map((name) => {
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
  // 9 MB of text: loaded when someone opens GraphiQL, not at every start.
  const { renderGraphiQL } = await import('@graphql-yoga/render-graphiql')
  const html = renderGraphiQL(options)
  // It writes the options into a script as they are; a `</script>` in an example must not end that script.
  const json = JSON.stringify(options)
  const at = html.lastIndexOf(json)
  if (at < 0) throw new Error('the GraphiQL page does not hold its options as they were given')
  const page = html.slice(0, at) + json.replaceAll('<', '\\u003c') + html.slice(at + json.length)
  return page.replace('</head>', `<style>${stableTabsCss}</style></head>`)
}
