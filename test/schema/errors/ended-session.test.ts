// Tests a session that ends during an operation: the result is correct or an error, never incomplete.

import { afterEach, expect, it } from 'vitest'
import { startGateway, type TestGateway } from '../../test-gateway.ts'

let gateway: TestGateway
afterEach(() => gateway.close())

it('does not return an empty inventory when the session ends during a retrieval', async () => {
  gateway = startGateway()
  await gateway.execute('{ virtualMachines(first: 1) { totalCount } }')
  const hold = gateway.simulator.faults.pause({ method: 'RetrievePropertiesEx' })
  const requested = gateway.execute('{ virtualMachines(first: 200) { totalCount nodes { name } } }')
  await hold.waitFor(1)
  gateway.simulator.faults.restart()
  hold.release()
  const { data, errors } = await requested
  expect(errors).toBeUndefined()
  expect(data.virtualMachines.totalCount).toBe(20)
})

it('moves all calls to the new session, however late they notice', async () => {
  gateway = startGateway()
  gateway.simulator.faults.pageSize = 5
  await gateway.execute('{ virtualMachines(first: 1) { totalCount } }')
  const hold = gateway.simulator.faults.pause({ method: 'ContinueRetrievePropertiesEx' })
  const late = gateway.execute('{ virtualMachines(first: 200) { nodes { name } } }')
  await hold.waitFor(1)
  gateway.simulator.faults.expireSessions('fault')
  const { moid } = gateway.simulator.inventory.vm('007')
  const early = await gateway.execute(`{ virtualMachine(by: { moid: "${moid}" }) { name } }`)
  expect(early.data.virtualMachine.name).toBe('007')
  hold.release()
  const { data, errors } = await late
  expect(errors).toBeUndefined()
  expect(data.virtualMachines.nodes).toHaveLength(20)
})

it('leaves no session behind when a login is interrupted, or when a valid session is reported as ended', async () => {
  gateway = startGateway({ reachability: { initialDelayMs: 1, maxDelayMs: 1 } })
  const { faults, live } = gateway.simulator
  faults.dropConnection('midBody', { method: 'Login', times: 2 })
  await gateway.execute('{ vcenters { name } }')
  await expect
    .poll(() => gateway.execute('{ vcenters { error { code } } }'))
    .toEqual({ data: { vcenters: [{ error: null }] } })
  faults.fault('NotAuthenticated', { method: 'FindByInventoryPath', times: 3 })
  for (let round = 0; round < 3; round += 1)
    await gateway.execute('{ virtualMachine(by: { path: "/Frankfurt/vm/x" }) { name } }')
  expect((await gateway.execute('{ vcenters { connected } }')).data.vcenters).toEqual([{ connected: true }])
  await gateway.close()
  expect(live.sessions).toBe(0)
})

it('reports a mutation as not executed when the ended session rejected it, even if no new login succeeds', async () => {
  gateway = startGateway()
  const { data } = await gateway.execute(
    '{ virtualMachine(by: { name: "web-01" }) { id snapshots { name } } }',
  )
  gateway.simulator.faults.expireSessions('fault')
  gateway.simulator.faults.unavailable({ method: 'Login', times: 9 })
  const { errors } = await gateway.execute(
    'mutation ($id: ID!) { createSnapshot(input: { virtualMachine: { id: $id }, name: "s" }) { task { state } } }',
    { id: data.virtualMachine.id },
  )
  expect(errors).toMatchObject([{ extensions: { code: 'VCENTER_UNAVAILABLE' } }])
})
