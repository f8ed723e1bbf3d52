// Rejects requests whose response the client would not accept before execution, so that no mutation runs unseen and no
// subscription stays open unread.

import { expect, it, onTestFinished } from 'vitest'
import { createMetrics } from '../../../src/observability/metrics.ts'
import { startGateway } from '../../test-gateway.ts'

const change =
  'mutation { createSnapshot(input: { virtualMachine: { name: "mail-01" }, name: "x" }) { snapshot { name } } }'
const subscription = 'subscription { inventoryChanges(filter: { virtualMachine: {} }) { initial } }'

function gateway(limits = {}) {
  const metrics = createMetrics()
  const started = startGateway({ metrics, limits })
  onTestFinished(() => started.close())
  const post = (body: unknown, accept: string) =>
    started.fetch('/graphql', {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept },
      body: JSON.stringify(body),
    })
  const open = async () => /^vsphere_graphql_subscriptions_active (\d+)$/m.exec(await metrics.read())?.[1]
  return { ...started, post, open }
}

it.each(['image/png', 'text/html', 'application/json;charset=latin1', 'application'])(
  'rejects a mutation with %s',
  async (accept) => {
    const { post, simulator, operations } = gateway()
    const response = await post({ query: change }, accept)
    expect([response.status, await response.text()]).toEqual([
      406,
      'None of the accepted media types can be produced. Send accept: application/graphql-response+json, or application/json.\n',
    ])
    expect(simulator.calls).toEqual([])
    expect(operations).toMatchObject([{ kind: 'mutation', outcome: 'failed', codes: ['BAD_USER_INPUT'] }])
  },
)

it.each(['*/*', 'application/*', 'image/png, application/json;q=0.1', 'APPLICATION/JSON', 'multipart/mixed'])(
  'executes a mutation with %s',
  async (accept) => {
    const { post } = gateway()
    expect(await (await post({ query: change }, accept)).text()).toContain('"snapshot":{"name":"x"}')
  },
)

it('does not use a media type with weight 0', async () => {
  const { post, simulator } = gateway()
  expect((await post({ query: change }, 'application/json;q=0')).status).toBe(406)
  expect(simulator.calls).toEqual([])
  const types = ['application/json', 'application/graphql-response+json']
  for (const [wanted, other] of [types, types.toReversed()]) {
    const response = await post({ query: '{ __typename }' }, `${other};q=0, ${wanted}`)
    expect(response.headers.get('content-type')).toContain(wanted)
    expect(
      (await post({ query: '{ __typename }' }, `${wanted}, ${other}; q=0.0`)).headers.get('content-type'),
    ).toContain(wanted)
  }
})

/** What Apollo Client's HttpLink accepts for a subscription. */
const apolloMultipart =
  'multipart/mixed;boundary=graphql;subscriptionSpec=1.0,application/graphql-response+json,application/json;q=0.9'

it.each([
  ['only JSON', 'application/json'],
  ['the multipart protocol of Apollo', apolloMultipart],
])('rejects a subscription that accepts %s, in JSON, and keeps nothing open', async (_name, accept) => {
  const { post, operations, open } = gateway()
  const response = await post({ query: subscription }, accept)
  expect(response.status).toBe(406)
  expect(await response.json()).toMatchObject({
    errors: [
      {
        extensions: {
          code: 'BAD_USER_INPUT',
          remedy: expect.stringMatching(/^Send accept: text\/event-stream\. .*graphql-sse/),
        },
      },
    ],
  })
  expect(operations).toMatchObject([{ kind: 'subscription', outcome: 'failed' }])
  expect(await open()).toBe('0')
})

it('rejects subscriptions in a batch before they start', async () => {
  const { post, operations, open, simulator } = gateway({ batch: 3 })
  const response = await post(
    [{ query: subscription }, { query: '{ __typename }' }, { query: subscription }],
    '*/*',
  )
  const code = { errors: [{ extensions: { code: 'BAD_USER_INPUT' } }] }
  expect(await response.json()).toMatchObject([code, { data: { __typename: 'Query' } }, code])
  const codes = ['BAD_USER_INPUT']
  expect(operations).toMatchObject([{ codes }, { outcome: 'success' }, { codes }])
  expect(await open()).toBe('0')
  expect(simulator.calls).toEqual([])
})
