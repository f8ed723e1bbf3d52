// GET /areas: the areas of a disk as a file. A download is executed as Subscription.changedAreas, so that the same authentication,
// limits, checks and log lines apply; only its events are written as lines of a file.

import type { ServerResponse } from 'node:http'
import type { ExecutionResult } from 'graphql'
import type { FetchAPI, Plugin } from 'graphql-yoga'
import {
  type AreasExport,
  exportPath,
  mediaTypeOf,
  parseExportQuery,
} from '../../schema/changed-areas/areas-export.ts'
import { ApiError, type ErrorCode } from '../../schema/errors/api-error.ts'
import { JsonText } from '../../schema/execution/json-text.ts'
import { errorResponse } from '../errors/error-response.ts'
import { isBrowser } from '../http/browser-evidence.ts'
import { createMapFile, type MapBatch } from './map-files.ts'

const query = `subscription DownloadAreas($disk: ID!, $since: ChangedSince, $mergeGapsUpTo: BigInt!) {
  changedAreas(disk: $disk, since: $since, mergeGapsUpTo: $mergeGapsUpTo) {
    areas { start length }
    capacity
    complete
    changeId
    sinceChangeId
  }
}`

const wrongMethod = new ApiError('BAD_USER_INPUT', 'a download needs the method GET', {
  remedy: 'Send a GET request.',
})
const otherSite = new ApiError(
  'FORBIDDEN',
  'a page of another site cannot start a download, and the browser does not state that this page is of the gateway',
  {
    remedy:
      'Download with a program such as curl, or send the request with an Origin header from a page that --allowed-origin lists.',
  },
)

export function useAreaDownloads(): Plugin {
  const downloads = new WeakMap<Request, AreasExport>()
  return {
    onRequest({ request, url, fetchAPI, endResponse }) {
      if (url.pathname !== exportPath) return
      const reject = (status: number, error: ApiError, headers?: Record<string, string>) =>
        endResponse(errorResponse(fetchAPI, { request, status, error, ...(headers && { headers }) }))
      if (request.method !== 'GET') return reject(405, wrongMethod, { allow: 'GET' })
      if (mayBeFromOtherSite(request)) return reject(403, otherSite)
      try {
        downloads.set(request, parseExportQuery(url.searchParams))
      } catch (error) {
        if (!(error instanceof ApiError)) throw error
        return reject(400, error)
      }
      // The type of the file depends on its path alone.
      request.headers.set('accept', 'text/event-stream')
    },
    onRequestParse({ request, setRequestParser }) {
      const download = downloads.get(request)
      if (!download) return
      const { disk, since, mergeGapsUpTo } = download
      setRequestParser(() => ({ query, variables: { disk, since, mergeGapsUpTo } }))
    },
    onResultProcess({ request, serverContext, setResultProcessor }) {
      const download = downloads.get(request)
      if (!download) return
      const { format } = download
      const { res } = serverContext as { readonly res?: ServerResponse }
      setResultProcessor(
        (result, fetchAPI) => respond(result as Result, format, res, fetchAPI),
        mediaTypeOf(format),
      )
    },
  }
}

/**
 * Whether a page of another site may send the request without an Origin header, such as for an image. It could not read the response,
 * but make the gateway scan a disk. use-cors.ts checks the requests with that header. To http:// and another machine's name, a
 * browser states no site, so only the page that it names in Referer can show that it is the gateway's own.
 */
function mayBeFromOtherSite(request: Request): boolean {
  const { headers } = request
  if (headers.has('origin')) return false
  const site = headers.get('sec-fetch-site')
  if (site !== null) return site !== 'same-origin' && site !== 'none'
  return isBrowser(request) && hostOf(headers.get('referer')) !== headers.get('host')
}

const hostOf = (url: string | null): string | undefined =>
  url !== null && URL.canParse(url) ? new URL(url).host : undefined

type Result = ExecutionResult | AsyncIterable<ExecutionResult>

/** Responds when the first batch has been read, so that an error before it has a status of its own. */
async function respond(
  result: Result,
  format: AreasExport['format'],
  response: ServerResponse | undefined,
  fetchAPI: FetchAPI,
): Promise<Response> {
  if (!isIterable(result)) return failure(result, fetchAPI)
  const events = result[Symbol.asyncIterator]()
  const first = await events.next()
  if (first.done || first.value.errors) {
    await events.return?.()
    return failure(first.value ?? {}, fetchAPI)
  }
  const lines = linesOf(first.value, events, format)
  const body = new fetchAPI.ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        const { done, value } = await lines.next()
        if (done) controller.close()
        else controller.enqueue(value)
      } catch (error) {
        // The status 200 is already sent.
        resetConnection(response)
        controller.error(error)
      }
    },
    async cancel() {
      await lines.return(undefined)
      // The lines do so only once they have been started.
      await events.return?.()
    },
  })
  return new fetchAPI.Response(body, {
    headers: { 'content-type': mediaTypeOf(format), 'cache-control': 'no-store' },
  })
}

/** Ends the connection so that the client gets an error. Over TLS, the missing end of the transfer coding is the error. */
function resetConnection(response: ServerResponse | undefined): void {
  const socket = response?.socket
  if (!socket || socket.destroyed) return
  if ('encrypted' in socket) socket.destroy()
  else socket.resetAndDestroy()
}

/** Yields the text of each batch. Throws when the map ends early, which resets the connection. */
async function* linesOf(
  first: ExecutionResult,
  events: AsyncIterator<ExecutionResult>,
  format: AreasExport['format'],
): AsyncGenerator<Uint8Array> {
  const file = createMapFile(format)
  const encoder = new TextEncoder()
  try {
    for (let event = first; ; ) {
      const batch = batchOf(event)
      const text = file.write(batch)
      if (text !== '') yield encoder.encode(text)
      if (batch.complete) return
      const next = await events.next()
      if (next.done) throw new Error('the map ended before the end of the disk')
      event = next.value
    }
  } finally {
    await events.return?.()
  }
}

function batchOf({ data, errors }: ExecutionResult): MapBatch {
  if (errors?.[0]) throw errors[0]
  const { areas, ...batch } = (data as { readonly changedAreas: MapBatch }).changedAreas
  // Lists of areas are written as JSON by the executor.
  return { ...batch, areas: areas instanceof JsonText ? (areas.toJSON() as MapBatch['areas']) : areas }
}

const isIterable = (result: Result): result is AsyncIterable<ExecutionResult> =>
  Symbol.asyncIterator in result

/** The status of an error before the first line; 500 for all other codes. */
const statuses: { readonly [C in ErrorCode]?: number } = {
  BAD_USER_INPUT: 400,
  CHANGE_ID_INVALID: 400,
  QUERY_TOO_COMPLEX: 400,
  FORBIDDEN: 403,
  NOT_FOUND: 404,
  CONFLICT: 409,
  CBT_NOT_ENABLED: 409,
  CBT_UNSUPPORTED: 409,
  CBT_TRACKING_CORRUPT: 409,
  CHANGE_ID_STALE: 409,
  NOT_SUPPORTED: 501,
  VSPHERE_FAULT: 502,
  VCENTER_UNAVAILABLE: 503,
  OVERLOADED: 503,
  SHUTTING_DOWN: 503,
  VCENTER_TIMEOUT: 504,
  OPERATION_TIMEOUT: 504,
}

/** Creates the response for a download that failed before its first line, in the format of GraphQL errors. */
function failure({ errors = [] }: ExecutionResult, { Response }: Pick<FetchAPI, 'Response'>): Response {
  const { http } = (errors[0]?.extensions ?? {}) as { http?: { status?: number; headers?: HeadersInit } }
  const headers = new Headers(http?.headers)
  headers.set('content-type', 'application/json; charset=utf-8')
  const body = errors.map(({ message, extensions: { http: _http, ...extensions } }) => ({
    message,
    extensions,
  }))
  const status = http?.status ?? statuses[errors[0]?.extensions.code as ErrorCode] ?? 500
  return new Response(JSON.stringify({ errors: body }), { status, headers })
}
