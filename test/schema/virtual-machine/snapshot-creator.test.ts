// Tests Snapshot.createdBy: which user it names, what it costs, and that no collector is left.

import { afterEach, describe, expect, it, onTestFinished } from 'vitest'
import { taskLogOf } from '../../../src/simulator/history/task-log.ts'
import { createManualClock, type Simulator } from '../../../src/simulator/index.ts'
import { startGateway, type TestGateway } from '../../test-gateway.ts'

const dayMs = 24 * 60 * 60 * 1000

const started: Simulator[] = []
function start(options: Parameters<typeof startGateway>[0] = {}): TestGateway {
  const gateway = startGateway(options)
  started.push(gateway.simulator)
  onTestFinished(() => gateway.close())
  return gateway
}

// Of the session that still exists: the collectors are destroyed in the background.
afterEach(async () => {
  for (const simulator of started.splice(0))
    await expect.poll(() => simulator.live.historyCollectors, { interval: 5 }).toBe(0)
})

const callsOf = ({ simulator }: TestGateway, ...methods: string[]) =>
  simulator.calls.filter(({ method }) => methods.includes(method))

const ofMachine = (name: string) =>
  `{ virtualMachine(by: { name: "${name}" }) { snapshots { name createdBy } } }`

describe('createdBy', () => {
  it('names the account of the backup and people, with one collector for all snapshots of a machine', async () => {
    const gateway = start()
    const { data, errors } = await gateway.execute(ofMachine('db-01'))
    expect(errors).toBeUndefined()
    expect(data.virtualMachine.snapshots).toEqual([
      { name: 'nightly', createdBy: 'CORP\\svc-backup' },
      { name: 'nightly', createdBy: 'CORP\\svc-backup' },
    ])
    await expect.poll(() => callsOf(gateway, 'DestroyCollector').length, { interval: 5 }).toBe(1)
    const calls = gateway.simulator.calls.map(({ method }) => method)
    expect(calls.slice(calls.indexOf('CreateCollectorForTasks'))).toEqual([
      'CreateCollectorForTasks',
      'SetCollectorPageSize',
      'RetrievePropertiesEx',
      'DestroyCollector',
    ])
    const erp = await gateway.execute(ofMachine('erp-01'))
    expect(erp.data.virtualMachine.snapshots).toHaveLength(4)
    for (const { createdBy } of erp.data.virtualMachine.snapshots) expect(createdBy).toBe('CORP\\ann')
  })

  it('names the user of a snapshot that was just created, by either method', async () => {
    const gateway = start()
    const create = (quiesce: string) =>
      gateway.execute(
        `mutation { createSnapshot(input: { virtualMachine: { name: "web-02" }, name: "new"${quiesce} }) { snapshot { createdBy } } }`,
      )
    for (const quiesce of ['', ', quiesce: true']) {
      const { data, errors } = await create(quiesce)
      expect(errors).toBeUndefined()
      expect(data.createSnapshot.snapshot.createdBy).toBe('user')
    }
  })

  it('finds the task by its times when the history keeps no results', async () => {
    const gateway = start()
    taskLogOf(gateway.simulator.objects).settings.keepsResults = false
    const { data } = await gateway.execute(ofMachine('db-01'))
    for (const { createdBy } of data.virtualMachine.snapshots) expect(createdBy).toBe('CORP\\svc-backup')
  })

  it('is null without an error when the vCenter no longer has the task', async () => {
    const clock = createManualClock()
    const gateway = start({ clock })
    clock.advance(23 * dayMs)
    const { data, errors } = await gateway.execute(ofMachine('db-01'))
    expect(errors).toBeUndefined()
    expect(data.virtualMachine.snapshots).toEqual([
      { name: 'nightly', createdBy: null },
      { name: 'nightly', createdBy: 'CORP\\svc-backup' },
    ])
  })

  it('reads further pages when a machine has had more than 1,000 tasks', async () => {
    const gateway = start()
    const { objects, inventory } = gateway.simulator
    const log = taskLogOf(objects)
    const [template] = log.tasks.filter(({ info }) => info.entityName === 'db-01')
    for (let nth = 0; nth < 1500; nth += 1)
      log.add({
        ...template!.info,
        entity: inventory.vm('db-01').ref,
        task: { type: 'Task', value: `other-${nth}` },
        descriptionId: 'VirtualMachine.reconfigure',
        queueTime: new Date(Date.now() - dayMs / 2),
      })
    const { data } = await gateway.execute(ofMachine('db-01'))
    for (const { createdBy } of data.virtualMachine.snapshots) expect(createdBy).toBe('CORP\\svc-backup')
    expect(callsOf(gateway, 'ReadPreviousTasks')).toHaveLength(1)
  })

  it('takes one collector for each machine of a list, at most 8 at a time and 100 in an operation', async () => {
    const gateway = start({ vms: 3000 })
    const query = (machines: number) =>
      `{ virtualMachines(first: ${machines}, filter: { snapshots: { some: {} } }) { nodes { snapshots { createdBy } } } }`
    let most = 0
    const { simulator } = gateway
    const lengthBefore = () => callsOf(gateway, 'CreateCollectorForTasks').length
    const running = gateway.execute(query(60))
    const timer = setInterval(() => {
      most = Math.max(most, simulator.live.historyCollectors)
    }, 1)
    const { data, errors } = await running
    clearInterval(timer)
    expect(errors).toBeUndefined()
    expect(data.virtualMachines.nodes).toHaveLength(60)
    expect(most).toBeLessThanOrEqual(8)
    expect(lengthBefore()).toBe(60)
    const { errors: tooMany } = await gateway.execute(query(150))
    expect(tooMany?.map(({ extensions }) => extensions?.code)).toContain('QUERY_TOO_COMPLEX')
  })

  it('is null with one error for all snapshots of a machine when the tasks cannot be read', async () => {
    const gateway = start()
    gateway.simulator.faults.fault('NoPermission', { method: 'CreateCollectorForTasks' })
    const { data, errors } = await gateway.execute(ofMachine('db-01'))
    expect(data.virtualMachine.snapshots).toEqual([
      { name: 'nightly', createdBy: null },
      { name: 'nightly', createdBy: null },
    ])
    expect(errors).toHaveLength(1)
    expect(errors?.[0]?.extensions).toMatchObject({ code: 'FORBIDDEN' })
  })

  it.each(['NotSupported', 'NotImplemented'] as const)(
    'is null without an error on a server that answers with %s',
    async (fault) => {
      const gateway = start()
      gateway.simulator.faults.fault(fault, { method: 'CreateCollectorForTasks' })
      const { data, errors } = await gateway.execute(ofMachine('db-01'))
      expect(errors).toBeUndefined()
      for (const { createdBy } of data.virtualMachine.snapshots) expect(createdBy).toBeNull()
    },
  )
})
