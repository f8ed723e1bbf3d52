// A server that tells older changes again behind newer ones, and empty pages: what ends stays ended, nothing is told backwards.

import { expect, onTestFinished, test } from 'vitest'
import { setPower } from '../../../src/simulator/virtual-machine/power.ts'
import { subscribe } from '../../subscribe.ts'
import { startGateway } from '../../test-gateway.ts'

function replaying() {
  const gateway = startGateway()
  onTestFinished(() => gateway.close())
  gateway.simulator.faults.updates = 'replayed'
  return gateway
}

test('mutations that wait for their tasks are told of each one’s end', async () => {
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

test('a task’s states come in order, the last of them last and once', async () => {
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
  ).rest()
  const states = events.map((event) => event.data.task)
  const order = ['QUEUED', 'RUNNING', 'SUCCESS']
  const ranks = states.map(({ state, progress }) => order.indexOf(state) * 1000 + (progress ?? 0))
  expect(ranks).toEqual(ranks.toSorted((a, b) => a - b))
  expect(states.filter(({ state }) => state === 'SUCCESS')).toHaveLength(1)
  expect(states.at(-1)).toEqual({ state: 'SUCCESS', progress: 100 })
})

test('a virtual machine that changes is told as it is', async () => {
  const gateway = replaying()
  const machine = gateway.simulator.inventory.machine('web-02')
  const subscription = await subscribe(
    await gateway.listen(),
    'subscription { virtualMachineChanges(filter: { name: "web-02" }) { changes { kind virtualMachine { powerState } } } }',
  )
  onTestFinished(() => subscription.abortClient())
  const reported = async () => (await subscription.next())?.data?.virtualMachineChanges.changes
  expect(await reported()).toEqual([{ kind: 'ENTER', virtualMachine: { powerState: 'POWERED_ON' } }])
  for (const [state, name] of [
    ['poweredOff', 'POWERED_OFF'],
    ['poweredOn', 'POWERED_ON'],
  ] as const) {
    setPower(machine, state, new Date())
    expect(await reported()).toEqual([{ kind: 'MODIFY', virtualMachine: { powerState: name } }])
  }
})
