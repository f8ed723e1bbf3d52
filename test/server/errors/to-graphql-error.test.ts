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
    allowSuggestions: true,
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
        extensions: { code: 'FORBIDDEN', remedy: expect.stringContaining('content-type: application/json') },
      },
    ],
  })
  await gateway.close()
})
