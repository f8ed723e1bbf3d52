// /health, /ready and /metrics beside the endpoint.

import type { Plugin } from 'graphql-yoga'
import { type PlainAnswers, plainAnswerTo } from './probes.ts'

export function usePlainAnswers(answers: PlainAnswers): Plugin {
  return {
    async onRequest({ request, url, fetchAPI, endResponse }) {
      const answer = await plainAnswerTo(answers, url.pathname, request.method)
      if (!answer) return
      const { status, headers, text } = answer
      endResponse(new fetchAPI.Response(request.method === 'HEAD' ? null : text, { status, headers }))
    },
  }
}
