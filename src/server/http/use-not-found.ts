// Responds with 404 to unknown paths before authentication: a scraper with a wrong path for /metrics must not
// get 401.

import type { Plugin } from 'graphql-yoga'
import { exportPath } from '../../schema/changed-areas/areas-export.ts'

/** The path of the GraphQL endpoint. */
const endpoint = /^\/graphql\/?$/

const notFound = 'Not found. The GraphQL endpoint is /graphql.\n'
const headers = { 'content-type': 'text/plain; charset=utf-8' }

export function useNotFound(): Plugin {
  return {
    onRequest({ url, fetchAPI, endResponse }) {
      if (!endpoint.test(url.pathname) && url.pathname !== exportPath)
        endResponse(new fetchAPI.Response(notFound, { status: 404, headers }))
    },
  }
}
