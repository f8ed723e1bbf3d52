// Part h. Many concurrent snapshots: their total time, including waits, over the duration of a single task;
// and the number of update streams that the waits need.

import { type BenchmarkPart, interleaved, measurementsFor } from '../bench.ts'
import { startGateway } from '../gateway-process.ts'
import { type ExecuteOperation, read } from '../graphql-request.ts'
import { LoadSamples } from '../load-samples.ts'
import { atMost } from '../measurements.ts'
import { startPrepared } from '../servers.ts'

const machines = 200
/** The duration of a quick snapshot without memory on a real server. */
const taskMs = 3_000

export const snapshots: BenchmarkPart = {
  title: `${machines} concurrent createSnapshot mutations, with tasks of ${taskMs / 1_000} s`,
  async measure({ rounds }) {
    const server = await startPrepared('simulator', 2 * machines, ['--task-ms', String(taskMs)])
    const gateway = await startGateway(server)
    try {
      const ids = await idsOf(gateway.execute)
      await takeAll(gateway.execute, ids)
      const load = new LoadSamples(gateway)
      const streams: number[] = []
      const calls: number[] = []
      const tasks: number[] = []
      const { all } = await interleaved(rounds, {
        all: async () => {
          await server.counts()
          const { ms, tasksMs } = await load.record(machines, () => takeAll(gateway.execute, ids))
          const counts = await server.counts()
          tasks.push(tasksMs)
          streams.push(counts.streams)
          calls.push(Object.values(counts.calls).reduce((sum, count) => sum + count, 0) / machines)
          return ms
        },
      })
      const { measurements, add, compare } = measurementsFor(server)
      add('task', 'ms', [taskMs])
      add('all snapshots', 'ms', all)
      compare(
        'all snapshots over one task',
        all,
        all.map(() => taskMs),
        atMost(1.1),
      )
      add('from the start of the first task to the end of the last', 'ms', tasks)
      compare('all snapshots over all tasks', all, tasks)
      add('update streams', 'count', streams, atMost(1))
      add('calls per snapshot', 'count', calls)
      load.addTo(add, { per: 'snapshot' })
      return { measurements, notes: [] }
    } finally {
      await gateway.stop()
      await server.stop()
    }
  },
}

const running = 'filter: { powerState: { in: [POWERED_ON] }, template: { eq: false } }'

async function idsOf(execute: ExecuteOperation): Promise<readonly string[]> {
  interface Data {
    readonly virtualMachines: { readonly nodes: readonly { readonly id: string }[] }
  }
  const { data } = read<Data>(
    await execute({ query: `{ virtualMachines(first: ${machines}, ${running}) { nodes { id } } }` }),
  )
  const { nodes } = data.virtualMachines
  if (nodes.length < machines) throw new Error(`only ${nodes.length} virtual machines are running`)
  return nodes.map(({ id }) => id)
}

const mutation = `mutation ($id: ID!) {
  createSnapshot(input: { virtualMachine: { id: $id }, name: "bench" }) {
    task { state queuedAt completedAt }
    snapshot { id name }
  }
}`

interface Data {
  readonly createSnapshot: {
    readonly task: { readonly state: string; readonly queuedAt: string; readonly completedAt: string }
    readonly snapshot: object | null
  }
}

/**
 * Returns the time until the last snapshot exists; and on the simulator's clock, the time from the start of
 * the first task to the end of the last.
 */
async function takeAll(
  execute: ExecuteOperation,
  ids: readonly string[],
): Promise<{ ms: number; tasksMs: number }> {
  const started = performance.now()
  const responses = await Promise.all(ids.map((id) => execute({ query: mutation, variables: { id } })))
  const ms = performance.now() - started
  const created = responses.map((response) => read<Data>(response).data.createSnapshot)
  if (created.some(({ task, snapshot }) => task.state !== 'SUCCESS' || !snapshot))
    throw new Error('a createSnapshot mutation did not succeed')
  const firstQueued = Math.min(...created.map(({ task }) => Date.parse(task.queuedAt)))
  const lastCompleted = Math.max(...created.map(({ task }) => Date.parse(task.completedAt)))
  return { ms, tasksMs: lastCompleted - firstQueued }
}
