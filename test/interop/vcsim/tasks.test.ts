// Tasks of vcsim, through the gateway: the history of a vCenter, and an ESXi host, which keeps none. In vcsim the name of a task's
// object is its moid, the user of all tasks is the same, and ReadPrevious returns the latest page again.

import { describe, expect, it, onTestFinished } from 'vitest'
import { startGateway } from '../gateway.ts'
import { govcAt } from '../govc.ts'
import { govc as govcPath, vcsim as vcsimPath } from '../tools.ts'
import type { Untyped } from '../untyped.ts'
import { startVcsim } from '../vcsim.ts'

async function start(...flags: readonly string[]) {
  const vcsim = await startVcsim(...flags)
  onTestFinished(() => vcsim.stop())
  const gateway = await startGateway({ GOVC_URL: vcsim.url, GOVC_INSECURE: '1' })
  onTestFinished(() => gateway.stop())
  return {
    govc: govcAt(vcsim.url),
    async execute(query: string): Promise<Untyped> {
      const { data, errors } = await gateway.execute(query)
      expect(errors).toBeUndefined()
      return data
    },
  }
}

describe.skipIf(vcsimPath === undefined || govcPath === undefined)('tasks of vcsim', () => {
  it('are listed in pages, each once, and name the creator of a snapshot', async () => {
    const { govc, execute } = await start()
    const machine = ['-vm', '/DC0/vm/DC0_H0_VM0']
    for (const name of ['one', 'two', 'three']) await govc('snapshot.create', ...machine, name)
    const { virtualMachine } = await execute(
      '{ virtualMachine(by: { name: "DC0_H0_VM0" }) { id moid recentTasks { operation } snapshots { name createdBy } } }',
    )
    const { id, moid, snapshots, recentTasks } = virtualMachine
    expect(snapshots.map(({ createdBy }: Untyped) => typeof createdBy)).toEqual([
      'string',
      'string',
      'string',
    ])
    expect(recentTasks.length).toBeGreaterThanOrEqual(3)

    const filter = `filter: { entity: "${id}", operations: ["VirtualMachine.createSnapshot", "VirtualMachine.createSnapshotEx"] }`
    const selection =
      'nodes { moid state entityName startedBy { kind userName } entity { id } result { ... on Snapshot { name } } } pageInfo { hasNextPage endCursor } coverage { isComplete }'
    const all = (await execute(`{ tasks(${filter}) { ${selection} } }`)).tasks
    expect(all.nodes.map(({ result }: Untyped) => result?.name)).toEqual(['three', 'two', 'one'])
    for (const task of all.nodes)
      expect(task).toMatchObject({
        state: 'SUCCESS',
        entityName: moid,
        entity: { id },
        startedBy: { kind: 'USER', userName: snapshots[0].createdBy },
      })
    expect(all.coverage).toEqual([{ isComplete: true }])

    const moids: string[] = []
    for (let after = ''; moids.length < 100; ) {
      const { tasks } = await execute(`{ tasks(first: 2, ${filter}${after}) { ${selection} } }`)
      moids.push(...tasks.nodes.map((task: Untyped) => task.moid))
      if (!tasks.pageInfo.hasNextPage) break
      after = `, after: "${tasks.pageInfo.endCursor}"`
    }
    expect(moids).toEqual(all.nodes.map((task: Untyped) => task.moid))
  })

  it('are read more often than vcsim allows collectors, because each one is destroyed', async () => {
    const { govc, execute } = await start()
    await govc('snapshot.create', '-vm', '/DC0/vm/DC0_H0_VM0', 'one')
    for (let nth = 0; nth < 40; nth += 1) {
      const { tasks } = await execute('{ tasks(first: 1, filter: { lastSeconds: 3600 }) { nodes { moid } } }')
      expect(tasks.nodes).toHaveLength(1)
    }
    const { tasks } = await execute('{ tasks(filter: { states: [ERROR] }) { nodes { moid } } }')
    expect(tasks.nodes).toEqual([])
  })

  it('of an ESXi host are the recent ones, which coverage says', async () => {
    const { govc, execute } = await start('-esx')
    await govc('snapshot.create', '-vm', 'ha-host_VM0', 'one')
    const { tasks, virtualMachine } = await execute(
      '{ tasks { nodes { moid state } coverage { isComplete error { code } } } virtualMachine(by: { name: "ha-host_VM0" }) { recentTasks { moid } snapshots { createdBy } } }',
    )
    expect(tasks.coverage).toEqual([{ isComplete: false, error: { code: 'NOT_SUPPORTED' } }])
    const moids = tasks.nodes.map(({ moid }: Untyped) => moid)
    for (const { moid } of virtualMachine.recentTasks) expect(moids).toContain(moid)
    expect(virtualMachine.recentTasks.length).toBeGreaterThan(0)
    expect(virtualMachine.snapshots).toEqual([{ createdBy: null }])
  })
})
