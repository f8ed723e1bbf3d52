// Data that one user's session has read never reaches another user. docs/architecture.md lists what outlives a request and its
// owner; here two users with different permissions request the same objects, concurrently and in sequence.

import { expect, it } from 'vitest'
import type { Simulator } from '../../../src/simulator/index.ts'
import { subscribe } from '../../subscribe.ts'
import { authorizationOf, type PerUserGateway, startPerUserGateway } from './users.ts'

/** Five of the machines are invisible to bob; alice sees all. */
async function start(...flags: string[]) {
  const names = ['db-01', 'file-01', 'mail-01', 'web-01', 'wiki-01']
  const gateway = await startPerUserGateway({ flags, hiddenFromBob: names })
  return { ...gateway, names }
}

/** The user of each call of a method, in the order of their first calls. */
function sessionsOf({ calls }: Simulator, method: string): string[] {
  return [
    ...new Set(calls.filter((call) => call.method === method).map(({ sessionKey = 'none' }) => sessionKey)),
  ]
}

const data = async (gateway: Pick<PerUserGateway, 'execute'>, user: 'alice' | 'bob', query: string) => {
  const { result } = await gateway.execute(authorizationOf(user), query)
  expect(result.errors).toBeUndefined()
  return result.data
}

const namesIn = ({ virtualMachines }: { virtualMachines: { nodes: { name: string }[] } }): string[] =>
  virtualMachines.nodes.map(({ name }) => name)

const all =
  '{ virtualMachines { totalCount nodes { name host { name } datastores { name hostMounts { host { name } } } snapshots { name } } } }'

it('makes one retrieval per user for concurrent identical queries, with the results that each may see', async () => {
  const gateway = await start()
  const pause = gateway.simulator.faults.pause({ method: 'RetrievePropertiesEx' })
  const users = ['alice', 'bob', 'alice', 'bob'] as const
  const answers = users.map((user) => data(gateway, user, all))
  await pause.waitFor(2)
  pause.release()
  const [alice, bob, aliceToo, bobToo] = await Promise.all(answers)
  expect(alice.virtualMachines.totalCount).toBe(20)
  expect(bob.virtualMachines.totalCount).toBe(15)
  expect(namesIn(alice)).toEqual(expect.arrayContaining(gateway.names))
  expect(namesIn(bob).filter((name) => gateway.names.includes(name))).toEqual([])
  expect(aliceToo).toEqual(alice)
  expect(bobToo).toEqual(bob)
  expect(sessionsOf(gateway.simulator, 'RetrievePropertiesEx')).toHaveLength(2)
})

it('reads tags in a session of each user, who sees only the tagged objects that the user may read', async () => {
  const gateway = await start()
  const query =
    '{ virtualMachines { nodes { name tags { name } } } tagged: virtualMachines(filter: { tags: { some: {} } }) { totalCount } }'
  const [alice, bob] = await Promise.all([data(gateway, 'alice', query), data(gateway, 'bob', query)])
  expect(gateway.simulator.live.restSessions).toBe(2)
  expect(namesIn(bob).filter((name) => gateway.names.includes(name))).toEqual([])
  for (const { virtualMachines, tagged } of [alice, bob])
    expect(tagged.totalCount).toBe(
      virtualMachines.nodes.filter(({ tags }: { tags: unknown[] }) => tags.length > 0).length,
    )
  expect(bob.tagged.totalCount).toBeLessThan(alice.tagged.totalCount)
})

it('shows and acknowledges only the alarms of objects that the user may read', async () => {
  const gateway = await start()
  const { alarms, inventory } = gateway.simulator
  alarms.trigger('Virtual machine memory usage', inventory.machine('web-02').ref)
  const query = `{
    triggeredAlarms { totalCount nodes { id entity { name } } }
    datacenter(by: { name: "Frankfurt" }) { triggeredAlarms { id } }
  }`
  const [alice, bob] = await Promise.all([data(gateway, 'alice', query), data(gateway, 'bob', query)])
  const objects = ({ triggeredAlarms }: { triggeredAlarms: { nodes: { entity: { name: string } }[] } }) =>
    triggeredAlarms.nodes.map(({ entity }) => entity.name)
  // Two of them are on db-01.
  expect([alice, bob].map(({ triggeredAlarms }) => triggeredAlarms.totalCount)).toEqual([5, 3])
  expect(objects(bob)).toContain('web-02')
  expect(objects(bob)).not.toContain('db-01')
  expect(bob.datacenter.triggeredAlarms).toHaveLength(3)
  const hidden = alice.triggeredAlarms.nodes.find(
    ({ entity }: { entity: { name: string } }) => entity.name === 'db-01',
  )
  const { result } = await gateway.execute(
    authorizationOf('bob'),
    `mutation { acknowledgeAlarm(input: { alarm: "${hidden.id}" }) { alarm { acknowledged } } }`,
  )
  expect(result.errors).toMatchObject([{ extensions: { code: 'NOT_FOUND' } }])
  expect(gateway.simulator.calls.filter(({ method }) => method === 'AcknowledgeAlarm')).toEqual([])
})

it('changes the power state only of machines that the user may read and change', async () => {
  const gateway = await start()
  const { inventory } = gateway.simulator
  inventory.settings.guestShutdownMs = 5
  const { virtualMachine } = await data(gateway, 'alice', '{ virtualMachine(by: { name: "web-01" }) { id } }')
  const shutDown = `mutation {
    changePower(input: { virtualMachines: [{ id: "${virtualMachine.id}" }, { name: "db-01" }, { name: "web-02" }], action: SHUTDOWN_GUEST }) {
      results { virtualMachine { name powerState } error { code } }
    }
  }`
  const bob = await data(gateway, 'bob', shutDown)
  expect(bob.changePower.results).toEqual([
    { virtualMachine: null, error: { code: 'NOT_FOUND' } },
    { virtualMachine: null, error: { code: 'NOT_FOUND' } },
    { virtualMachine: { name: 'web-02', powerState: 'POWERED_ON' }, error: { code: 'FORBIDDEN' } },
  ])
  expect(inventory.machine('web-01').powerState).toBe('poweredOn')
  const alice = await data(gateway, 'alice', shutDown)
  expect(alice.changePower.results.map(({ error }: { error: unknown }) => error)).toEqual([null, null, null])
  expect(inventory.machine('web-01').powerState).toBe('poweredOff')
})

it('captures only machines that the user may change, and releases only captures that the user may read', async () => {
  const gateway = await start()
  const begin = (name: string) =>
    `mutation { captureChanges(input: { virtualMachine: { name: "${name}" }, idempotencyKey: "job" }) { capture { snapshot { id moid } disks { token } } } }`
  const codesOf = async (user: 'alice' | 'bob', mutation: string) => {
    const { result } = await gateway.execute(authorizationOf(user), mutation)
    return result.errors?.map((each: { extensions: { code: string } }) => each.extensions.code)
  }
  const { captureChanges } = await data(gateway, 'alice', begin('web-01'))
  const { id } = captureChanges.capture.snapshot
  expect(await codesOf('bob', begin('web-01'))).toEqual(['NOT_FOUND'])
  // He sees no snapshot that he could release, and nothing is sent.
  const end = `mutation { releaseCapture(input: { snapshot: "${id}" }) { task { state } virtualMachine { name } } }`
  expect(await data(gateway, 'bob', end)).toEqual({ releaseCapture: { task: null, virtualMachine: null } })
  const sent = () => gateway.simulator.calls.filter(({ method }) => method === 'RemoveSnapshot_Task').length
  expect(sent()).toBe(0)
  expect((await data(gateway, 'alice', begin('web-01'))).captureChanges).toEqual(captureChanges)
  expect((await data(gateway, 'alice', end)).releaseCapture.task.state).toBe('SUCCESS')
  expect(sent()).toBe(1)
})

it('makes one retrieval per user when their queries start at the same object', async () => {
  const gateway = await start()
  const { virtualMachine } = await data(
    gateway,
    'alice',
    '{ virtualMachine(by: { name: "web-01" }) { folder { id } } }',
  )
  const { id } = virtualMachine.folder
  const query = `{ node(id: "${id}") { ... on Folder { virtualMachines { totalCount nodes { name } } } } }`
  await gateway.execute(authorizationOf('bob'), '{ vcenters { id } }')
  const pause = gateway.simulator.faults.pause({ method: 'RetrievePropertiesEx' })
  const answers = [data(gateway, 'alice', query), data(gateway, 'bob', query)]
  await pause.waitFor(2)
  pause.release()
  const [alice, bob] = await Promise.all(answers)
  expect(namesIn(alice.node)).toContain('web-01')
  expect(namesIn(bob.node)).not.toContain('web-01')
})

it("does not share the order of pages, even when a user continues from another user's cursor", async () => {
  const gateway = await start()
  const page = (after?: string) =>
    `{ virtualMachines(first: 4${after ? `, after: "${after}"` : ''}) { totalCount nodes { name } pageInfo { endCursor } } }`
  const first = await data(gateway, 'alice', page())
  const cursor = first.virtualMachines.pageInfo.endCursor
  const bobsPage = await data(gateway, 'bob', page(cursor))
  expect(bobsPage.virtualMachines.totalCount).toBe(15)
  expect(namesIn(bobsPage).filter((name) => gateway.names.includes(name))).toEqual([])
  const alicesPage = await data(gateway, 'alice', page(cursor))
  expect(alicesPage.virtualMachines.totalCount).toBe(20)
})

it("does not estimate one user's cost from another user's object counts", async () => {
  const gateway = await start()
  const small = '{ virtualMachines(first: 15) { totalCount nodes { name } pageInfo { hasNextPage } } }'
  for (const [user, totalCount, hasNextPage] of [
    ['bob', 15, false],
    ['alice', 20, true],
    ['bob', 15, false],
    ['alice', 20, true],
  ] as const) {
    const { virtualMachines } = await data(gateway, user, small)
    expect(virtualMachines).toMatchObject({ totalCount, pageInfo: { hasNextPage } })
  }
})

it('does not reveal an object to another user by its id', async () => {
  const gateway = await start()
  const { virtualMachine } = await data(gateway, 'alice', '{ virtualMachine(by: { name: "web-01" }) { id } }')
  const query = `{ node(id: "${virtualMachine.id}") { ... on VirtualMachine { name disks { label } } } }`
  expect((await data(gateway, 'alice', query)).node.name).toBe('web-01')
  expect((await gateway.execute(authorizationOf('bob'), query)).result.data.node).toBeNull()
  expect((await data(gateway, 'alice', query)).node.name).toBe('web-01')
})

it('shows each user only the tasks, and their creators of snapshots, of objects that the user may read', async () => {
  const gateway = await start()
  const query =
    '{ tasks(first: 1000) { nodes { entityName entity { ... on VirtualMachine { name } } } coverage { isComplete } } virtualMachines { nodes { name recentTasks { moid } snapshots { createdBy } } } }'
  const [alice, bob] = await Promise.all([data(gateway, 'alice', query), data(gateway, 'bob', query)])
  const objectsIn = ({ tasks }: { tasks: { nodes: { entityName: string }[] } }) =>
    new Set(tasks.nodes.map(({ entityName }) => entityName))
  expect([...objectsIn(alice)]).toEqual(expect.arrayContaining(['db-01', 'mail-01', 'web-02']))
  for (const name of gateway.names) expect(objectsIn(bob)).not.toContain(name)
  expect([...objectsIn(bob)]).toEqual(expect.arrayContaining(['san-01', 'web-02']))
  const snapshotsOf = (
    { virtualMachines }: { virtualMachines: { nodes: { name: string }[] } },
    name: string,
  ) => virtualMachines.nodes.find((each) => each.name === name)
  const nightly = { createdBy: 'CORP\\svc-backup' }
  expect(snapshotsOf(alice, 'db-01')).toMatchObject({ recentTasks: [], snapshots: [nightly, nightly] })
  expect(snapshotsOf(bob, 'db-01')).toBeUndefined()
  expect(sessionsOf(gateway.simulator, 'CreateCollectorForTasks')).toHaveLength(2)
  await expect.poll(() => gateway.simulator.live.historyCollectors, { interval: 5 }).toBe(0)
})

it('shows each user only the events of objects that the user may read', async () => {
  const gateway = await start()
  const query = '{ events(first: 1000) { nodes { entityName entity { name } } coverage { isComplete } } }'
  const [alice, bob] = await Promise.all([data(gateway, 'alice', query), data(gateway, 'bob', query)])
  const objectsIn = ({ events }: { events: { nodes: { entityName: string }[] } }) =>
    new Set(events.nodes.map(({ entityName }) => entityName))
  expect([...objectsIn(alice)]).toEqual(expect.arrayContaining(['db-01', 'mail-01', 'web-02']))
  for (const name of gateway.names) expect(objectsIn(bob)).not.toContain(name)
  expect([...objectsIn(bob)]).toContain('web-02')
  expect(sessionsOf(gateway.simulator, 'CreateCollectorForEvents')).toHaveLength(2)
  await expect.poll(() => gateway.simulator.live.historyCollectors, { interval: 5 }).toBe(0)
})

it('checks what each user may do with the session of that user', async () => {
  const gateway = await start()
  const query =
    '{ viewer { name role } virtualMachines(filter: { name: { glob: "web-*" } }) { nodes { name can(actions: [POWER_OFF]) { allowed missingPrivileges } } } }'
  const [alice, bob] = await Promise.all([data(gateway, 'alice', query), data(gateway, 'bob', query)])
  const allowed = { allowed: true, missingPrivileges: [] }
  const denied = { allowed: false, missingPrivileges: ['VirtualMachine.Interact.PowerOff'] }
  expect(alice).toEqual({
    viewer: { name: 'alice', role: 'OPERATOR' },
    virtualMachines: {
      nodes: [
        { name: 'web-01', can: [allowed] },
        { name: 'web-02', can: [allowed] },
      ],
    },
  })
  expect(bob).toEqual({
    viewer: { name: 'bob', role: 'OPERATOR' },
    virtualMachines: { nodes: [{ name: 'web-02', can: [denied] }] },
  })
  expect(sessionsOf(gateway.simulator, 'HasPrivilegeOnEntities')).toHaveLength(2)
})

it("follows tasks and watches changes in the subscriber's own session", async () => {
  const gateway = await start()
  const events = await Promise.all(
    (['alice', 'bob'] as const).map((user) =>
      subscribe(
        gateway.url,
        'subscription { inventoryChanges(filter: { virtualMachine: {} }) { initial changes { entity { name } } } }',
        {},
        { authorization: authorizationOf(user) },
      ),
    ),
  )
  const reported = await Promise.all(events.map((each) => each.next()))
  expect(reported.map((event) => event?.data.inventoryChanges.changes.length)).toEqual([20, 15])
  for (const each of events) each.abortClient()
  expect(sessionsOf(gateway.simulator, 'CreateFilter')).toHaveLength(2)
})

it('limits concurrent reads of all users together to --max-concurrent-calls', async () => {
  const gateway = await start('--max-concurrent-calls', '1')
  const pause = gateway.simulator.faults.pause({ method: 'RetrievePropertiesEx' })
  const answers = [data(gateway, 'alice', all), data(gateway, 'bob', all)]
  await pause.waitFor(1)
  await gateway.execute(authorizationOf('alice'), '{ __typename }')
  expect(pause.waiting).toBe(1)
  pause.release()
  await Promise.all(answers)
})
