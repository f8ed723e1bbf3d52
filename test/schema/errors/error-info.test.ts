// ErrorInfo: an error as a value has the same content as the error of a field, and exposes nothing internal.

import { defaultFieldResolver, GraphQLObjectType } from 'graphql'
import { expect, it } from 'vitest'
import { ApiError } from '../../../src/schema/errors/api-error.ts'
import { classifyError } from '../../../src/schema/errors/classify-error.ts'
import { buildSchema } from '../../../src/schema/schema.ts'
import { TaskError } from '../../../src/vim25/vim-fault-error.ts'

/** Resolves the fields of ErrorInfo for an error. */
function infoOf(error: unknown): Record<string, unknown> {
  const type = buildSchema().getType('ErrorInfo')
  if (!(type instanceof GraphQLObjectType)) throw new TypeError('ErrorInfo is not an object type')
  const budget = { countResult: () => undefined }
  return Object.fromEntries(
    Object.values(type.getFields()).map(({ name, type: returnType, resolve = defaultFieldResolver }) => [
      name,
      resolve(classifyError(error), {}, { budget }, {
        fieldName: name,
        returnType,
        operation: { operation: 'query' },
      } as never),
    ]),
  )
}

it('has the code, message, fault and remedy of a failed task', () => {
  const task = { type: 'Task', value: 'task-1' }
  const fault = { _typeName: 'NoPermission', privilegeId: 'VirtualMachine.State.CreateSnapshot' }
  expect(infoOf(new TaskError(task, { fault: fault as never, localizedMessage: 'Denied.' }))).toEqual({
    code: 'FORBIDDEN',
    message: 'Denied.',
    fault: 'NoPermission',
    remedy: expect.any(String),
    retryable: false,
  })
})

it('has null for what an error does not have', () => {
  expect(infoOf(new ApiError('NOT_FOUND', 'vm-62 was not found'))).toEqual({
    code: 'NOT_FOUND',
    message: 'vm-62 was not found',
    fault: null,
    remedy: null,
    retryable: false,
  })
})

it('does not expose the message of an internal error', () => {
  expect(infoOf(new TypeError('secret'))).toMatchObject({
    code: 'INTERNAL_SERVER_ERROR',
    message: 'Internal error of the gateway.',
    retryable: false,
  })
})

it.each([
  ['group-d1', 'on the root folder (group-d1) to'],
  ['group-v3', 'on Folder group-v3 to'],
])('names the root folder of the inventory in its remedy: %s', (value, text) => {
  const object = { type: 'Folder', value }
  const fault = { _typeName: 'NoPermission', privilegeId: 'System.Read', object }
  const error = new TaskError({ type: 'Task', value: 'task-1' }, { fault: fault as never })
  expect(infoOf(error)).toMatchObject({ remedy: expect.stringContaining(text) })
})
