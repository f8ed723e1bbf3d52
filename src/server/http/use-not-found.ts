// Says 404 where there is nothing before anybody is asked for credentials: a scraper that looks for /metrics in the wrong place
// must not be told that it needs some.

import type { Plugin } from 'graphql-yoga'

/** Where GraphQL is. */
const endpoint = /^\/graphql\/?$/

export function useNotFound(): Plugin {
  return {
    onRequest({ url, fetchAPI, endResponse }) {
      if (!endpoint.test(url.pathname)) endResponse(new fetchAPI.Response(null, { status: 404 }))
    },
  }
}
