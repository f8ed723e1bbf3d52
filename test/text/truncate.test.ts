// Truncates text from a vCenter in errors and in the log.

import { describe, expect, it } from 'vitest'
import { createLog } from '../../src/observability/log.ts'
import { ApiError } from '../../src/schema/errors/api-error.ts'
import { classifyError } from '../../src/schema/errors/classify-error.ts'
import { toGraphQLError } from '../../src/server/errors/to-graphql-error.ts'
import { SoapError } from '../../src/soap/soap-error.ts'
import { truncate, truncateDeep } from '../../src/text/truncate.ts'
import { fromSoapFault, TaskError } from '../../src/vim25/vim-fault-error.ts'

const long = 'é'.repeat(20_000_000)
const fault = { _typeName: 'NoPermission', privilegeId: long, faultMessage: [{ key: long, message: long }] }
const errors = {
  faultstring: fromSoapFault({ faultcode: 'c', faultstring: long, detail: fault as never }),
  faultMessage: fromSoapFault({ faultcode: 'c', faultstring: '', detail: fault as never }),
  'type of a fault': fromSoapFault({ faultcode: 'c', faultstring: '', detail: { _typeName: long } }),
  localizedMessage: new TaskError({ type: 'Task', value: 'task-1' }, {
    fault,
    localizedMessage: long,
  } as never),
  'name of an element': new SoapError(`<${long}> is not known`),
  'name of an object': new ApiError('AMBIGUOUS', `several are called ${long}`, {
    candidates: [{ id: 'a', path: long }],
  }),
}

describe.each(Object.entries(errors))('an error with a %s of 20 million characters', (_, error) => {
  it('has a short message, in a response and in a failed task', () => {
    const context = {
      requestId: 'r',
      vcenter: 'v',
      identity: undefined,
      appliedMutations: [],
      suggestFrom: undefined,
      logInternal: () => {},
    }
    const answered = toGraphQLError(error, context)
    expect(answered.message.length).toBeLessThanOrEqual(1_000)
    expect(JSON.stringify(answered).length).toBeLessThan(5_000)
    const { message = '', fault = '' } = classifyError(error)
    if (error.name !== 'ApiError') expect(message.length + fault.length).toBeLessThanOrEqual(2_000)
  })

  it.each(['json', 'text'] as const)('is a short line in the log (%s)', (format) => {
    let line = ''
    const log = createLog(
      {
        write: (text) => {
          line += text
        },
      },
      { format },
    )
    log.error(error.message, { err: error, name: long, task: { error: long } })
    expect(line.length).toBeLessThan(40_000)
    expect(line).toContain('…')
  })
})

it('leaves short text, numbers, dates and errors unchanged', () => {
  const value = {
    a: 'b',
    n: 1,
    none: null,
    at: new Date(0),
    list: ['x', { y: undefined }],
    e: new Error('e'),
  }
  expect(truncateDeep(value)).toEqual(value)
  expect(truncate('x'.repeat(1_000))).toHaveLength(1_000)
  expect(truncate('x'.repeat(1_001))).toBe(`${'x'.repeat(999)}…`)
})

it('truncates long lists and deep structures', () => {
  let deep: unknown = 'end'
  for (let level = 0; level < 10_000; level += 1) deep = { deep }
  expect(JSON.stringify(truncateDeep({ deep, list: Array(5_000).fill('x') })).length).toBeLessThan(1_000)
})
