// The one place where errors become the contract's: what is shown of them, and what is not.

import { GraphQLError } from 'graphql'
import { expect, test } from 'vitest'
import { encodeManagedObjectId } from '../../../src/schema/core/ids.ts'
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

/** As graphql-js hands it over: at the path of its field. */
const thrown = (originalError: Error) =>
  new GraphQLError(originalError.message, { path: ['a', 0], originalError })

test('a bug of ours is masked, keeps its path, and is logged with all that it says', () => {
  const bug = new TypeError('secret of the house')
  for (const error of [thrown(bug), bug]) {
    const { context, logged } = contextOf()
    const reported = toGraphQLError(error, context)
    expect(reported.toJSON()).toMatchObject({
      message: 'The gateway failed. Its log has this request.',
      extensions: { code: 'INTERNAL_SERVER_ERROR', retryable: false, vcenter: 'vc', requestId: 'request-1' },
    })
    expect(reported.originalError).toBeUndefined()
    expect(JSON.stringify(reported)).not.toContain('secret')
    expect(logged).toEqual([bug])
  }
  expect(toGraphQLError(thrown(bug), contextOf().context).path).toEqual(['a', 0])
})

test('what is no error at all is masked too', () => {
  const { context, logged } = contextOf()
  expect(toGraphQLError('nonsense', context).extensions.code).toBe('INTERNAL_SERVER_ERROR')
  expect(logged).toEqual(['nonsense'])
})

test('an error of the API is told with its details and without those that it has not', () => {
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

test('a failed task is told with its id, where the vCenter is known', () => {
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
] as const)('%s on the way to the vCenter is %s', (from, code, retryable) => {
  const reported = toGraphQLError(thrown(new TransportError(from, 'what happened')), contextOf().context)
  expect(reported.message).toBe('what happened')
  expect(reported.extensions).toMatchObject({ code, retryable, remedy: expect.stringMatching(/\.$/) })
})

test('an error of the operation itself is BAD_USER_INPUT, whatever its code was', () => {
  const { context, logged } = contextOf()
  for (const extensions of [{}, { code: 'GRAPHQL_PARSE_FAILED' }, { code: 7 }]) {
    const reported = toGraphQLError(new GraphQLError('no such field', { extensions }), context)
    expect(reported.extensions).toEqual({ code: 'BAD_USER_INPUT', retryable: false, requestId: 'request-1' })
  }
  expect(logged).toEqual([])
})

test('a request without a content type is told what to send', async () => {
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
