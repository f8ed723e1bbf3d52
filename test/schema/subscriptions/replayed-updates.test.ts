// Tests a server that repeats older changes after newer ones, and sends empty pages: an ended task stays
// ended, and no state goes backwards.

import { expect, onTestFinished, test } from 'vitest'
import { setPower } from '../../../src/simulator/virtual-machine/power/power-state.ts'
import { subscribe } from '../../subscribe.ts'
import { startGateway } from '../../test-gateway.ts'

function replaying() {
  const gateway = startGateway()
  onTestFinished(() => gateway.close())
  gateway.simulator.faults.updates = 'replayed'
  return gateway
}

test('reports the end of each task to the mutations that wait for it', async () => {
  const { execute } = replaying()
  const names = ['web-01', 'web-02', 'db-01', 'mail-01']
  const { data, errors } = await execute(
    `mutation { ${names
      .map(
        (name, index) =>
          `m${index}: createSnapshot(input: { virtualMachine: { name: "${name}" }, name: "x" }) { task { state } snapshot { name } }`,
      )
      .join(' ')} }`,
  )
  expect(errors).toBeUndefined()
  expect(Object.values(data)).toEqual(
    names.map(() => ({ task: { state: 'SUCCESS' }, snapshot: { name: 'x' } })),
  )
})

test('reports the states of a task in order, with the last one last and once', async () => {
  const gateway = replaying()
  gateway.simulator.tasks.durationMs = 200
  const url = await gateway.listen()
  const { data } = await gateway.execute(
    'mutation { createSnapshot(input: { virtualMachine: { name: "web-02" }, name: "x", waitSeconds: 0 }) { task { id } } }',
  )
  const events = await (
    await subscribe(url, 'subscription ($id: ID!) { task(id: $id) { state progress } }', {
      id: data.createSnapshot.task.id,
    })
  ).remaining()
  const states = events.map((event) => event.data.task)
  const order = ['QUEUED', 'RUNNING', 'SUCCESS']
  const ranks = states.map(({ state, progress }) => order.indexOf(state) * 1000 + (progress ?? 0))
  expect(ranks).toEqual(ranks.toSorted((a, b) => a - b))
  expect(states.filter(({ state }) => state === 'SUCCESS')).toHaveLength(1)
  expect(states.at(-1)).toEqual({ state: 'SUCCESS', progress: 100 })
})

test('reports the current state of a virtual machine that changes', async () => {
  const gateway = replaying()
  const machine = gateway.simulator.inventory.machine('web-02')
  const subscription = await subscribe(
    await gateway.listen(),
    'subscription { inventoryChanges(filter: { virtualMachine: { name: { eq: "web-02" } } }) { changes { kind entity { ... on VirtualMachine { powerState } } } } }',
  )
  onTestFinished(() => subscription.abortClient())
  const reported = async () => (await subscription.next())?.data?.inventoryChanges.changes
  expect(await reported()).toEqual([{ kind: 'ENTER', entity: { powerState: 'POWERED_ON' } }])
  expect(await reported()).toEqual([])
  for (const [state, name] of [
    ['poweredOff', 'POWERED_OFF'],
    ['poweredOn', 'POWERED_ON'],
  ] as const) {
    setPower(machine, state, new Date())
    expect(await reported()).toEqual([{ kind: 'MODIFY', entity: { powerState: name } }])
  }
})
