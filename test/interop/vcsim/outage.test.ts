// Kills and restarts vcsim under a gateway with continuous requests: they fail during the outage, and succeed afterwards
// without a restart of the gateway.

import { expect, it, onTestFinished } from 'vitest'
import { startGateway } from '../gateway.ts'
import { govcAt } from '../govc.ts'
import { govc as govcPath, vcsim as vcsimPath } from '../tools.ts'
import { startVcsim } from '../vcsim.ts'

const operations = [
  '{ virtualMachines { totalCount } }',
  '{ virtualMachines(first: 2) { nodes { name host { name } } } }',
  '{ hosts { nodes { name virtualMachines { totalCount } } } }',
  'mutation { createSnapshot(input: { virtualMachine: { name: "DC0_H0_VM0" }, name: "soak" }) { task { state } } }',
]

/** The expected error codes during an outage: no change was made, or its outcome is unknown. */
const outageCodes = ['VCENTER_UNAVAILABLE', 'VCENTER_TIMEOUT', 'OUTCOME_UNKNOWN']

it.skipIf(vcsimPath === undefined || govcPath === undefined)(
  'fails requests while vcsim is down, and none before and after',
  async () => {
    const first = await startVcsim()
    const gateway = await startGateway({ GOVC_URL: first.url, GOVC_INSECURE: '1' })
    onTestFinished(() => gateway.stop())

    let phase: 'before' | 'during' | 'after' = 'before'
    let isOver = false
    const succeeded = { before: 0, during: 0, after: 0 }
    const failed: { requested: string; phase: string; code: unknown }[] = []
    const client = async (operation: string) => {
      while (!isOver) {
        const requested = phase
        const { errors = [] } = await gateway.execute(operation)
        for (const { extensions } of errors) failed.push({ requested, phase, code: extensions?.code })
        if (errors.length === 0 && requested === phase) succeeded[phase] += 1
        await new Promise((resolve) => setTimeout(resolve, 20))
      }
    }
    const clients = operations.map(client)
    const count = (of: typeof phase) => succeeded[of]
    await expect.poll(() => count('before')).toBeGreaterThan(20)

    phase = 'during'
    await first.stop()
    await expect.poll(() => failed.length).toBeGreaterThan(10)
    const back = await startVcsim('-l', new URL(first.url).host)
    onTestFinished(() => back.stop())
    // The gateway reconnects by itself; until then, the vCenter is unavailable to its callers.
    await expect.poll(async () => (await gateway.execute(operations[0]!)).errors).toBeUndefined()
    phase = 'after'
    await expect.poll(() => count('after')).toBeGreaterThan(20)
    isOver = true
    await Promise.all(clients)

    // A mutation sent before the kill may be reported as lost only after recovery. Only errors of operations that do not
    // overlap the outage are wrong.
    expect(failed.filter(({ requested, phase }) => phase === 'before' || requested === 'after')).toEqual([])
    expect(failed.filter(({ code }) => !outageCodes.includes(String(code)))).toEqual([])
    const { sessionList } = await govcAt(back.url).json('session.ls')
    const ours = (sessionList as { userAgent: string }[]).filter(({ userAgent }) =>
      userAgent.startsWith('vsphere-graphql/'),
    )
    expect(ours).toHaveLength(1)
  },
)
