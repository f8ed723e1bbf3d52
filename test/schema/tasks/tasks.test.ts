// Query.tasks: order, filters, pages, the end of the history, servers without a history, and the collectors on the server.

import { afterEach, describe, expect, it, onTestFinished } from 'vitest'
import { taskLogOf } from '../../../src/simulator/history/task-log.ts'
import { createManualClock } from '../../../src/simulator/index.ts'
import { startTask, type TaskOptions } from '../../../src/simulator/tasks.ts'
import type { ManagedObjectReference } from '../../../src/soap/vim-types.ts'
import { startGateway, type TestGateway } from '../../test-gateway.ts'
import { rewriting, waitUntil } from '../../vim25/connect.ts'

let started: TestGateway[] = []

function start(options: Parameters<typeof startGateway>[0] = {}) {
  const clock = createManualClock()
  const gateway = startGateway({ clock, tasks: { queuedMs: 100, durationMs: 1_000 }, ...options })
  started.push(gateway)
  onTestFinished(() => gateway.close())
  const { objects, inventory } = gateway.simulator
  return {
    ...gateway,
    clock,
    begin(name: string, options: Partial<TaskOptions> = {}): ManagedObjectReference {
      const kind = { name: 'ReconfigVM_Task', descriptionId: 'VirtualMachine.reconfigure', userName: 'ann' }
      return startTask(objects, { ...kind, entity: inventory.vm(name).ref, ...options }, () => undefined)
    },
    /** Adds tasks that have ended to the history, in which they are the last queued ones. */
    add(name: string, count: number, changes: Record<string, unknown> = {}): void {
      const log = taskLogOf(objects)
      const [{ info }] = log.tasks.slice(-1) as [(typeof log.tasks)[number]]
      const entity = inventory.vm(name).ref
      for (let nth = 0; nth < count; nth += 1) {
        clock.advance(1)
        const task = { type: 'Task', value: objects.nextMoid('task') }
        const times = { queueTime: clock.now(), startTime: clock.now(), completeTime: clock.now() }
        log.add({ ...info, key: task.value, task, entity, entityName: name, ...times, ...changes })
      }
    },
  }
}

type Started = ReturnType<typeof start>

// No test may leave a collector behind.
afterEach(async () => {
  for (const { simulator } of started) await waitUntil(() => simulator.live.historyCollectors === 0)
  started = []
})

async function tasksOf(
  { execute }: Pick<TestGateway, 'execute'>,
  args = '',
  selection = 'nodes { moid operation state entityName } pageInfo { hasNextPage endCursor } coverage { isComplete }',
) {
  const { data, errors } = await execute(`{ tasks${args} { ${selection} } }`)
  expect(errors).toBeUndefined()
  return data.tasks
}

const callsOf = ({ simulator }: Pick<TestGateway, 'simulator'>) => simulator.calls.map(({ method }) => method)

const moidsOf = ({ nodes }: { readonly nodes: readonly { readonly moid: string }[] }) =>
  nodes.map(({ moid }) => moid)

async function idOf({ execute }: Started, lookup: string): Promise<string> {
  const { data } = await execute(`{ object: ${lookup} { id } }`)
  return data.object.id
}

describe('Query.tasks', () => {
  it('has the last queued task first, and running ones at once', async () => {
    const gateway = start()
    const first = gateway.begin('web-01')
    gateway.clock.advance(2_000)
    const second = gateway.begin('web-01')
    const third = gateway.begin('db-01')
    const page = await tasksOf(gateway, '(first: 3)')
    expect(page.nodes.map(({ moid, state }: { moid: string; state: string }) => [moid, state])).toEqual([
      [third.value, 'QUEUED'],
      [second.value, 'QUEUED'],
      [first.value, 'SUCCESS'],
    ])
    gateway.clock.advance(500)
    const running = await tasksOf(gateway, '(filter: { states: [QUEUED, RUNNING] })')
    expect(moidsOf(running)).toEqual([third.value, second.value])
    expect(running.pageInfo.hasNextPage).toBe(false)
  })

  it('answers what failed last night, why, and who started it', async () => {
    const gateway = start()
    const { nodes } = await tasksOf(
      gateway,
      '(filter: { lastSeconds: 43200, states: [ERROR] })',
      'nodes { label entityName startedBy { kind userName } error { fault message } }',
    )
    const backup = { kind: 'USER', userName: 'CORP\\svc-backup' }
    expect(nodes).toEqual([
      {
        label: 'Consolidate virtual machine disk files',
        entityName: 'backup-01',
        startedBy: backup,
        error: { fault: 'FileLocked', message: expect.stringContaining('locked') },
      },
      {
        label: 'Create virtual machine snapshot',
        entityName: 'rac-01',
        startedBy: backup,
        error: { fault: 'SnapshotLocked', message: expect.stringContaining('locked') },
      },
      {
        label: 'Create virtual machine snapshot',
        entityName: 'san-01',
        startedBy: backup,
        error: { fault: 'ApplicationQuiesceFault', message: expect.stringContaining('quiescing') },
      },
    ])
  })

  it('reads the pages of a history one after another, each task once', async () => {
    const gateway = start()
    const all = await tasksOf(gateway, '(first: 1000)')
    expect(all.coverage).toEqual([{ isComplete: true }])
    const moids: string[] = []
    let after = ''
    for (let pages = 0; pages < 100; pages += 1) {
      const page = await tasksOf(gateway, `(first: 4${after})`)
      moids.push(...moidsOf(page))
      if (!page.pageInfo.hasNextPage) break
      after = `, after: "${page.pageInfo.endCursor}"`
    }
    expect(moids).toEqual(moidsOf(all))
    expect(moids.length).toBeGreaterThan(15)
  })

  it('continues a page when tasks were queued since, and within tasks of the same time', async () => {
    const gateway = start()
    gateway.add('web-01', 1)
    const same = gateway.clock.now()
    gateway.add('web-01', 6, { queueTime: same })
    const all = moidsOf(await tasksOf(gateway, '(first: 7)'))
    const first = await tasksOf(gateway, '(first: 3)')
    gateway.begin('web-02')
    const second = await tasksOf(gateway, `(first: 4, after: "${first.pageInfo.endCursor}")`)
    expect([...moidsOf(first), ...moidsOf(second)]).toEqual(all)
  })

  it('reads a full page with one collector, and confirms the end with another', async () => {
    const gateway = start()
    await gateway.execute('{ vcenters { id } }')
    const callsFor = async (args: string) => {
      gateway.simulator.calls.length = 0
      await tasksOf(gateway, args)
      await waitUntil(() => gateway.simulator.live.historyCollectors === 0)
      return callsOf(gateway)
    }
    const collector = ['CreateCollectorForTasks', 'SetCollectorPageSize', 'RetrievePropertiesEx']
    expect(await callsFor('(first: 3)')).toEqual([...collector, 'DestroyCollector'])
    const all = await callsFor('(first: 100)')
    expect(all.filter((method) => method !== 'DestroyCollector')).toEqual([
      ...collector,
      ...collector,
      'ReadNextTasks',
    ])
    expect(all.filter((method) => method === 'DestroyCollector')).toHaveLength(2)
    expect(await callsFor('(first: 3, filter: { lastSeconds: 1000000 })')).toEqual([
      'CurrentTime',
      ...collector,
      'DestroyCollector',
    ])
  })

  it('reads the objects of all tasks in one retrieval, and has null for those that no longer exist', async () => {
    const gateway = start()
    await gateway.execute('{ vcenters { id } }')
    gateway.simulator.calls.length = 0
    const { nodes } = await tasksOf(
      gateway,
      '(first: 1000)',
      'nodes { entityName entity { ... on VirtualMachine { name host { name } } ... on HostSystem { name } } }',
    )
    expect(nodes).toContainEqual({ entityName: 'test-02', entity: null })
    for (const { entityName, entity } of nodes) if (entity) expect(entity.name).toBe(entityName)
    // Two latest pages, and the objects.
    expect(callsOf(gateway).filter((method) => method === 'RetrievePropertiesEx')).toHaveLength(3)
  })
})

describe('the filter of tasks', () => {
  const namesOf = ({ nodes }: { readonly nodes: readonly { readonly entityName: string }[] }) =>
    nodes.map(({ entityName }) => entityName)

  it('selects by user, chain and time', async () => {
    const gateway = start()
    const { value } = gateway.begin('web-02', { userName: 'CORP\\carl' })
    const carl = await tasksOf(
      gateway,
      '(filter: { users: ["CORP\\\\carl"] })',
      'nodes { moid chainId queuedAt }',
    )
    expect(moidsOf(carl)).toEqual([value])
    const [{ chainId, queuedAt }] = carl.nodes
    expect(moidsOf(await tasksOf(gateway, `(filter: { chainId: ${chainId} })`))).toEqual([value])
    expect(moidsOf(await tasksOf(gateway, `(filter: { since: "${queuedAt}" })`))).toEqual([value])
    expect(moidsOf(await tasksOf(gateway, '(filter: { lastSeconds: 60 })'))).toEqual([value])
    const before = await tasksOf(gateway, `(filter: { until: "2026-01-02T12:00:00Z" })`)
    expect(moidsOf(before)).not.toContain(value)
    expect(before.nodes.length).toBeGreaterThan(3)
  })

  it('counts lastSeconds by the clock of the vCenter', async () => {
    const gateway = start()
    const { value } = gateway.begin('web-02')
    gateway.clock.advance(3_600_000)
    expect(moidsOf(await tasksOf(gateway, '(filter: { lastSeconds: 3601 })'))).toEqual([value])
    expect(moidsOf(await tasksOf(gateway, '(filter: { lastSeconds: 3599 })'))).toEqual([])
  })

  it('selects by object, with or without those below it', async () => {
    const gateway = start()
    const vm = await idOf(gateway, 'virtualMachine(by: { name: "mail-01" })')
    expect(namesOf(await tasksOf(gateway, `(filter: { entity: "${vm}", scope: SELF })`))).toEqual(['mail-01'])
    const folder = await idOf(gateway, 'folder(by: { path: "/Frankfurt/vm/Production" })')
    const below = namesOf(await tasksOf(gateway, `(filter: { entity: "${folder}" })`))
    expect(below).toEqual(expect.arrayContaining(['mail-01', 'san-01']))
    expect(below).not.toContain('wiki-01')
    expect(namesOf(await tasksOf(gateway, `(filter: { entity: "${folder}", scope: SELF })`))).toEqual([])
  })

  it('evaluates operations over at most 10,000 tasks, and continues from where it stopped', async () => {
    const gateway = start()
    gateway.add('web-01', 12_000, { descriptionId: 'VirtualMachine.reconfigure' })
    const filter = '{ lastSeconds: 110000, operations: ["VirtualMachine.consolidateDisks"] }'
    const first = await tasksOf(gateway, `(first: 5, filter: ${filter})`)
    expect(first).toMatchObject({ nodes: [], pageInfo: { hasNextPage: true } })
    const second = await tasksOf(
      gateway,
      `(first: 5, after: "${first.pageInfo.endCursor}", filter: ${filter})`,
    )
    expect(namesOf(second)).toEqual(['backup-01'])
    expect(second.pageInfo.hasNextPage).toBe(false)
  })

  it('accepts operations with an object instead of a time, in upper or lower case', async () => {
    const gateway = start()
    const vm = await idOf(gateway, 'virtualMachine(by: { name: "db-01" })')
    const { nodes } = await tasksOf(
      gateway,
      `(filter: { entity: "${vm}", operations: ["virtualmachine.CREATESNAPSHOT"] })`,
      'nodes { startedBy { userName } result { ... on Snapshot { name } } }',
    )
    expect(nodes).toHaveLength(3)
    expect(nodes).toContainEqual({
      startedBy: { userName: 'CORP\\svc-backup' },
      result: { name: 'nightly' },
    })
  })

  it.each([
    ['{ since: "2026-01-01T00:00:00Z", lastSeconds: 5 }', 'since and lastSeconds cannot be combined'],
    ['{ operations: ["VirtualMachine.powerOn"] }', 'operations needs since, lastSeconds or entity'],
    ['{ scope: SELF }', 'scope needs entity'],
    ['{ states: [] }', 'states is empty'],
    ['{ operations: [], lastSeconds: 5 }', 'operations is empty'],
    ['{ users: [""] }', 'users contains an empty name'],
    ['{ users: ["a\\u0000"] }', 'users contains a name with characters that XML cannot represent'],
    ['{ operations: [" "], lastSeconds: 5 }', 'operations contains an empty name'],
    ['{ operations: ["powerOn"], lastSeconds: 5 }', 'operations contains "powerOn"'],
    ['{ chainId: -1 }', 'chainId is -1'],
    ['{ since: "2026-01-02T00:00:00Z", until: "2026-01-01T00:00:00Z" }', 'until is before since'],
    ['{ lastSeconds: 0 }', 'lastSeconds is 0'],
  ])('rejects %s before any call', async (filter, message) => {
    const gateway = start()
    const { errors } = await gateway.execute(`{ tasks(filter: ${filter}) { nodes { moid } } }`)
    expect(errors?.[0]?.extensions?.code).toBe('BAD_USER_INPUT')
    expect(errors?.[0]?.message).toContain(message)
    expect(errors?.[0]?.extensions?.remedy).toMatch(/\.$/)
    expect(callsOf(gateway)).toEqual([])
  })

  it('rejects a cursor of tasks with another filter, and one of events', async () => {
    const gateway = start()
    const { pageInfo } = await tasksOf(gateway, '(first: 1)')
    const { data } = await gateway.execute('{ events(first: 1) { pageInfo { endCursor } } }')
    for (const args of [
      `first: 1, after: "${pageInfo.endCursor}", filter: { states: [ERROR] }`,
      `first: 1, after: "${data.events.pageInfo.endCursor}"`,
      'first: 1, after: "x"',
      'first: -1',
      'first: 1001',
    ]) {
      const { errors } = await gateway.execute(`{ tasks(${args}) { nodes { moid } } }`)
      expect(errors?.[0]?.extensions?.code, args).toBe('BAD_USER_INPUT')
    }
    // The same filter, written differently.
    const again = `(first: 1, after: "${pageInfo.endCursor}", filter: { states: null, scope: ALL })`
    expect((await tasksOf(gateway, again)).nodes).toHaveLength(1)
    const listed = await tasksOf(gateway, '(first: 1, filter: { states: [SUCCESS, ERROR] })')
    const reordered = `(first: 1, after: "${listed.pageInfo.endCursor}", filter: { states: [ERROR, SUCCESS] })`
    expect((await tasksOf(gateway, reordered)).nodes).toHaveLength(1)
  })
})

describe('the end of the tasks', () => {
  it('is found behind more hidden tasks than a page has', async () => {
    const gateway = start()
    const { simulator } = gateway
    simulator.authorization.grant('user', { role: 'NoAccess', on: simulator.inventory.vm('web-01').ref })
    gateway.add('web-02', 1)
    gateway.add('web-01', 1_500)
    gateway.add('web-02', 2)
    const { nodes, coverage, pageInfo } = await tasksOf(gateway, '(first: 50, filter: { lastSeconds: 3600 })')
    expect(nodes.map(({ entityName }: { entityName: string }) => entityName)).toEqual([
      'web-02',
      'web-02',
      'web-02',
    ])
    expect(pageInfo.hasNextPage).toBe(false)
    expect(coverage).toEqual([{ isComplete: true }])
  })

  it('is said to be unknown when too many hidden tasks are in between', async () => {
    const gateway = start()
    const { simulator } = gateway
    simulator.authorization.grant('user', { role: 'NoAccess', on: simulator.inventory.vm('web-01').ref })
    gateway.add('web-02', 1)
    gateway.add('web-01', 22_000)
    const { nodes, coverage } = await tasksOf(
      gateway,
      '(filter: { lastSeconds: 3600 })',
      'nodes { moid } coverage { vcenter isComplete error { code remedy } }',
    )
    expect(nodes).toEqual([])
    expect(coverage).toMatchObject([{ vcenter: 'test', isComplete: false, error: { code: 'FORBIDDEN' } }])
  })

  it('is where the vCenter has purged older tasks', async () => {
    const gateway = start()
    gateway.clock.advance(29.9 * 24 * 60 * 60 * 1000)
    const { nodes, coverage } = await tasksOf(gateway, '(first: 100)')
    expect(nodes).toEqual([])
    expect(coverage).toEqual([{ isComplete: true }])
  })

  it('is an error, not a shorter list, when a task has no time', async () => {
    const gateway = start({
      wrap: rewriting((text) => text.replace(/<queueTime>[^<]*<\/queueTime>/, '')),
    })
    const { data, errors } = await gateway.execute('{ tasks { nodes { moid } } }')
    expect(data.tasks).toBeNull()
    expect(errors).toHaveLength(1)
  })
})

describe.each(['NotSupported', 'NotImplemented'] as const)('on a server that answers with %s', (fault) => {
  function startWithoutHistory() {
    const gateway = start()
    gateway.simulator.faults.fault(fault, { method: 'CreateCollectorForTasks', times: 100 })
    return gateway
  }
  const selection =
    'nodes { moid state } pageInfo { hasNextPage endCursor } coverage { isComplete error { code } }'

  it('lists the recent tasks, with coverage that says what is missing', async () => {
    const gateway = startWithoutHistory()
    const first = gateway.begin('web-01')
    gateway.clock.advance(2_000)
    const second = gateway.begin('db-01')
    const page = await tasksOf(gateway, '', selection)
    expect(moidsOf(page)).toEqual([second.value, first.value])
    expect(page.coverage).toEqual([{ isComplete: false, error: { code: 'NOT_SUPPORTED' } }])
    const one = await tasksOf(gateway, '(first: 1)', selection)
    expect(one).toMatchObject({ nodes: [{ moid: second.value }], pageInfo: { hasNextPage: true } })
    const next = await tasksOf(gateway, `(first: 1, after: "${one.pageInfo.endCursor}")`, selection)
    expect(next).toMatchObject({ nodes: [{ moid: first.value }], pageInfo: { hasNextPage: false } })
  })

  it('evaluates the criteria itself, and is complete for tasks that have not ended', async () => {
    const gateway = startWithoutHistory()
    const { value } = gateway.begin('web-01', { userName: 'carl' })
    gateway.begin('db-01')
    const running = await tasksOf(
      gateway,
      '(filter: { states: [QUEUED, RUNNING], users: ["carl"] })',
      selection,
    )
    expect(moidsOf(running)).toEqual([value])
    expect(running.coverage).toEqual([{ isComplete: true, error: null }])
    const vm = await idOf(gateway, 'virtualMachine(by: { name: "web-01" })')
    for (const [filter, expected] of [
      [`{ entity: "${vm}" }`, [value]],
      [`{ entity: "${vm}", scope: CHILDREN }`, []],
      [`{ entity: "${vm}", operations: ["VirtualMachine.powerOn"] }`, []],
      ['{ until: "2026-01-01T00:00:00Z" }', []],
      ['{ lastSeconds: 60, users: ["carl"], operations: ["VirtualMachine.reconfigure"] }', [value]],
    ] as const)
      expect(moidsOf(await tasksOf(gateway, `(filter: ${filter})`, selection)), filter).toEqual(expected)
  })
})

it('destroys the collector of a client that disconnects, and of a call that fails', async () => {
  const gateway = start()
  await gateway.execute('{ vcenters { id } }')
  const pause = gateway.simulator.faults.pause({ method: 'SetCollectorPageSize' })
  const aborter = new AbortController()
  const aborted = gateway
    .fetch('/graphql', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query: '{ tasks { nodes { moid } } }' }),
      signal: aborter.signal,
    })
    .catch(() => {})
  await pause.waitFor(1)
  expect(gateway.simulator.live.historyCollectors).toBe(1)
  aborter.abort()
  await aborted
  pause.release()
  await waitUntil(() => gateway.simulator.live.historyCollectors === 0)
  gateway.simulator.faults.fault('RuntimeFault', { method: 'SetCollectorPageSize' })
  const { data } = await gateway.execute('{ tasks { nodes { moid } } }')
  expect(data.tasks).toBeNull()
})
