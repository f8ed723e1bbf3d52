// Query.viewer: the name and the role of the caller; and what the role power permits.

import { describe, expect, it, onTestFinished } from 'vitest'
import { startGateway } from '../../test-gateway.ts'

it.each([
  ['without authentication', {}, { name: null, role: 'OPERATOR' }],
  ['of an operator', { role: 'operator' }, { name: 'tester', role: 'OPERATOR' }],
  ['of a caller who may change power states', { role: 'power' }, { name: 'tester', role: 'POWER' }],
  ['of a reader', { role: 'reader' }, { name: 'tester', role: 'READER' }],
  ['with --read-only', { role: 'operator', readOnly: true }, { name: 'tester', role: 'READER' }],
] as const)('is the caller %s, and costs no call', async (_, options, viewer) => {
  const gateway = startGateway(options)
  onTestFinished(() => gateway.close())
  expect(await gateway.execute('{ viewer { name role } }')).toEqual({ data: { viewer } })
  expect(gateway.simulator.calls).toEqual([])
})

describe('a caller with the role power', () => {
  const power =
    'changePower(input: { virtualMachines: [{ name: "web-01" }], action: SUSPEND }) { results { error { code } } }'
  const snapshot =
    'createSnapshot(input: { virtualMachine: { name: "web-01" }, name: "x" }) { task { state } }'

  it('sends changePower', async () => {
    const gateway = startGateway({ role: 'power' })
    onTestFinished(() => gateway.close())
    expect(await gateway.execute(`mutation { __typename ${power} }`)).toMatchObject({
      data: { changePower: { results: [{ error: null }] } },
    })
  })

  it.each([
    ['another mutation', `mutation { ${snapshot} }`],
    ['changePower together with another mutation', `mutation { ${power} ${snapshot} }`],
    [
      'another mutation in fragments',
      `mutation { ${power} ...A } fragment A on Mutation { ... { ${snapshot} } }`,
    ],
    ['another mutation that a directive skips', `mutation { ${power} ... @skip(if: true) { ${snapshot} } }`],
  ])('is denied %s before any call', async (_, mutation) => {
    const gateway = startGateway({ role: 'power' })
    onTestFinished(() => gateway.close())
    const { data, errors } = await gateway.execute(mutation)
    expect(data).toBeUndefined()
    expect(errors).toMatchObject([
      {
        message: 'this operation requires the role operator; yours is power',
        extensions: { code: 'ROLE_REQUIRED', requiredRole: 'OPERATOR', retryable: false },
      },
    ])
    const isMixed = mutation.includes('changePower')
    const remedy = errors?.[0]?.extensions?.remedy
    if (isMixed) expect(remedy).toContain('or changePower in an operation of its own')
    else expect(remedy).not.toContain('changePower')
    expect(gateway.simulator.calls).toEqual([])
  })

  it('has a right that a reader lacks', async () => {
    const gateway = startGateway({ role: 'reader' })
    onTestFinished(() => gateway.close())
    const { errors } = await gateway.execute(`mutation { ${power} }`)
    expect(errors).toMatchObject([{ extensions: { code: 'ROLE_REQUIRED', requiredRole: 'POWER' } }])
    expect(gateway.simulator.calls).toEqual([])
  })
})
