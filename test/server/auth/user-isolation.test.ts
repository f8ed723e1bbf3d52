// Nothing that one person's session has read is given to another. What lives longer than a request, and whose it is, is listed
// in docs/architecture.md; here two people ask for the same, at the same time and after each other, and see different things.

import { expect, it } from 'vitest'
import type { Simulator } from '../../../src/simulator/index.ts'
import { subscribe } from '../../subscribe.ts'
import { authorizationOf, type PerUserGateway, startPerUserGateway } from './users.ts'

/** Bob does not see five of the machines; alice sees all. */
async function start(...flags: string[]) {
  let hidden: ReadonlySet<string> = new Set()
  const gateway = await startPerUserGateway({ flags, bobSees: ({ value }) => !hidden.has(value) })
  const names = ['db-01', 'file-01', 'mail-01', 'web-01', 'wiki-01']
  hidden = new Set(names.map((name) => gateway.simulator.inventory.machine(name).ref.value))
  return { ...gateway, names }
}

/** Whose session each call of a method was made in, in the order of their first. */
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
  '{ virtualMachines { totalCount nodes { name host { name } datastores { name hosts { name } } snapshots { name } } } }'

it('the same query at the same time is a retrieval each, and each is told what it may see', async () => {
  const gateway = await start()
  const hold = gateway.simulator.faults.pause({ method: 'RetrievePropertiesEx' })
  const people = ['alice', 'bob', 'alice', 'bob'] as const
  const answers = people.map((user) => data(gateway, user, all))
  await hold.waitFor(2)
  hold.release()
  const [alice, bob, aliceToo, bobToo] = await Promise.all(answers)
  expect(alice.virtualMachines.totalCount).toBe(18)
  expect(bob.virtualMachines.totalCount).toBe(13)
  expect(namesIn(alice)).toEqual(expect.arrayContaining(gateway.names))
  expect(namesIn(bob).filter((name) => gateway.names.includes(name))).toEqual([])
  expect(aliceToo).toEqual(alice)
  expect(bobToo).toEqual(bob)
  expect(sessionsOf(gateway.simulator, 'RetrievePropertiesEx')).toHaveLength(2)
})

it('so is one that starts at the same object, which every session calls the same', async () => {
  const gateway = await start()
  const { virtualMachine } = await data(
    gateway,
    'alice',
    '{ virtualMachine(by: { name: "web-01" }) { folder { id } } }',
  )
  const { id } = virtualMachine.folder
  const query = `{ node(id: "${id}") { ... on Folder { virtualMachines { totalCount nodes { name } } } } }`
  await gateway.execute(authorizationOf('bob'), '{ vcenters { id } }')
  const hold = gateway.simulator.faults.pause({ method: 'RetrievePropertiesEx' })
  const answers = [data(gateway, 'alice', query), data(gateway, 'bob', query)]
  await hold.waitFor(2)
  hold.release()
  const [alice, bob] = await Promise.all(answers)
  expect(namesIn(alice.node)).toContain('web-01')
  expect(namesIn(bob.node)).not.toContain('web-01')
})

it('a walk through pages is one’s own, also where another goes on from its cursor', async () => {
  const gateway = await start()
  const page = (after?: string) =>
    `{ virtualMachines(first: 4${after ? `, after: "${after}"` : ''}) { totalCount nodes { name } pageInfo { endCursor } } }`
  const first = await data(gateway, 'alice', page())
  const cursor = first.virtualMachines.pageInfo.endCursor
  const bobs = await data(gateway, 'bob', page(cursor))
  expect(bobs.virtualMachines.totalCount).toBe(13)
  expect(namesIn(bobs).filter((name) => gateway.names.includes(name))).toEqual([])
  const alices = await data(gateway, 'alice', page(cursor))
  expect(alices.virtualMachines.totalCount).toBe(18)
})

it('what one has counted does not decide what another is told', async () => {
  const gateway = await start()
  const small = '{ virtualMachines(first: 15) { totalCount nodes { name } pageInfo { hasNextPage } } }'
  for (const [user, totalCount, hasNextPage] of [
    ['bob', 13, false],
    ['alice', 18, true],
    ['bob', 13, false],
    ['alice', 18, true],
  ] as const) {
    const { virtualMachines } = await data(gateway, user, small)
    expect(virtualMachines).toMatchObject({ totalCount, pageInfo: { hasNextPage } })
  }
})

it('an id that one was given leads another to nothing that it may not see', async () => {
  const gateway = await start()
  const { virtualMachine } = await data(gateway, 'alice', '{ virtualMachine(by: { name: "web-01" }) { id } }')
  const query = `{ node(id: "${virtualMachine.id}") { ... on VirtualMachine { name disks { label } } } }`
  expect((await data(gateway, 'alice', query)).node.name).toBe('web-01')
  expect((await gateway.execute(authorizationOf('bob'), query)).result.data.node).toBeNull()
  expect((await data(gateway, 'alice', query)).node.name).toBe('web-01')
})

it('a task is followed, and changes are watched, in the session of who does', async () => {
  const gateway = await start()
  const events = await Promise.all(
    (['alice', 'bob'] as const).map((user) =>
      subscribe(
        gateway.url,
        'subscription { virtualMachineChanges { initial changes { virtualMachine { name } } } }',
        {},
        { authorization: authorizationOf(user) },
      ),
    ),
  )
  const reported = await Promise.all(events.map((each) => each.next()))
  expect(reported.map((event) => event?.data.virtualMachineChanges.changes.length)).toEqual([18, 13])
  for (const each of events) each.abortClient()
  expect(sessionsOf(gateway.simulator, 'CreateFilter')).toHaveLength(2)
})

it('the turns of reads are the vCenter’s: together they are no more than --max-concurrent-calls', async () => {
  const gateway = await start('--max-concurrent-calls', '1')
  const hold = gateway.simulator.faults.pause({ method: 'RetrievePropertiesEx' })
  const answers = [data(gateway, 'alice', all), data(gateway, 'bob', all)]
  await hold.waitFor(1)
  await gateway.execute(authorizationOf('alice'), '{ __typename }')
  expect(hold.waiting).toBe(1)
  hold.release()
  await Promise.all(answers)
})
