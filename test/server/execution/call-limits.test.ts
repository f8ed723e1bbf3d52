// Limits the load on the vCenter: concurrent reads are queued or share a retrieval, and mutations have priority.

import { expect, onTestFinished, test } from 'vitest'
import { startGateway } from '../../test-gateway.ts'
import { errorOf } from '../../vim25/connect.ts'

async function gateway(options: Parameters<typeof startGateway>[0] = {}) {
  const started = startGateway(options)
  const { execute, simulator } = started
  onTestFinished(async () => {
    simulator.faults.clear()
    await started.close()
  })
  const { data } = await execute('{ virtualMachines(first: 200) { nodes { id name } } }')
  const machines: { id: string; name: string }[] = data.virtualMachines.nodes
  simulator.calls.length = 0
  return {
    ...started,
    machines,
    methods: () => simulator.calls.map(({ method }) => method),
    retrievals: () => simulator.calls.filter(({ method }) => method === 'RetrievePropertiesEx').length,
    /** Makes one retrieval for each machine. */
    readEachMachine: () =>
      machines.map(({ id }) =>
        execute('query ($id: ID!) { virtualMachine(by: { id: $id }) { name } }', { id }).then(
          ({ data }) => data.virtualMachine.name,
        ),
      ),
  }
}

/** Waits until the requests have made all the progress that they can make. */
async function settled(): Promise<void> {
  for (let iteration = 0; iteration < 100; iteration += 1) await new Promise(setImmediate)
}

const takeSnapshot = (virtualMachine: string, payload: string) =>
  `mutation { createSnapshot(input: { virtualMachine: ${virtualMachine}, name: "new" }) { ${payload} } }`

test('limits concurrent calls, and answers all requests', async () => {
  const { simulator, machines, readEachMachine } = await gateway({ maxConcurrentCalls: 3 })
  const pause = simulator.faults.pause()
  const names = readEachMachine()
  await pause.waitFor(3)
  await settled()
  expect(pause.waiting).toBe(3)
  pause.release()
  expect(await Promise.all(names)).toEqual(machines.map(({ name }) => name))
})

test('completes retrievals of many pages with one call at a time', async () => {
  const { simulator, execute, machines } = await gateway({ maxConcurrentCalls: 1 })
  simulator.faults.pageSize = 2
  const answers = await Promise.all([
    execute('{ virtualMachines(first: 200) { nodes { id name } } }'),
    execute('{ virtualMachines(first: 200) { nodes { id name powerState } } }'),
  ])
  for (const { data } of answers) expect(data.virtualMachines.nodes).toMatchObject(machines)
})

test('renews a session once when it ends while many requests are queued, and answers all', async () => {
  const { simulator, machines, readEachMachine, methods } = await gateway({ maxConcurrentCalls: 1 })
  const pause = simulator.faults.pause({ method: 'RetrievePropertiesEx' })
  const names = readEachMachine()
  await pause.waitFor()
  await settled()
  simulator.faults.expireSessions()
  pause.release()
  expect(await Promise.all(names)).toEqual(machines.map(({ name }) => name))
  expect(methods().filter((method) => method === 'Login')).toHaveLength(1)
})

test('takes a snapshot and follows its task while blocked reads fill the queue', async () => {
  const { simulator, execute, machines, readEachMachine } = await gateway({ maxConcurrentCalls: 1 })
  const pause = simulator.faults.pause({ method: 'RetrievePropertiesEx' })
  const names = readEachMachine()
  await pause.waitFor()
  const { data } = await execute(takeSnapshot(`{ id: "${machines[0]?.id}" }`, 'task { state }'))
  expect(data.createSnapshot.task.state).toBe('SUCCESS')
  expect(pause.waiting).toBe(1)
  pause.release()
  expect(await Promise.all(names)).toHaveLength(machines.length)
})

test('runs the reads of a mutation before queued queries', async () => {
  const { simulator, execute, readEachMachine, methods } = await gateway({ maxConcurrentCalls: 1 })
  const pause = simulator.faults.pause({ method: 'RetrievePropertiesEx' })
  const names = readEachMachine()
  await pause.waitFor()
  await settled()
  const path = '{ path: "/Frankfurt/vm/Production/Web/web-01" }'
  const snapshotResult = execute(takeSnapshot(path, 'virtualMachine { snapshots { name } }'))
  await settled()
  pause.release()
  const { data } = await snapshotResult
  expect(data.createSnapshot.virtualMachine.snapshots).toContainEqual({ name: 'new' })
  expect(methods().slice(0, 2)).toEqual(['RetrievePropertiesEx', 'FindByInventoryPath'])
  await Promise.all(names)
})

test('shares one retrieval among twenty identical queries, and reports it in each trace', async () => {
  const { simulator, machines, execute, retrievals } = await gateway()
  const pause = simulator.faults.pause({ method: 'RetrievePropertiesEx' })
  const requested = Array.from({ length: 20 }, () =>
    execute('{ virtualMachines(first: 200) { nodes { name } } }', undefined, { 'x-vsphere-trace': '1' }),
  )
  await pause.waitFor()
  await settled()
  pause.release()
  const answers = await Promise.all(requested)
  for (const { data, extensions } of answers) {
    expect(data).toEqual(answers[0]?.data)
    expect(extensions).toMatchObject({ vsphere: { retrievals: 1 } })
  }
  expect(answers[0]?.data.virtualMachines.nodes).toHaveLength(machines.length)
  expect(retrievals()).toBe(1)
})

test("does not share a retrieval that started before the client's own write", async () => {
  const { simulator, execute, machines } = await gateway()
  const { id } = machines.find(({ name }) => name === 'web-01') as { id: string }
  const query = `{ virtualMachine(by: { id: "${id}" }) { snapshots { name } } }`
  const pause = simulator.faults.pause({ method: 'RetrievePropertiesEx', times: 1 })
  const before = execute(query)
  await pause.waitFor()
  await execute(takeSnapshot(`{ id: "${id}" }`, 'task { state }'))
  // Answered while the other request is still blocked.
  const { data } = await execute(query)
  expect(data.virtualMachine.snapshots).toContainEqual({ name: 'new' })
  expect(pause.waiting).toBe(1)
  pause.release()
  await before
})

test('makes no call for a queued request whose client has disconnected', async () => {
  const { simulator, machines, execute, fetch, retrievals } = await gateway({ maxConcurrentCalls: 1 })
  const [first, second, third] = machines.map(({ id }) => `{ virtualMachine(by: { id: "${id}" }) { name } }`)
  const pause = simulator.faults.pause({ method: 'RetrievePropertiesEx' })
  const held = execute(first as string)
  await pause.waitFor()
  const abort = new AbortController()
  const left = errorOf(
    fetch('/graphql', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query: second }),
      signal: abort.signal,
    }),
  )
  await settled()
  abort.abort()
  await left
  const last = execute(third as string)
  await settled()
  pause.release()
  expect((await held).data.virtualMachine.name).toBe(machines[0]?.name)
  expect((await last).data.virtualMachine.name).toBe(machines[2]?.name)
  expect(retrievals()).toBe(2)
})
