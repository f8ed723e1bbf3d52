// Answers probes and scrapers on one path. (Yoga's own plugin for readiness matches each request with a pattern, for which its URL
// is parsed twice.)

import type { Plugin } from 'graphql-yoga'
import type { PlainAnswer } from './plain-answer.ts'

export function usePlainAnswer(path: string, answer: () => Promise<PlainAnswer>): Plugin {
  return {
    async onRequest({ request: { method }, url, fetchAPI, endResponse }) {
      // Operations come by POST, most of them: their URL need not be parsed.
      if (!(method === 'GET' || method === 'HEAD') || url.pathname !== path) return
      const { status, type, text } = await answer()
      const headers: HeadersInit = type === undefined ? {} : { 'content-type': type }
      endResponse(new fetchAPI.Response(text, { status, headers }))
    },
  }
}
