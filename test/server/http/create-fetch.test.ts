// Requests without a port: gateway.fetch accepts what the global fetch accepts, and fails as it does.

import { describe, expect, it, onTestFinished } from 'vitest'
import { createGateway } from '../../../src/server/create-gateway.ts'
import { createFetch } from '../../../src/server/http/create-fetch.ts'
import { createSimulator } from '../../../src/simulator/index.ts'
import { waitUntil } from '../../vim25/connect.ts'

const url = 'http://localhost/graphql'
const headers = { 'content-type': 'application/json', accept: 'application/json' }
const post = (query: string): RequestInit => ({ method: 'POST', headers, body: JSON.stringify({ query }) })
const mutation =
  'mutation { createSnapshot(input: { virtualMachine: { name: "mail-01" }, name: "x" }) { snapshot { name } } }'
const aborted = { name: 'AbortError' }

function start() {
  const simulator = createSimulator()
  const gateway = createGateway({ vcenter: simulator })
  onTestFinished(async () => {
    await gateway.close()
    await simulator.close()
  })
  return { simulator, fetch: gateway.fetch }
}

const dataOf = async (response: Promise<Response>) =>
  ((await (await response).json()) as { data?: unknown }).data

describe('a Request', () => {
  it('keeps its method, headers and body', async () => {
    const { fetch } = start()
    expect(await dataOf(fetch(new Request(url, post(mutation))))).toEqual({
      createSnapshot: { snapshot: { name: 'x' } },
    })
    const get = new Request(`${url}?query=${encodeURIComponent('{ __typename }')}`, {
      headers: { ...headers, 'apollo-require-preflight': 'true' },
    })
    expect(await dataOf(fetch(get))).toEqual({ __typename: 'Query' })
    expect((await fetch(new Request(url, { method: 'PUT', headers }))).status).toBe(405)
  })

  it('gives way to the options', async () => {
    const { fetch } = start()
    const request = new Request(url, post('{ viewer { name } }'))
    expect(await dataOf(fetch(request, post('{ __typename }')))).toEqual({ __typename: 'Query' })
    const canceled = new Request(url, { ...post('{ __typename }'), signal: AbortSignal.abort() })
    expect(await dataOf(fetch(canceled, { signal: null }))).toEqual({ __typename: 'Query' })
  })

  it('is rejected when its body was read', async () => {
    const { fetch } = start()
    const request = new Request(url, post('{ __typename }'))
    await request.text()
    await expect(fetch(request)).rejects.toThrow(TypeError)
  })

  it('may stream its body', async () => {
    const { fetch } = start()
    const body = new Blob([JSON.stringify({ query: '{ __typename }' })]).stream()
    const request = new Request(url, { method: 'POST', headers, body, duplex: 'half' } as RequestInit)
    expect(await dataOf(fetch(request))).toEqual({ __typename: 'Query' })
  })
})

it.each([
  ['the global class', new URL(url)],
  ['another realm or library', { href: url, toString: () => url } as URL],
])('accepts a URL object of %s', async (_, target) => {
  const { fetch } = start()
  expect(await dataOf(fetch(target, post('{ __typename }')))).toEqual({ __typename: 'Query' })
})

it('reads a subscription to its end at shutdown, even if the client does not read it', async () => {
  const events = ['one ', 'two ', 'end']
  const source = {
    pull(controller: ReadableStreamDefaultController<Uint8Array>) {
      const event = events.shift()
      if (event === undefined) controller.close()
      else controller.enqueue(new TextEncoder().encode(event))
    },
  }
  const body = new ReadableStream(source, { highWaterMark: 0 })
  const response = new Response(body, { headers: { 'content-type': 'text/event-stream' } })
  const shutdown = new AbortController()
  const handler = { fetch: async () => response, fetchAPI: { Request } } as never
  const received = await createFetch(handler, shutdown.signal)(url)
  expect(events).toHaveLength(3)
  shutdown.abort()
  await waitUntil(() => events.length === 0)
  expect(await received.text()).toBe('one two end')
})

describe('an aborted signal', () => {
  it.each([
    ['a Request', (signal: AbortSignal) => [new Request(url, { ...post(mutation), signal })]],
    ['the options', (signal: AbortSignal) => [url, { ...post(mutation), signal }]],
  ] as [string, (signal: AbortSignal) => Parameters<typeof fetch>][])(
    'of %s rejects without a call to vCenter',
    async (_, argumentsFor) => {
      const { fetch, simulator } = start()
      await expect(fetch(...argumentsFor(AbortSignal.abort()))).rejects.toMatchObject(aborted)
      expect(simulator.calls).toEqual([])
    },
  )

  it('of a Request rejects a request that waits for vCenter', async () => {
    const { fetch, simulator } = start()
    const paused = simulator.faults.pause({ method: 'RetrievePropertiesEx' })
    const client = new AbortController()
    const query = '{ virtualMachines { totalCount } }'
    const response = fetch(new Request(url, { ...post(query), signal: client.signal }))
    await paused.waitFor()
    client.abort()
    await expect(response).rejects.toMatchObject(aborted)
    paused.release()
  })

  it('ends the body of a response, with nothing more to read', async () => {
    const { fetch, simulator } = start()
    const client = new AbortController()
    const query = 'subscription { inventoryChanges(filter: { virtualMachine: {} }) { initial } }'
    const init = { ...post(query), signal: client.signal }
    const { body } = await fetch(url, { ...init, headers: { ...headers, accept: 'text/event-stream' } })
    const reader = body?.getReader() as ReadableStreamDefaultReader<Uint8Array>
    await reader.read()
    client.abort()
    await expect(reader.read()).rejects.toMatchObject(aborted)
    await waitUntil(() => simulator.live.waits === 0)
  })
})
