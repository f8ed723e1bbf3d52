// A recipe of docs/contributing.md, followed for a fixture type: it is selected and loaded by its own id. The page shows its file.

import { afterAll, describe, expect, it } from 'vitest'
import '../../../src/schema/schema.ts'
import './cdrom-drive.ts'
import { startGateway } from '../../test-gateway.ts'

const gateway = startGateway()
afterAll(() => gateway.close())

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
