// A client of server-sent events over a real connection, as a program with nothing but fetch would write it.

import type { ExecutionResult } from 'graphql'

export interface Subscription {
  readonly status: number
  readonly headers: Headers
  /** The next event's result; undefined when the server has said that it is complete. */
  // biome-ignore lint/suspicious/noExplicitAny: what an event holds is what the tests look at
  next<T = any>(): Promise<ExecutionResult<T> | undefined>
  /** All that are left. */
  // biome-ignore lint/suspicious/noExplicitAny: as above
  rest<T = any>(): Promise<ExecutionResult<T>[]>
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
    async rest() {
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

// The response and not its body alone: with the one collected as garbage, the other would be cancelled before it is read.
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
