// The recipes of docs/contributing.md, followed for two fixture types: they are selected, loaded by their own ids and paged. The page
// shows their files.

import { afterAll, describe, expect, it } from 'vitest'
import '../../../src/schema/schema.ts'
import './cdrom-drive.ts'
import './distributed-virtual-switch.ts'
import { startGateway } from '../../test-gateway.ts'

const gateway = startGateway()
afterAll(() => gateway.close())

describe('an inventory type', () => {
  it('is selected, filtered, looked up and loaded by its id', async () => {
    const list = '{ distributedVirtualSwitches { totalCount nodes { __typename id moid name uuid path } } }'
    const { data, errors } = await gateway.execute(list)
    expect(errors).toBeUndefined()
    const { totalCount, nodes } = data.distributedVirtualSwitches
    expect(totalCount).toBeGreaterThan(0)
    expect(nodes).toHaveLength(totalCount)
    const [first] = nodes
    expect(first).toMatchObject({ __typename: 'DistributedVirtualSwitch', uuid: expect.any(String) })
    const one = `query ($id: ID!, $path: String!, $name: String!) {
      node(id: $id) { ...Switch }
      distributedVirtualSwitch(by: { path: $path }) { ...Switch }
      distributedVirtualSwitches(filter: { name: { glob: $name } }) { nodes { ...Switch } }
    }
    fragment Switch on DistributedVirtualSwitch { __typename id moid name uuid path }`
    const { id, path, name } = first
    expect(await gateway.execute(one, { id, path, name })).toEqual({
      data: { node: first, distributedVirtualSwitch: first, distributedVirtualSwitches: { nodes: [first] } },
    })
  })

  it('is paged', async () => {
    const page = `query ($after: String) {
      distributedVirtualSwitches(first: 1, after: $after) { nodes { moid } pageInfo { hasNextPage endCursor } }
    }`
    const moids: string[] = []
    let after: string | undefined
    do {
      const { data } = await gateway.execute(page, { after })
      const { nodes, pageInfo } = data.distributedVirtualSwitches
      moids.push(...nodes.map(({ moid }: { moid: string }) => moid))
      after = pageInfo.hasNextPage ? pageInfo.endCursor : undefined
    } while (after !== undefined)
    const { data } = await gateway.execute('{ distributedVirtualSwitches { totalCount } }')
    expect(new Set(moids).size).toBe(data.distributedVirtualSwitches.totalCount)
  })
})

describe('a part of a managed object', () => {
  it('is selected and loaded by its id, and is not taken for another type', async () => {
    const { data, errors } = await gateway.execute(
      '{ virtualMachine(by: { name: "web-01" }) { disks { id } cdromDrives { __typename id label } } }',
    )
    expect(errors).toBeUndefined()
    const { disks, cdromDrives } = data.virtualMachine
    expect(cdromDrives.length).toBeGreaterThan(0)
    const [{ id, label }] = cdromDrives
    const ids = [id, disks[0].id]
    const nodes = 'query ($ids: [ID!]!) { nodes(ids: $ids) { __typename id ... on CdromDrive { label } } }'
    expect(await gateway.execute(nodes, { ids })).toEqual({
      data: {
        nodes: [
          { __typename: 'CdromDrive', id, label },
          { __typename: 'VirtualDisk', id: disks[0].id },
        ],
      },
    })
  })
})
