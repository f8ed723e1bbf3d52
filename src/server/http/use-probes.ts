// Serves /health, /ready and /metrics beside the GraphQL endpoint.

import type { Plugin } from 'graphql-yoga'
import { type ProbeResponses, respondToProbe } from './probes.ts'

export function useProbes(probes: ProbeResponses): Plugin {
  return {
    async onRequest({ request, url, fetchAPI, endResponse }) {
      const response = await respondToProbe(probes, url.pathname, request.method)
      if (!response) return
      const { status, headers, text } = response
      endResponse(new fetchAPI.Response(request.method === 'HEAD' ? null : text, { status, headers }))
    },
  }
}
