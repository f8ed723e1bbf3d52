// Tests requests with several vCenters: ids and objects lead to their vCenter, and fields that name none need a single one.

import { graphql } from 'graphql'
import { describe, expect, it, onTestFinished } from 'vitest'
import { BatchScheduler } from '../../src/concurrency/batch-scheduler.ts'
import type { Context } from '../../src/schema/context.ts'
import { decodeId, encodeId, encodeManagedObjectId } from '../../src/schema/core/nodes/ids.ts'
import { OperationBudget } from '../../src/schema/cost/operation-budget.ts'
import { BulkLists } from '../../src/schema/execution/bulk-lists.ts'
import { ChunkedLists } from '../../src/schema/execution/chunked-lists.ts'
import { buildSchema } from '../../src/schema/schema.ts'
import { createRequestVCenter, VCenters } from '../../src/schema/vcenters.ts'
import { createSimulator, type Simulator } from '../../src/simulator/index.ts'
import { connectVCenter } from '../../src/vcenter/connect-vcenter.ts'
import { defaultLimits } from '../test-gateway.ts'

const schema = buildSchema()
const log = { info() {}, warn() {}, error() {} }
const pageSizes = { defaultSize: 100, maxSize: 1_000 }

function connect(name: string, seed: number) {
  const simulator = createSimulator({ seed, tasks: { queuedMs: 0, durationMs: 5 } })
  const { vcenter, close } = connectVCenter(
    { vcenterName: name, pageSizeDefault: 100, pageSizeMax: 1_000, maxConcurrentCalls: 8 },
    {
      connect: () => simulator.transport(),
      account: { userName: 'user', password: () => 'pass' },
      close: () => simulator.close(),
    },
    log,
  )
  onTestFinished(close)
  return { simulator, vcenter }
}

/** A request with one vCenter per name. The inventories have the same moids. */
function start(...names: string[]) {
  const connections = names.map((name, index) => connect(name, index + 1))
  const createContext = (): Context => {
    const budget = new OperationBudget(defaultLimits)
    const batchScheduler = new BatchScheduler()
    return {
      viewer: { name: null, role: 'OPERATOR' },
      requestId: 'test',
      vcenters: new VCenters(
        connections.map(({ vcenter }) => createRequestVCenter(vcenter, {}, batchScheduler)),
      ),
      pageSizes,
      callOptions: {},
      budget,
      batchScheduler,
      chunkedLists: new ChunkedLists(batchScheduler),
      bulkLists: new BulkLists(budget),
      forBackground: createContext,
      mutationRecords: [],
      audit() {},
    }
  }
  return {
    simulators: connections.map(({ simulator }) => simulator),
    createContext,
    execute: (source: string, variableValues?: Record<string, unknown>) =>
      graphql({ schema, source, variableValues, contextValue: createContext() }),
  }
}

const refOf = (simulator: Simulator | undefined) => (simulator as Simulator).inventory.vm('web-01').ref

describe('with two vCenters', () => {
  it('loads each id from its own vCenter, and resolves the fields of the object there', async () => {
    const { simulators, createContext, execute } = start('one', 'two')
    const { vcenters } = createContext()
    await vcenters.ensureLogins()
    const ids = simulators.map((simulator, index) => {
      const ref = refOf(simulator)
      return encodeId(vcenters.all[index] as never, ref)
    })
    expect(simulators.map((simulator) => refOf(simulator).value)).toEqual([
      refOf(simulators[0]).value,
      refOf(simulators[0]).value,
    ])
    const { data, errors } = await execute(
      'query ($ids: [ID!]!) { nodes(ids: $ids) { ... on VirtualMachine { id name vcenter { name } host { id vcenter { name } } } } }',
      { ids },
    )
    expect(errors).toBeUndefined()
    expect(data).toMatchObject({
      nodes: [
        { id: ids[0], vcenter: { name: 'one' }, host: { vcenter: { name: 'one' } } },
        { id: ids[1], vcenter: { name: 'two' }, host: { vcenter: { name: 'two' } } },
      ],
    })
  })

  it('sends a change to the vCenter of the id, and to no other', async () => {
    const { simulators, createContext, execute } = start('one', 'two')
    const { vcenters } = createContext()
    await vcenters.ensureLogins()
    const id = encodeId(vcenters.all[1] as never, refOf(simulators[1]))
    const { data, errors } = await execute(
      'mutation ($id: ID!) { createSnapshot(input: { virtualMachine: { id: $id }, name: "x" }) { task { id state } snapshot { id name virtualMachine { id } } } }',
      { id },
    )
    expect(errors).toBeUndefined()
    expect(data).toMatchObject({
      createSnapshot: { task: { state: 'SUCCESS' }, snapshot: { name: 'x', virtualMachine: { id } } },
    })
    const sentTo = simulators.map(
      ({ calls }) => calls.filter(({ method }) => method === 'CreateSnapshot_Task').length,
    )
    expect(sentTo).toEqual([0, 1])
    const { createSnapshot } = data as { createSnapshot: { task: { id: string }; snapshot: { id: string } } }
    for (const each of [createSnapshot.task.id, createSnapshot.snapshot.id])
      expect(decodeId(createContext(), each).vcenter.name).toBe('two')
  })

  it('fails a field that names none', async () => {
    const { errors } = await start('one', 'two').execute('{ virtualMachines { totalCount } }')
    expect(errors?.[0]?.message).toBe('the request has 2 vCenters and the field names none')
  })

  it('lists both', async () => {
    const { data } = await start('one', 'two').execute('{ vcenters { name version } }')
    expect(data).toMatchObject({ vcenters: [{ name: 'one' }, { name: 'two' }] })
  })
})

describe('an id', () => {
  it('of another vCenter is NOT_FOUND, but VCENTER_UNAVAILABLE as long as an identity is unknown', async () => {
    const { createContext } = start('one', 'two')
    const context = createContext()
    const id = encodeManagedObjectId('another', { type: 'VirtualMachine', value: 'vm-1' })
    await context.vcenters.all[0]?.session.ensureLogin()
    expect(() => decodeId(context, id)).toThrow(expect.objectContaining({ code: 'VCENTER_UNAVAILABLE' }))
    await context.vcenters.ensureLogins()
    expect(() => decodeId(context, id)).toThrow(expect.objectContaining({ code: 'NOT_FOUND' }))
  })
})
