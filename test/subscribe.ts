// A client for server-sent events over a real connection that uses only fetch.

import type { ExecutionResult } from 'graphql'

export interface Subscription {
  readonly status: number
  readonly headers: Headers
  /** The result of the next event; undefined after the server's complete event. */
  // biome-ignore lint/suspicious/noExplicitAny: tests check the shape of an event
  next<T = any>(): Promise<ExecutionResult<T> | undefined>
  /** All remaining events. */
  // biome-ignore lint/suspicious/noExplicitAny: tests check the shape of an event
  remaining<T = any>(): Promise<ExecutionResult<T>[]>
  abortClient(): void
}

export async function subscribe(
  url: string,
  query: string,
  variables: Record<string, unknown> = {},
  headers: Record<string, string> = {},
): Promise<Subscription> {
  const client = new AbortController()
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'text/event-stream', ...headers },
    body: JSON.stringify({ query, variables }),
    signal: client.signal,
  })
  const messages = messagesOf(response)
  const next = async () => {
    const { value, done } = await messages.next()
    if (done) throw new Error('the connection ended before the subscription was complete')
    return value.event === 'complete' ? undefined : JSON.parse(value.data)
  }
  return {
    status: response.status,
    headers: response.headers,
    next,
    async remaining() {
      const all = []
      for (let each = await next(); each; each = await next()) all.push(each)
      return all
    },
    abortClient: () => client.abort(),
  }
}

interface Message {
  readonly event: string
  readonly data: string
}

// Keeps the response and not only its body: when the response is garbage-collected, the body is cancelled before it is read.
async function* messagesOf(response: Response): AsyncGenerator<Message, void> {
  const decoder = new TextDecoder()
  let text = ''
  for await (const chunk of response.body as ReadableStream<Uint8Array>) {
    text += decoder.decode(chunk, { stream: true })
    for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
      const lines = text.slice(0, end).split('\n')
      text = text.slice(end + 2)
      const field = (name: string) =>
        lines.find((line) => line.startsWith(`${name}:`))?.slice(name.length + 1)
      const event = field('event')?.trim()
      if (event) yield { event, data: field('data') ?? '' }
    }
  }
}
