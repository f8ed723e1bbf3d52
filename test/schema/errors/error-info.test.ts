// ErrorInfo: an error as a value has the same content as the error of a field, and exposes nothing internal.

import { defaultFieldResolver, GraphQLObjectType } from 'graphql'
import { expect, it, onTestFinished } from 'vitest'
import { ApiError } from '../../../src/schema/errors/api-error.ts'
import { classifyError } from '../../../src/schema/errors/classify-error.ts'
import { buildSchema } from '../../../src/schema/schema.ts'
import { TaskError, VimFaultError } from '../../../src/vim25/vim-fault-error.ts'
import { startGateway } from '../../test-gateway.ts'

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
    candidates: null,
    privilege: 'VirtualMachine.State.CreateSnapshot',
    object: null,
    state: null,
    retryable: false,
  })
})

it('names the object that was not found, which the message of vSphere does not', () => {
  const fault = { _typeName: 'ManagedObjectNotFound', obj: { type: 'VirtualMachine', value: 'vm-62' } }
  const error = new VimFaultError(fault as never, 'The object has already been deleted.')
  expect(infoOf(error)).toMatchObject({
    code: 'NOT_FOUND',
    message: 'VirtualMachine vm-62 was not found: The object has already been deleted.',
  })
})

it('has the state that prevents a change', () => {
  const fault = { _typeName: 'InvalidPowerState', existingState: 'poweredOff', requestedState: 'poweredOn' }
  const error = new TaskError({ type: 'Task', value: 'task-1' }, { fault: fault as never })
  expect(infoOf(error)).toMatchObject({ code: 'CONFLICT', state: 'poweredOff' })
})

it('has null for what an error does not have', () => {
  expect(infoOf(new ApiError('NOT_FOUND', 'vm-62 was not found'))).toEqual({
    code: 'NOT_FOUND',
    message: 'vm-62 was not found',
    fault: null,
    remedy: null,
    candidates: null,
    privilege: null,
    object: null,
    state: null,
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

it('has the candidates of a lookup, or the missing privilege with its object', async () => {
  const auditor = { username: 'auditor', password: 'secret', grants: [{ role: 'ReadOnly' as const }] }
  const gateway = startGateway({ users: [auditor] })
  const limited = startGateway({
    simulator: gateway.simulator,
    gatewayUser: auditor.username,
    gatewayPassword: auditor.password,
  })
  onTestFinished(async () => {
    await limited.close()
    await gateway.close()
  })
  const twins = [gateway.simulator.inventory.add('twin'), gateway.simulator.inventory.add('twin')]
  const query = `mutation ($name: String!, $action: PowerAction!) {
    changePower(input: { virtualMachines: { name: $name }, action: $action }) {
      results { error { code candidates { objectId path } privilege object state } }
    }
  }`
  const errorOf = async ({ execute }: typeof gateway, name: string, action: string) => {
    const { data, errors } = await execute(query, { name, action })
    expect(errors).toBeUndefined()
    return data.changePower.results[0].error
  }
  const none = { candidates: null, privilege: null, object: null, state: null }
  const { candidates, ...ambiguous } = await errorOf(gateway, 'twin', 'POWER_ON')
  expect(ambiguous).toMatchObject({ code: 'AMBIGUOUS', privilege: null, object: null, state: null })
  expect(candidates).toHaveLength(2)
  expect(candidates[0]).toEqual({ objectId: expect.any(String), path: expect.stringMatching(/\/twin$/) })
  const { data } = await gateway.execute(
    'query ($ids: [ID!]!) { nodes(ids: $ids) { ... on VirtualMachine { moid } } }',
    {
      ids: candidates.map(({ objectId }: { objectId: string }) => objectId),
    },
  )
  expect(data.nodes.map(({ moid }: { moid: string }) => moid).sort()).toEqual(
    twins.map(({ ref }) => ref.value).sort(),
  )
  expect(await errorOf(limited, 'web-01', 'POWER_OFF')).toEqual({
    ...none,
    code: 'FORBIDDEN',
    privilege: 'VirtualMachine.Interact.PowerOff',
    object: `VirtualMachine ${gateway.simulator.inventory.vm('web-01').ref.value}`,
  })
  expect(await errorOf(gateway, 'twin-off', 'RESET')).toMatchObject({ code: 'NOT_FOUND', ...none })
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
