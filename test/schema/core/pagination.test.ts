// Tests walking through the pages of a connection: one scan for all pages, while objects are created,
// deleted or changed.

import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { setPower } from '../../../src/simulator/virtual-machine/power/power-state.ts'
import { startGateway, type TestGateway } from '../../test-gateway.ts'
import { execute } from '../call-budget.ts'

interface Page {
  readonly nodes: readonly { readonly moid: string; readonly name: string }[]
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null }
  readonly totalCount: number
}

let gateway: TestGateway
beforeEach(() => {
  gateway = startGateway({ vms: 60 })
})
afterEach(() => gateway.close())

const fields = 'nodes { moid name powerState disks { key } } pageInfo { hasNextPage endCursor } totalCount'

async function page(args: string, after: string | null) {
  const { data, requested, errors } = await execute(
    gateway,
    `query ($after: String) { virtualMachines(after: $after, ${args}) { ${fields} } }`,
    { after },
  )
  expect(errors).toBeUndefined()
  const scans = requested.filter((line) => line.includes('from a view')).length
  const retrievals = requested.filter((line) => line === 'RetrievePropertiesEx').length
  return { ...(data.virtualMachines as Page), scans, retrievals }
}

const moids = ({ nodes }: Page): string[] => nodes.map(({ moid }) => moid)

describe('a walk through pages', () => {
  it('scans once, and each page after the first is one retrieval', async () => {
    const seen: string[] = []
    let after: string | null = null
    for (let index = 0; ; index += 1) {
      const { scans, retrievals, ...each } = await page('first: 7', after)
      expect({ scans, retrievals }).toEqual(
        index === 0 ? { scans: 1, retrievals: 2 } : { scans: 0, retrievals: 1 },
      )
      expect(each.totalCount).toBe(60)
      seen.push(...moids(each))
      if (!each.pageInfo.hasNextPage) break
      after = each.pageInfo.endCursor
    }
    expect(new Set(seen).size).toBe(60)
  })

  it('scans again when it restarts', async () => {
    await page('first: 7', null)
    gateway.simulator.inventory.destroy('007')
    const { scans, totalCount, nodes } = await page('first: 7', null)
    expect({ scans, totalCount }).toEqual({ scans: 1, totalCount: 59 })
    expect(nodes.map(({ name }) => name)).not.toContain('007')
  })

  it('has one filter, order and direction: others reject its cursors, and another page size continues it', async () => {
    const { pageInfo } = await page('first: 7, filter: { powerState: { eq: POWERED_ON } }', null)
    const next = async (args: string) => (await page(args, pageInfo.endCursor)).scans
    expect(await next('first: 9, filter: { powerState: { eq: POWERED_ON } }')).toBe(0)
    // Conditions that are null are absent. The order is not shared with the filter without them.
    expect(await next('first: 7, filter: { powerState: { eq: POWERED_ON }, name: null }')).toBe(1)
    const ofTwo = await page('first: 2, filter: { powerState: { in: [POWERED_ON, SUSPENDED] } }', null)
    const inOtherOrder = 'first: 2, filter: { powerState: { in: [SUSPENDED, POWERED_ON] } }'
    expect((await page(inOtherOrder, ofTwo.pageInfo.endCursor)).nodes).toHaveLength(2)
    const refusal = async (args: string) => {
      const { data, errors } = await gateway.execute(
        `query ($after: String) { virtualMachines(${args}, after: $after) { totalCount } }`,
        { after: pageInfo.endCursor },
      )
      expect(data).toEqual({ virtualMachines: null })
      return errors?.map(({ extensions, message }) => [extensions.code, message])
    }
    const otherFilter = [['BAD_USER_INPUT', 'after is a cursor of a connection with another filter']]
    expect(await refusal('first: 7, filter: { powerState: { in: [POWERED_ON, SUSPENDED] } }')).toEqual(
      otherFilter,
    )
    expect(await refusal('first: 7')).toEqual(otherFilter)
    const args = 'first: 7, filter: { powerState: { eq: POWERED_ON } }'
    for (const orderBy of [
      '{ field: NAME, direction: DESC }',
      '{ field: MEMORY }',
      '[{ field: NAME }, { field: MEMORY }]',
    ])
      expect(await refusal(`${args}, orderBy: ${orderBy}`)).toEqual([
        [
          'BAD_USER_INPUT',
          expect.stringMatching(/^after is a cursor for the order .*, but this connection has the order /),
        ],
      ])
  })

  it('omits objects that were deleted or no longer match, and continues after them', async () => {
    const filter = 'first: 4, filter: { powerState: { eq: POWERED_ON } }'
    const first = await page(filter, null)
    const model = (await page('first: 1000, filter: { powerState: { eq: POWERED_ON } }', null)).nodes.slice(4)
    const [off, ...removed] = model.slice(0, 4).map(({ moid }) => moid)
    for (const moid of removed) gateway.simulator.inventory.destroy(moid)
    setPower(gateway.simulator.inventory.machine(off as string), 'poweredOff', new Date())
    const second = await page(filter, first.pageInfo.endCursor)
    // In all four cases the walk continues.
    expect(second).toMatchObject({ nodes: [], scans: 0, pageInfo: { hasNextPage: true } })
    expect(second.pageInfo.endCursor).not.toBeNull()
    const third = await page(filter, second.pageInfo.endCursor)
    expect(moids(third)).toEqual(model.slice(4, 8).map(({ moid }) => moid))
  })

  it('below a known object continues with that object in one retrieval', async () => {
    const datacenter = await gateway.execute('{ datacenter(by: { name: "Frankfurt" }) { id } }')
    const below = async (after: string | null) => {
      const { data, requested } = await execute(
        gateway,
        `query ($id: ID!, $after: String) { node(id: $id) { ... on Datacenter { name virtualMachines(first: 5, after: $after) { ${fields} } } } }`,
        { id: datacenter.data.datacenter.id, after },
      )
      return {
        requested: requested.filter((line) => !line.startsWith('  ')),
        ...(data.node.virtualMachines as Page),
      }
    }
    const first = await below(null)
    expect(first.requested).toEqual(['RetrievePropertiesEx', 'RetrievePropertiesEx'])
    const second = await below(first.pageInfo.endCursor)
    expect(second.requested).toEqual(['RetrievePropertiesEx'])
    expect(second.totalCount).toBe(first.totalCount)
    expect(moids(second).filter((moid) => moids(first).includes(moid))).toEqual([])
    const third = await below(second.pageInfo.endCursor)
    expect(third.requested).toEqual(['RetrievePropertiesEx'])
  })
})

it('does not read again what the request has read, and still reads the targets of edges', async () => {
  await gateway.execute('{ vcenters { name } }')
  const { requested, data } = await execute(
    gateway,
    '{ virtualMachine(by: { name: "web-01" }) { name host { name } } again: virtualMachine(by: { name: "web-01" }) { name } }',
  )
  expect(data.again).toEqual({ name: 'web-01' })
  expect(data.virtualMachine.host.name).toMatch(/^esx-/)
  expect(requested).toEqual([
    'CreateContainerView VirtualMachine',
    'RetrievePropertiesEx',
    '  VirtualMachine: name',
    '  from a view view*',
    'RetrievePropertiesEx',
    '  HostSystem: name',
    '  VirtualMachine: runtime.host',
    '  from VirtualMachine* VirtualMachine.runtime.host*',
  ])
})

it('does not continue a walk after a mutation of this gateway', async () => {
  const first = await page('first: 7', null)
  expect((await page('first: 7', first.pageInfo.endCursor)).scans).toBe(0)
  await gateway.execute(
    'mutation { createSnapshot(input: { virtualMachine: { name: "web-01" }, name: "walked" }) { task { state } } }',
  )
  expect((await page('first: 7', first.pageInfo.endCursor)).scans).toBe(1)
})
