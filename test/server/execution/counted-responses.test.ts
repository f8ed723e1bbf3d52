// Counts what cannot be estimated before execution: items of long lists, and errors. An operation over the limit fails and
// returns no partial result.

import { describe, expect, it, onTestFinished } from 'vitest'
import { valuesIn } from '../../graphql-response.ts'
import { defaultLimits, startGateway } from '../../test-gateway.ts'

const gateway = (options: Parameters<typeof startGateway>[0] = {}) => {
  const started = startGateway(options)
  onTestFinished(() => started.close())
  return started
}

const badIds = (count: number) => Array.from({ length: count }, (_, at) => `bad${at}`)
const byIds = (aliases: number) =>
  `query ($ids: [ID!]!) { ${Array.from({ length: aliases }, (_, at) => `a${at}: nodes(ids: $ids) { id }`).join(' ')} }`

describe('errors', () => {
  it('are returned each at its path, up to the limit', async () => {
    const ids = badIds(defaultLimits.errors)
    const { data, errors } = await gateway().execute(byIds(1), { ids })
    expect(data).toEqual({ a0: ids.map(() => null) })
    expect(errors).toHaveLength(ids.length)
    expect(errors?.at(-1)).toMatchObject({
      path: ['a0', ids.length - 1],
      locations: [{ line: 1, column: 24 }],
      extensions: { code: 'BAD_USER_INPUT' },
    })
  })

  it('beyond the limit replace the response with one error that includes the first errors', async () => {
    const { execute, lines } = gateway()
    const { data, errors } = await execute(byIds(100), { ids: badIds(1_000) })
    expect(data).toBeNull()
    expect(errors).toMatchObject([
      {
        message: 'the response already has 1,001 errors, but the limit per operation is 1,000',
        extensions: {
          code: 'QUERY_TOO_COMPLEX',
          actual: 1_001,
          limit: 1_000,
          remedy: expect.stringContaining('--max-errors'),
        },
      },
      { message: '"bad0" is not an id of this API', extensions: { code: 'BAD_USER_INPUT' } },
    ])
    expect(errors).toHaveLength(2)
    expect(lines).toEqual([])
  })

  it('of fields that fail for every object are counted, too', async () => {
    const query = `{ virtualMachines { nodes { name disks { label ${['a', 'b'].map((name) => `${name}: changedAreas(since: { changeId: "nonsense" }) { changeId }`).join(' ')} } } } }`
    const { data, errors } = await gateway({ limits: { errors: 10 } }).execute(query)
    expect(data).toBeNull()
    expect(errors?.map(({ extensions }) => extensions?.code)).toEqual(['QUERY_TOO_COMPLEX', 'BAD_USER_INPUT'])
  })
})

describe('values', () => {
  const query = '{ virtualMachines { nodes { name __typename disks { label } } } }'

  it('are counted for each returned object', async () => {
    const { execute } = gateway()
    const { data } = await execute(query)
    const { nodes } = data.virtualMachines
    const estimated = nodes.length * 3
    const values = nodes.reduce(
      (sum: number, { disks }: { disks: readonly unknown[] | null }) => sum + 2 + (disks?.length ?? 0),
      0,
    )
    expect(values).toBeGreaterThan(estimated)
    const requested = query.replace('virtualMachines', `virtualMachines(first: ${nodes.length})`)
    const within = await gateway({ limits: { responseValues: values } }).execute(requested)
    expect(within).toEqual({ data })
    const overLimit = await gateway({ limits: { responseValues: values - 1 } }).execute(requested)
    expect(overLimit).toMatchObject({
      data: null,
      errors: [
        {
          message: expect.stringMatching(/^the response already has [\d,]+ values/),
          extensions: { code: 'QUERY_TOO_COMPLEX', limit: values - 1 },
        },
      ],
    })
    expect(overLimit.errors).toHaveLength(1)
  })

  it('count every item of a list', async () => {
    const query =
      '{ virtualMachine(by: { name: "erp-01" }) { snapshots { disks { allocatedAreas { density(buckets: 5) } } } } }'
    const { data } = await gateway().execute(query)
    const values = valuesIn(data)
    expect(values).toBeGreaterThan(5)
    expect(await gateway({ limits: { responseValues: values } }).execute(query)).toEqual({ data })
    expect(await gateway({ limits: { responseValues: values - 1 } }).execute(query)).toMatchObject({
      data: null,
      errors: [{ extensions: { code: 'QUERY_TOO_COMPLEX' } }],
    })
  })
})
