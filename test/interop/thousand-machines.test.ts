// Runs the gateway on vcsim with a thousand virtual machines: one retrieval, and the same response each time.

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Gateway, startGateway } from './gateway.ts'
import { govcAt, linesOf } from './govc.ts'
import { govc as govcPath, vcsim as vcsimPath } from './tools.ts'
import type { Untyped } from './untyped.ts'
import { startVcsim, type Vcsim } from './vcsim.ts'

const nested = `{
  datacenters(first: 10) {
    nodes {
      name
      virtualMachines(first: 1000) {
        nodes {
          name powerState path
          host { name }
          datastores { name }
          disks { label capacity }
          snapshots { name disks { label changeId } }
        }
      }
    }
  }
}`

describe.skipIf(vcsimPath === undefined || govcPath === undefined)(
  'a thousand virtual machines on vcsim',
  () => {
    let vcsim: Vcsim
    let gateway: Gateway

    beforeAll(async () => {
      // vcsim creates about 50 per second, and half as many if it also starts them.
      vcsim = await startVcsim('-dc', '2', '-vm', '250', '-autostart=false')
      const govc = govcAt(vcsim.url)
      for (const name of ['first', 'second']) {
        await govc('snapshot.create', '-m=false', '-vm', '/DC1/vm/DC1_H0_VM7', name)
      }
      gateway = await startGateway({ GOVC_URL: vcsim.url, GOVC_INSECURE: '1' })
    })

    afterAll(async () => {
      await gateway?.stop()
      await vcsim?.stop()
    })

    it('need one retrieval once their number is known, with the same response', async () => {
      const first = await gateway.execute(nested, { trace: true })
      const second = await gateway.execute(nested, { trace: true })
      expect(first.errors).toBeUndefined()
      expect(first.extensions!.vsphere.retrievals).toBe(2)
      expect(second.extensions!.vsphere.retrievals).toBe(1)
      expect(second.data).toEqual(first.data)

      const machines = first.data.datacenters.nodes.flatMap((each: Untyped) => each.virtualMachines.nodes)
      const paths = linesOf(await govcAt(vcsim.url)('find', '/', '-type', 'm'))
      expect(machines).toHaveLength(1000)
      expect(machines.map(({ path }: Untyped) => path).sort()).toEqual(paths.sort())
      for (const machine of machines) {
        expect(machine).toEqual({
          name: machine.path.split('/').at(-1),
          powerState: 'POWERED_OFF',
          path: machine.path,
          host: { name: expect.stringMatching(/^DC\d_/) },
          datastores: [{ name: 'LocalDS_0' }],
          disks: [{ label: 'disk-202-0', capacity: 10 * 1024 ** 3 }],
          snapshots:
            machine.name === 'DC1_H0_VM7'
              ? ['first', 'second'].map((name) => ({
                  name,
                  disks: [{ label: 'disk-202-0', changeId: null }],
                }))
              : [],
        })
      }
    })

    it('are complete in one connection and in pages', async () => {
      const page = `query ($after: String) {
      virtualMachines(first: 300, after: $after) { totalCount nodes { path } pageInfo { hasNextPage endCursor } }
    }`
      const paths: string[] = []
      for (let after: string | null = null, more = true; more; ) {
        const { data } = await gateway.execute(page, { variables: { after } })
        const { nodes, totalCount, pageInfo } = data.virtualMachines
        expect(totalCount).toBe(1000)
        paths.push(...nodes.map((each: Untyped) => each.path))
        after = pageInfo.endCursor
        more = pageInfo.hasNextPage
      }
      const complete = await gateway.execute('{ virtualMachines(first: 1000) { nodes { path } } }', {
        trace: true,
      })
      expect(paths).toHaveLength(1000)
      expect(paths).toEqual(complete.data.virtualMachines.nodes.map(({ path }: Untyped) => path))
      expect(complete.extensions!.vsphere.retrievals).toBe(1)
    })
  },
)
