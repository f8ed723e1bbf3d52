// Maps errors to the codes of the contract, and decides which details a client sees.

import { GraphQLError } from 'graphql'
import { expect, test } from 'vitest'
import { encodeManagedObjectId } from '../../../src/schema/core/nodes/ids.ts'
import { ApiError } from '../../../src/schema/errors/api-error.ts'
import { type ErrorContext, toGraphQLError } from '../../../src/server/errors/to-graphql-error.ts'
import { TransportError } from '../../../src/transport/transport-error.ts'
import { TaskError } from '../../../src/vim25/vim-fault-error.ts'
import { startGateway } from '../../test-gateway.ts'

function contextOf(identity?: string) {
  const logged: unknown[] = []
  const context: ErrorContext = {
    requestId: 'request-1',
    vcenter: 'vc',
    identity,
    appliedMutations: [],
    suggestFrom: undefined,
    logInternal: (error) => logged.push(error),
  }
  return { context, logged }
}

/** Wrapped as graphql-js does it: with the path of the field. */
const thrown = (originalError: Error) =>
  new GraphQLError(originalError.message, { path: ['a', 0], originalError })

test('masks an internal error, keeps its path, and logs all details', () => {
  const bug = new TypeError('internal secret')
  for (const error of [thrown(bug), bug]) {
    const { context, logged } = contextOf()
    const reported = toGraphQLError(error, context)
    expect(reported.toJSON()).toMatchObject({
      message: 'Internal error. See the gateway’s log for this requestId.',
      extensions: { code: 'INTERNAL_SERVER_ERROR', retryable: false, vcenter: 'vc', requestId: 'request-1' },
    })
    expect(reported.originalError).toBeUndefined()
    expect(JSON.stringify(reported)).not.toContain('secret')
    expect(logged).toEqual([bug])
  }
  expect(toGraphQLError(thrown(bug), contextOf().context).path).toEqual(['a', 0])
})

test('masks a thrown value that is not an error', () => {
  const { context, logged } = contextOf()
  expect(toGraphQLError('nonsense', context).extensions.code).toBe('INTERNAL_SERVER_ERROR')
  expect(logged).toEqual(['nonsense'])
})

test('returns an API error with its details and without undefined ones', () => {
  const { context, logged } = contextOf()
  const error = new ApiError(
    'CONFLICT',
    'busy',
    { state: 'poweredOn', remedy: 'Wait.' },
    { cause: new Error('inner') },
  )
  expect(toGraphQLError(thrown(error), context).toJSON()).toEqual({
    message: 'busy',
    path: ['a', 0],
    extensions: {
      code: 'CONFLICT',
      retryable: false,
      state: 'poweredOn',
      remedy: 'Wait.',
      vcenter: 'vc',
      requestId: 'request-1',
    },
  })
  expect(logged).toEqual([])
})

test('returns a failed task with its id when the vCenter is known', () => {
  const ref = { type: 'Task', value: 'task-7' }
  const error = new TaskError(ref, { fault: { _typeName: 'InvalidState' }, localizedMessage: 'busy' })
  expect(toGraphQLError(error, contextOf('vc-1').context).extensions).toMatchObject({
    code: 'CONFLICT',
    fault: 'InvalidState',
    task: { id: encodeManagedObjectId('vc-1', ref), moid: 'task-7' },
  })
  expect(toGraphQLError(error, contextOf().context).extensions).not.toHaveProperty('task')
})

test.each([
  ['CONNECT', 'VCENTER_UNAVAILABLE', true],
  ['CLOSED', 'VCENTER_UNAVAILABLE', true],
  ['STATUS', 'VCENTER_UNAVAILABLE', true],
  ['TLS_UNTRUSTED', 'VCENTER_UNAVAILABLE', false],
  ['TLS_THUMBPRINT', 'VCENTER_UNAVAILABLE', false],
  ['TIMEOUT', 'VCENTER_TIMEOUT', true],
  ['TOO_LARGE', 'QUERY_TOO_COMPLEX', false],
] as const)('maps %s on the connection to the vCenter to %s', (from, code, retryable) => {
  const reported = toGraphQLError(thrown(new TransportError(from, 'what happened')), contextOf().context)
  expect(reported.message).toBe('what happened')
  expect(reported.extensions).toMatchObject({ code, retryable, remedy: expect.stringMatching(/\.$/) })
})

test('maps an error of the operation itself to BAD_USER_INPUT, whatever its code', () => {
  const { context, logged } = contextOf()
  for (const extensions of [{}, { code: 'GRAPHQL_PARSE_FAILED' }, { code: 7 }]) {
    const reported = toGraphQLError(new GraphQLError('no such field', { extensions }), context)
    expect(reported.extensions).toEqual({ code: 'BAD_USER_INPUT', retryable: false, requestId: 'request-1' })
  }
  expect(logged).toEqual([])
})

test('reports the required content type to a request without one', async () => {
  const gateway = startGateway()
  const response = await gateway.fetch('/graphql', {
    method: 'POST',
    headers: { 'content-type': 'text/plain' },
    body: JSON.stringify({ query: '{ vcenters { name } }' }),
  })
  expect(response.status).toBe(403)
  expect(await response.json()).toMatchObject({
    errors: [
      {
        message: 'the request has none of the headers that prove that no page of another site sent it',
        extensions: {
          code: 'FORBIDDEN',
          remedy:
            'Send content-type: application/json, or the header x-graphql-yoga-csrf or apollo-require-preflight with any value.',
        },
      },
    ],
  })
  await gateway.close()
})

const json = { 'content-type': 'application/json' }
const post = (body: unknown): RequestInit => ({ method: 'POST', headers: json, body: JSON.stringify(body) })

test.each<
  [request: string, path: string, init: RequestInit, status: number, message: string, remedy: string]
>([
  [
    'two operations and no operationName',
    '',
    post({ query: 'query A { __typename } query B { __typename }' }),
    400,
    'it is not clear which operation of the document to execute: it has none, several without operationName, or none with that name',
    'Write an operation, or set operationName to the name of one operation of the document.',
  ],
  ['no query', '', post({}), 400, 'the request has no query', 'Send the document as query.'],
  [
    'no valid JSON',
    '',
    { method: 'POST', headers: json, body: '{' },
    400,
    'the request body is not valid JSON',
    'Send a JSON object such as { "query": "{ vcenters { name } }" }.',
  ],
  [
    'a JSON string',
    '',
    post('text'),
    400,
    'the request body is not a JSON object',
    'Send a JSON object such as { "query": "{ vcenters { name } }" }.',
  ],
  [
    'variables as text',
    '',
    post({ query: '{ __typename }', variables: '{}' }),
    400,
    'variables must be an object',
    'Send variables as a JSON object, not as text.',
  ],
  [
    'a query that is an object',
    '',
    post({ query: {} }),
    400,
    'query must be a string',
    'Send the document as a string.',
  ],
  [
    'an unknown parameter',
    '',
    post({ query: '{ __typename }', operation: 'A' }),
    400,
    'unknown parameter "operation"',
    'A request can have query, operationName, variables and extensions.',
  ],
  [
    'another method',
    '',
    { method: 'PUT' },
    405,
    'the HTTP method is not supported',
    'Send a GET or POST request.',
  ],
  [
    'a mutation by GET',
    `?query=${encodeURIComponent('mutation { cancelTask(input: { task: "x" }) { __typename } }')}`,
    { headers: { 'x-graphql-yoga-csrf': '1' } },
    405,
    'a mutation cannot be sent by GET',
    'Send the mutation by POST.',
  ],
  [
    'an unsupported content-type',
    '',
    { method: 'POST', headers: { 'content-type': 'text/csv' }, body: 'a,b' },
    415,
    'the content-type "text/csv" is not supported',
    'Send content-type: application/json.',
  ],
])('rejects %s with a remedy', async (_, search, init, status, message, remedy) => {
  const gateway = startGateway()
  const headers = { ...(init.headers as object), accept: 'application/graphql-response+json' }
  const response = await gateway.fetch(`/graphql${search}`, { ...init, headers })
  const body = await response.json()
  await gateway.close()
  expect(body).toMatchObject({
    errors: [
      { message, extensions: { retryable: false, remedy, requestId: response.headers.get('x-request-id') } },
    ],
  })
  expect(response.status).toBe(status)
})
