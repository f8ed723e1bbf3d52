// Operations that exceed a limit: rejected before execution, or aborted when they exceed it.

import type { ExecutionResult } from 'graphql'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { Transport } from '../../../src/transport/transport.ts'
import { objectsIn } from '../../graphql-response.ts'
import { controlLongWaits } from '../../long-waits.ts'
import { subscribe } from '../../subscribe.ts'
import { defaultLimits, startGateway } from '../../test-gateway.ts'

function gateway(options: Parameters<typeof startGateway>[0] = {}) {
  const started = startGateway(options)
  onTestFinished(() => started.close())
  return started
}

const trace = { 'x-vsphere-trace': '1' }

describe('an operation with a potentially too large response', () => {
  const query =
    '{ datacenters(first: 1000) { nodes { virtualMachines(first: 1000) { nodes { host { name } } } } } }'

  test('is rejected with its size and the limit, without any call or login', async () => {
    const { execute, simulator, lines } = gateway()
    const answer = await execute(query)
    expect(answer).toEqual({
      errors: [
        {
          message: 'the response could have 2,002,001 objects, but the limit per operation is 500,000',
          locations: [{ line: 1, column: 1 }],
          extensions: {
            code: 'QUERY_TOO_COMPLEX',
            actual: 2_002_001,
            limit: 500_000,
            retryable: false,
            remedy: expect.stringContaining('--max-objects'),
            vcenter: 'test',
            requestId: expect.any(String),
          },
        },
      ],
    })
    expect(simulator.calls).toEqual([])
    expect(lines).toEqual([])
  })

  test.each([
    ['application/json', 200],
    ['application/graphql-response+json', 400],
  ])('has the status of an invalid operation: for %s it is %i', async (accept, status) => {
    const { fetch } = gateway()
    const statusOf = async (body: object) =>
      (
        await fetch('/graphql', {
          method: 'POST',
          headers: { 'content-type': 'application/json', accept },
          body: JSON.stringify(body),
        })
      ).status
    expect(await statusOf({ query })).toBe(status)
    expect(await statusOf({ query: '{ nonsense }' })).toBe(status)
  })

  test('may have as many objects as the limit, and depends on its variables', async () => {
    const { execute } = gateway({ limits: { objects: 31 } })
    const sized = 'query ($n: Int!) { virtualMachines(first: $n) { nodes { host { name } } } }'
    expect((await execute(sized, { n: 15 })).errors).toBeUndefined()
    expect((await execute(sized, { n: 16 })).errors).toMatchObject([
      { extensions: { actual: 33, limit: 31 } },
    ])
  })

  test('has a size that JSON can represent, however large', async () => {
    const { execute } = gateway()
    const depth = 10
    const level = (at: number): string =>
      at === 0 ? 'name' : `datacenter { virtualMachines(first: 1000) { nodes { ${level(at - 1)} } } }`
    const { errors } = await execute(`{ virtualMachines { nodes { ${level(depth)} } } }`)
    expect(errors).toMatchObject([{ extensions: { actual: Number.MAX_SAFE_INTEGER } }])
  })

  test('makes no change', async () => {
    const { execute, simulator } = gateway({ limits: { objects: 3 } })
    const { errors } = await execute(
      'mutation { createSnapshot(input: { virtualMachine: { name: "web-01" }, name: "x" }) { task { state } virtualMachine { host { name } } } }',
    )
    expect(errors).toMatchObject([{ extensions: { code: 'QUERY_TOO_COMPLEX', actual: 4, limit: 3 } }])
    expect(simulator.calls).toEqual([])
  })
})

/** A few objects that are returned many times: erp-01 has four snapshots. */
const repeatedSelection =
  'snapshots { virtualMachine { snapshots { virtualMachine { snapshots { virtualMachine { name } } } } } }'
const repeatingQuery = `{ vcenters { name } virtualMachine(by: { name: "erp-01" }) { ${repeatedSelection} } }`

describe('a response that exceeds its estimate', () => {
  test('is counted by objects: succeeds at the limit and fails above it', async () => {
    const { data } = await gateway().execute(repeatingQuery)
    const objects = objectsIn(data) - 1
    expect(objects).toBe(1 + 1 + 2 * (4 + 16 + 64))
    expect((await gateway({ limits: { objects } }).execute(repeatingQuery)).data).toEqual(data)
    const { execute } = gateway({ limits: { objects: objects - 1 } })
    expect(await execute(repeatingQuery)).toMatchObject({
      data: null,
      errors: [
        {
          message: `the response already has ${objects} objects, but the limit per operation is ${objects - 1}`,
          extensions: { code: 'QUERY_TOO_COMPLEX', actual: objects, limit: objects - 1 },
        },
      ],
    })
  })

  test('is a single error without partial data, however far it exceeds the limit', async () => {
    const { execute } = gateway({ limits: { objects: 40 } })
    const answer = await execute(repeatingQuery)
    expect(answer.data).toBeNull()
    expect(answer.errors).toHaveLength(1)
  })
})

describe('a retrieval of too many objects', () => {
  const query = '{ virtualMachines(first: 2) { nodes { name } } }'

  test('is aborted at the first excess object, with the calls made so far in the trace', async () => {
    const { execute, simulator } = gateway({ limits: { objects: 5 } })
    expect(await execute(query, undefined, trace)).toMatchObject({
      data: null,
      errors: [
        {
          message: 'the vCenter already returned 6 objects, but the limit per operation is 5',
          extensions: { code: 'QUERY_TOO_COMPLEX', actual: 6, limit: 5, remedy: expect.any(String) },
        },
      ],
      extensions: { vsphere: { retrievals: 1 } },
    })
    expect(simulator.calls.filter(({ method }) => method === 'RetrievePropertiesEx')).toHaveLength(1)
  })

  test('leaves no pending page on the server', async () => {
    const { execute, simulator } = gateway({ limits: { objects: 5 } })
    simulator.faults.pageSize = 3
    await execute(query)
    await expect
      .poll(() => simulator.calls.map(({ method }) => method))
      .toContain('CancelRetrievePropertiesEx')
    expect((await execute('{ vcenters { name connected } }')).errors).toBeUndefined()
  })
})

/** The number of bytes in the responses to the calls of a method. */
const bytesOf = ({ extensions }: ExecutionResult, method: string): number =>
  (extensions!.vsphere as { calls: { method: string; bytes: number }[] }).calls
    .filter((call) => call.method === method)
    .reduce((sum, { bytes }) => sum + bytes, 0)

/** Splits the responses of a transport into chunks, and counts the chunks that were read. */
function inChunks(size: number) {
  const read = { pieces: 0, ended: 0 }
  const wrap = (transport: Transport): Transport => ({
    ...transport,
    async send(request) {
      const response = await transport.send(request)
      if (!request.body?.includes('RetrievePropertiesEx')) return response
      async function* pieces() {
        for await (const chunk of response.body)
          for (let at = 0; at < chunk.length; at += size) {
            read.pieces += 1
            yield chunk.subarray(at, at + size)
          }
        read.ended += 1
      }
      return { ...response, body: pieces() }
    },
  })
  return { read, wrap }
}

describe('a vSphere response that is too long', () => {
  const query = '{ virtualMachines { nodes { name disks { label } } } }'

  test('is not read to its end, and not requested again', async () => {
    const { read, wrap } = inChunks(100)
    const { execute, simulator } = gateway({ wrap, limits: { vcenterResponseBytes: 1000 } })
    const { data, errors } = await execute(query)
    expect(data).toBeNull()
    expect(errors).toHaveLength(1)
    const { actual, ...extensions } = errors![0]!.extensions as { actual: number }
    expect(extensions).toMatchObject({
      code: 'QUERY_TOO_COMPLEX',
      limit: 1000,
      remedy: expect.stringContaining('--max-vcenter-response-mb'),
    })
    expect(actual).toBeGreaterThan(1000)
    expect(actual).toBeLessThanOrEqual(1100)
    expect(errors![0]!.message).toBe(
      `the vCenter already sent ${actual.toLocaleString('en-US')} bytes, but the limit per operation is 1,000`,
    )
    expect(read.ended).toBe(0)
    expect(read.pieces).toBeLessThanOrEqual(11)
    expect(simulator.calls.filter(({ method }) => method === 'RetrievePropertiesEx')).toHaveLength(1)
    expect(simulator.calls.filter(({ method }) => method === 'Login')).toHaveLength(1)
  })

  test('is limited by the sum over an operation, which starts at zero for the next one', async () => {
    const { execute } = gateway()
    const first = await execute(query, undefined, trace)
    // Views are shared by all operations, and not counted for any.
    const vcenterResponseBytes = bytesOf(first, 'RetrievePropertiesEx')
    const limited = gateway({ limits: { vcenterResponseBytes } })
    expect((await limited.execute(query)).data).toEqual(first.data)
    expect((await limited.execute(query)).data).toEqual(first.data)
    const { errors } = await gateway({ limits: { vcenterResponseBytes: vcenterResponseBytes - 1 } }).execute(
      query,
    )
    expect(errors).toMatchObject([
      { extensions: { actual: vcenterResponseBytes, limit: vcenterResponseBytes - 1 } },
    ])
  })

  test('does not apply to the map of a disk with a million areas', async () => {
    const { execute } = gateway()
    const answer = await execute(
      '{ virtualMachine(by: { name: "db-01" }) { snapshots { disks { allocatedAreas { totalCount } } } } }',
      undefined,
      trace,
    )
    const counts = [...JSON.stringify(answer.data).matchAll(/"totalCount":(\d+)/g)]
    const areas = counts.reduce((sum, [, count]) => sum + Number(count), 0)
    const bytes = bytesOf(answer, 'QueryChangedDiskAreas')
    expect(areas).toBeGreaterThan(100)
    expect((bytes / areas) * 1_000_000).toBeLessThan(defaultLimits.vcenterResponseBytes)
  })
})

describe('an operation that takes too long', () => {
  const limits = { timeoutMs: 30_000 }
  const timedOut = {
    message: 'the operation exceeded the time limit of 30 s',
    extensions: {
      code: 'OPERATION_TIMEOUT',
      limit: 30,
      retryable: false,
      remedy: expect.stringContaining('--operation-timeout'),
    },
  }

  /** Lets the time pass for an operation that has just started, and for all that have started before. */
  async function expectNextTimesOut(
    { execute, simulator }: ReturnType<typeof gateway>,
    waits: ReturnType<typeof controlLongWaits>,
  ): Promise<void> {
    const pause = simulator.faults.pause({ method: 'RetrievePropertiesEx' })
    const answer = execute('{ virtualMachines { totalCount } }')
    await pause.waitFor()
    waits.advance(30_000)
    expect((await answer).errors).toMatchObject([timedOut])
    pause.release()
  }

  test('is aborted with its pending calls, and returns no data', async () => {
    const waits = controlLongWaits()
    const { execute, simulator, lines } = gateway({ limits })
    await execute('{ vcenters { connected } }')
    const pause = simulator.faults.pause({ method: 'RetrievePropertiesEx' })
    const answer = execute('{ vcenters { name } virtualMachines { totalCount } }')
    await pause.waitFor()
    waits.advance(30_000)
    expect(await answer).toMatchObject({
      data: null,
      errors: [timedOut],
    })
    await expect.poll(() => pause.waiting).toBe(0)
    pause.release()
    expect((await execute('{ virtualMachines { totalCount } }')).errors).toBeUndefined()
    expect(lines).toEqual([])
  })

  test('waits for the response to a sent mutation, returns it, and starts no other', async () => {
    const waits = controlLongWaits()
    const started = gateway({ limits })
    const { execute, simulator, lines } = started
    const pause = simulator.faults.pause({ method: 'RenameSnapshot' })
    const found = await execute('{ virtualMachine(by: { name: "web-01" }) { snapshots { id } } }')
    const { id } = found.data.virtualMachine.snapshots[0]
    const rename = (name: string) =>
      `${name}: renameSnapshot(input: { snapshot: "${id}", name: "${name}" }) { snapshot { name } }`
    const answer = execute(`mutation { ${rename('one')} ${rename('two')} }`)
    await pause.waitFor()
    await expectNextTimesOut(started, waits)
    expect(pause.waiting).toBe(1)
    pause.release()
    const { data, errors } = await answer
    expect(data.two).toBeNull()
    expect(errors?.at(-1)).toMatchObject(timedOut)
    const sent = simulator.calls.filter(({ method }) => method === 'RenameSnapshot')
    expect(sent.map(({ args }) => args.name)).toEqual(['one'])
    expect(lines).toEqual([])
  })

  test('leaves a started task running, and returns its id', async () => {
    const waits = controlLongWaits()
    const { execute, simulator } = gateway({ limits, tasks: { queuedMs: 0, durationMs: 600_000 } })
    const answer = execute(
      'mutation { createSnapshot(input: { virtualMachine: { name: "web-01" }, name: "x", waitSeconds: 60 }) { task { state } } }',
    )
    await expect.poll(() => simulator.live.waits).toBe(1)
    waits.advance(30_000)
    const { data, errors } = await answer
    expect(data).toEqual({ createSnapshot: null })
    expect(errors).toMatchObject([
      {
        message: expect.stringContaining(timedOut.message),
        extensions: { code: 'OUTCOME_UNKNOWN', task: { moid: expect.stringMatching(/^task-/) } },
      },
    ])
  })

  test('is never a subscription, however long it runs', async () => {
    const waits = controlLongWaits()
    const started = gateway({ limits })
    const subscription = await subscribe(
      await started.listen(),
      'subscription { inventoryChanges(filter: { virtualMachine: { name: { eq: "web-01" } } }) { initial changes { entity { ... on VirtualMachine { host { name } } } } } }',
    )
    expect((await subscription.next())?.data.inventoryChanges.initial).toBe(true)
    await expect.poll(() => started.simulator.live.waits).toBe(1)
    await expectNextTimesOut(started, waits)
    // The long poll is repeated every thirty seconds.
    await expect.poll(() => started.simulator.live.waits).toBe(1)
    subscription.abortClient()
  })
})

describe('a mutation', () => {
  const create = (name: string, payload: string, more = '') =>
    `createSnapshot(input: { virtualMachine: { name: "erp-01" }, name: "${name}"${more} }) { ${payload} }`
  const snapshots = ({ simulator }: ReturnType<typeof gateway>) =>
    simulator.calls.filter(({ method }) => method === 'CreateSnapshot_Task').map(({ args }) => args.name)

  test('is returned although the reads after it exceed a limit; the next one is not made and has an error', async () => {
    const started = gateway({ limits: { objects: 60 } })
    const { data, errors } = await started.execute(
      `mutation { a: ${create('one', `task { state } virtualMachine { moid ${repeatedSelection} }`)} b: ${create('two', 'task { state }')} }`,
    )
    expect(data).toMatchObject({ a: { task: { state: 'SUCCESS' } }, b: null })
    expect(new Set(errors?.map(({ extensions }) => extensions?.code))).toEqual(new Set(['QUERY_TOO_COMPLEX']))
    expect(new Set(errors?.map(({ path }) => path?.[0]))).toEqual(new Set(['a', 'b']))
    expect(snapshots(started)).toEqual(['one'])
  })

  test('whose task can no longer be read has an unknown outcome', async () => {
    const machines = [...gateway().simulator.objects.ofType('VirtualMachine')].length
    // Finding the virtual machine by its name uses the whole limit.
    const started = gateway({ limits: { objects: machines } })
    const { data, errors } = await started.execute(
      `mutation { ${create('one', 'task { state }', ', waitSeconds: 0')} }`,
    )
    expect(data).toEqual({ createSnapshot: null })
    expect(errors).toMatchObject([
      {
        message: expect.stringContaining(`the vCenter already returned ${machines + 1} objects`),
        extensions: { code: 'OUTCOME_UNKNOWN', task: { moid: expect.stringMatching(/^task-/) } },
      },
    ])
    expect(snapshots(started)).toEqual(['one'])
  })

  test('is not started once the limit is exceeded', async () => {
    const started = gateway({ limits: { objects: 5 } })
    const { data, errors } = await started.execute(`mutation { ${create('one', 'task { state }')} }`)
    expect(data).toEqual({ createSnapshot: null })
    expect(errors).toMatchObject([{ extensions: { code: 'QUERY_TOO_COMPLEX', actual: 6, limit: 5 } }])
    expect(snapshots(started)).toEqual([])
  })
})
