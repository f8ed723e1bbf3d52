// Tests clients of all three subscriptions that disconnect at each stage: nothing is left behind on the
// vCenter or in the gateway. Clients that stay connected without reading cost nothing for later changes,
// and do not prevent the gateway from stopping.

import { getEventListeners, once } from 'node:events'
import { connect } from 'node:net'
import { setImmediate as turn } from 'node:timers/promises'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createSimulator, type SimulatedObject, type Simulator } from '../../../src/simulator/index.ts'
import { startTask } from '../../../src/simulator/tasks.ts'
import { machineOf } from '../../../src/simulator/virtual-machine/machine.ts'
import { setPower } from '../../../src/simulator/virtual-machine/power/power-state.ts'
import { reconfigure } from '../../../src/simulator/virtual-machine/reconfigure/reconfigure.ts'
import type { MethodName } from '../../../src/soap/envelope.ts'
import { startGateway } from '../../test-gateway.ts'
import { waitUntil } from '../../vim25/connect.ts'

const queries = {
  task: 'subscription ($task: ID!) { task(id: $task) { state entity { ... on VirtualMachine { host { name } } } } }',
  inventoryChanges:
    'subscription { inventoryChanges(filter: { virtualMachine: {} }) { changes { entity { ... on VirtualMachine { name powerState annotation host { name } } } } } }',
  changedAreas: 'subscription ($disk: ID!) { changedAreas(disk: $disk) { areas { start length } } }',
}

type Field = keyof typeof queries

/** A gateway that has not logged in yet, with a virtual machine that has a snapshot and a running task. */
async function start() {
  const simulator = createSimulator({ vms: 20, tasks: { queuedMs: 0, durationMs: 1_000_000 } })
  onTestFinished(() => simulator.close())
  simulator.inventory.settings.guestsWrite = false
  const { ref } = simulator.inventory.vm('web-01')
  const { value } = startTask(
    simulator.objects,
    {
      name: 'CreateSnapshot_Task',
      descriptionId: 'VirtualMachine.createSnapshot',
      entity: ref,
      userName: 'user',
    },
    () => undefined,
  )
  const another = startGateway({ simulator })
  const { data } = await another.execute(
    '{ vcenters { instanceUuid } virtualMachine(by: { name: "web-01" }) { snapshots { disks { id } } } }',
  )
  await another.close()
  const identity = data.vcenters[0].instanceUuid
  const variables = {
    task: Buffer.from(JSON.stringify([identity, 'Task', value])).toString('base64url'),
    disk: data.virtualMachine.snapshots[0].disks[0].id,
  }
  const gateway = startGateway({ simulator })
  onTestFinished(() => gateway.close())
  const machine = machineOf(simulator.objects.find(ref) as SimulatedObject)
  const url = new URL(await gateway.listen())
  const before = timers()
  return {
    gateway,
    simulator,
    variables,
    machine,
    url,
    /** `proceed` resumes paused calls, once the gateway has noticed the abort. */
    async expectNothingLeft(proceed = () => {}) {
      await waitUntil(() => getEventListeners(gateway.shutdownSignal, 'abort').length === 0)
      proceed()
      await waitUntil(() => left(simulator) === 0 && timers() <= before)
      // The view that queries share while the session is active.
      expect(simulator.live.views).toBeLessThanOrEqual(1)
      expect(gateway.lines).toEqual([])
    },
  }
}

/** A raw client that reads and disconnects under the control of the test. */
function follow(url: URL, field: Field, variables: Record<string, string>) {
  const body = JSON.stringify({ query: queries[field], variables })
  const socket = connect(Number(url.port), url.hostname)
  onTestFinished(() => void socket.destroy())
  socket.write(
    `POST /graphql HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\naccept: text/event-stream\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
  )
  return socket
}

const timers = () => process.getActiveResourcesInfo().filter((each) => each === 'Timeout').length
const left = ({ live }: Simulator) => live.waits + live.collectors + live.filters

describe('a client that disconnects leaves nothing behind', () => {
  const stages: [Field, MethodName][] = [
    ['task', 'Login'],
    ['task', 'CreateListView'],
    ['task', 'ModifyListView'],
    ['task', 'CreatePropertyCollector'],
    ['task', 'CreateFilter'],
    ['task', 'WaitForUpdatesEx'],
    ['task', 'RetrievePropertiesEx'],
    ['inventoryChanges', 'Login'],
    ['inventoryChanges', 'CreateContainerView'],
    ['inventoryChanges', 'CreatePropertyCollector'],
    ['inventoryChanges', 'CreateFilter'],
    ['inventoryChanges', 'WaitForUpdatesEx'],
    ['inventoryChanges', 'RetrievePropertiesEx'],
    ['changedAreas', 'Login'],
    ['changedAreas', 'RetrievePropertiesEx'],
    ['changedAreas', 'QueryChangedDiskAreas'],
  ]
  it.each(stages)('on %s, while %s is in progress', async (field, method) => {
    const { simulator, variables, url, expectNothingLeft } = await start()
    const hold = simulator.faults.pause({ method })
    const socket = follow(url, field, variables).resume()
    await hold.waitFor()
    socket.destroy()
    await expectNothingLeft(() => hold.release())
  })

  it.each(['task', 'inventoryChanges'] as const)('on %s between two events', async (field) => {
    const { simulator, variables, url, expectNothingLeft } = await start()
    const socket = follow(url, field, variables).resume()
    await waitUntil(() => simulator.live.waits === 1)
    socket.destroy()
    await expectNothingLeft()
  })

  it('on inventoryChanges, while nested fields are read for a change', async () => {
    const { simulator, machine, url, expectNothingLeft } = await start()
    const socket = follow(url, 'inventoryChanges', {}).resume()
    await waitUntil(() => simulator.live.waits === 1)
    const hold = simulator.faults.pause({ method: 'RetrievePropertiesEx' })
    setPower(machine, 'suspended', new Date())
    await hold.waitFor()
    socket.destroy()
    await waitUntil(() => hold.waiting === 0)
    await expectNothingLeft()
  })
})

it('stops reading from vSphere for a client that does not read, once its buffers are full', async () => {
  const { gateway, simulator, url } = await start()
  const machines = [...simulator.objects.ofType('VirtualMachine')].slice(0, 4).map(machineOf)
  const socket = follow(url, 'inventoryChanges', {}).pause()
  await waitUntil(() => simulator.live.waits === 1)
  const annotation = 'x'.repeat(500_000)
  const readFor = async (rounds: number) => {
    simulator.calls.length = 0
    for (let round = 0; round < rounds; round += 1) {
      for (const machine of machines)
        reconfigure(machine, { annotation: `${annotation}${Math.random()}` } as never, new Date())
      for (let turns = 0; turns < 20; turns += 1) await turn()
    }
    return simulator.calls.filter(({ method }) => method === 'RetrievePropertiesEx').length
  }
  // Each round sends megabytes, so that the socket buffers of the system fill up eventually.
  let rounds = 0
  while ((await readFor(2)) > 0 && rounds < 50) rounds += 2
  expect(await readFor(5)).toBe(0)
  expect(socket.destroyed).toBe(false)
  gateway.stop()
  await waitUntil(() => left(simulator) === 0)
})

it.each(['task', 'inventoryChanges', 'changedAreas'] as const)(
  'ends %s with an error event when the gateway stops, and leaves nothing behind for a client that does not read',
  async (field) => {
    const { gateway, simulator, variables, url } = await start()
    const hold = simulator.faults.pause({ method: 'QueryChangedDiskAreas' })
    let text = ''
    const listener = follow(url, field, variables).on('data', (chunk) => {
      text += chunk
    })
    follow(url, field, variables).pause()
    if (field === 'changedAreas') await hold.waitFor(2)
    else await waitUntil(() => simulator.live.waits === 1 && text.includes('event: next'))
    gateway.stop()
    await waitUntil(() => left(simulator) === 0 && hold.waiting === 0)
    while (!text.includes('event: complete')) await once(listener, 'data')
    expect(text).toContain('"message":"the gateway is shutting down"')
    expect(text).toContain('"code":"SHUTTING_DOWN"')
    hold.release()
    expect(gateway.lines).toEqual([])
  },
)
