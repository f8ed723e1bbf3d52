// Part g. The changed areas of one disk: pages, subscription and totals over the bare calls, from a server
// limited to the bandwidth of a network; with the gateway's CPU time and memory.

import { type BenchmarkPart, interleaved, measurementsFor } from '../bench.ts'
import { type Changes, changesOf, fetchPages, readSubscription, total } from '../changed-areas.ts'
import { createClient, startGateway } from '../gateway-process.ts'
import { type ExecuteOperation, plainHeaders } from '../graphql-request.ts'
import { LoadSamples } from '../load-samples.ts'
import { atMost } from '../measurements.ts'
import { openRecorder, type Recorder } from '../recorder.ts'
import { type PreparedSimulator, startPrepared } from '../servers.ts'
import { cpuMs, parse } from '../xml-parser-baseline.ts'

const bytesPerSecond = 20_000_000
const few = 100_000
const many = 1_000_000
const eventStream = { ...plainHeaders, accept: 'text/event-stream' } as const
/** Number of responses for the event parser baseline. */
const parsed = 40

export const changedAreas: BenchmarkPart = {
  title: `${many.toLocaleString('en-US')} changed areas of one disk, from a simulator limited to ${bytesPerSecond / 1e6} MB/s`,
  async measure({ rounds }) {
    const flags = ['--areas', `${few},${many}`, '--bytes-per-second', String(bytesPerSecond)]
    const server = await startPrepared('simulator', 100, flags)
    const recorder = await openRecorder(server)
    const gateway = await startGateway(server)
    const events = createClient(gateway.url, eventStream)
    try {
      const [small, large] = await Promise.all(server.disks.map((disk) => changesOf(recorder.execute, disk)))
      if (!small || !large) throw new Error('the simulator does not have two changed disks')
      const requests = await recorder.during(() => total(recorder.execute, large))
      const queries = requests.filter(({ body }) => body?.includes('<QueryChangedDiskAreas '))
      const { bytes } = await recorder.replay(queries)
      const megabytes = bytes / 1e6
      const responses = await responseChunks(recorder, queries.slice(0, parsed))

      await warm(gateway.execute, events.execute, small)
      await server.counts()
      const { pages } = await fetchPages(gateway.execute, large)
      const { calls } = await server.counts()

      const load = {
        pages: new LoadSamples(gateway),
        events: new LoadSamples(gateway),
        totals: new LoadSamples(gateway),
      }
      const recording = async (samples: LoadSamples, work: () => Promise<{ ms: number }>) =>
        (await samples.record(megabytes, work)).ms
      const times = await interleaved(rounds, {
        replay: async () => (await recorder.replay(queries)).ms,
        pages: () => recording(load.pages, () => fetchPages(gateway.execute, large)),
        events: () => recording(load.events, () => readSubscription(events.execute, large)),
        totals: () => recording(load.totals, () => total(gateway.execute, large)),
        empty: async () => cpuMs(() => parseAll(responses)) / sizeOf(responses),
      })

      const { measurements, add, compare } = measurementsFor(server)
      add('response size of the bare calls', 'MB', [megabytes])
      add('bare calls', 'count', [queries.length])
      add('calls for pages of 2,000', 'count', [calls.QueryChangedDiskAreas ?? 0])
      add('retrievals for the pages', 'count', [calls.RetrievePropertiesEx ?? 0])
      add('pages', 'count', [pages])
      add('bare calls', 'ms', times.replay)
      add('pages', 'ms', times.pages)
      compare('pages over bare calls', times.pages, times.replay, atMost(1.2))
      add('subscription', 'ms', times.events)
      compare('subscription over bare calls', times.events, times.replay, atMost(1.2))
      add('totals and density', 'ms', times.totals)
      compare('totals and density over bare calls', times.totals, times.replay, atMost(1.2))
      add('CPU time, saxes with empty handlers', 'ms/MB', times.empty)
      for (const [what, samples] of [
        ['pages', load.pages],
        ['subscription', load.events],
        ['totals and density', load.totals],
      ] as const) {
        samples.addTo(add, { during: what })
        compare(`CPU time, ${what} over saxes`, samples.cpu, times.empty, atMost(1))
      }
      for (const changes of [small, large]) {
        const memory = await memoryDuring(server, changes)
        if (memory === undefined) continue
        const shown = changes.areas.toLocaleString('en-US')
        add(`idle memory, before ${shown}`, 'MB', [memory.idle])
        add(`peak above idle, subscription to ${shown}`, 'MB', [memory.peak - memory.idle], atMost(50))
      }
      return { measurements, notes: [] }
    } finally {
      await events.close()
      await gateway.stop()
      await recorder.close()
      await server.stop()
    }
  },
}

/** Warms up a fresh process, whose code is still being compiled. */
async function warm(
  execute: ExecuteOperation,
  executeSubscription: ExecuteOperation,
  changes: Changes,
): Promise<void> {
  await fetchPages(execute, changes)
  await readSubscription(executeSubscription, changes)
  await total(execute, changes)
}

/** Returns the responses of requests, each as the chunks that arrived. */
async function responseChunks(
  recorder: Recorder,
  requests: Parameters<Recorder['replay']>[0],
): Promise<string[][]> {
  const responses: string[][] = []
  for (const request of requests) {
    const chunks: string[] = []
    await recorder.replay([request], (chunk) => chunks.push(Buffer.from(chunk).toString('latin1')))
    responses.push(chunks)
  }
  return responses
}

function parseAll(responses: readonly (readonly string[])[]): void {
  for (const chunks of responses) parse(chunks)
}

const sizeOf = (responses: readonly (readonly string[])[]): number =>
  responses.flat().reduce((sum, chunk) => sum + chunk.length, 0) / 1e6

/** Returns the idle and peak memory of a fresh gateway with one subscription. */
async function memoryDuring(
  server: PreparedSimulator,
  changes: Changes,
): Promise<{ idle: number; peak: number } | undefined> {
  const gateway = await startGateway(server)
  const events = createClient(gateway.url, eventStream)
  try {
    await gateway.execute({ query: '{ vcenters { connected } }' })
    const idle = await gateway.memory()
    await readSubscription(events.execute, changes)
    const after = await gateway.memory()
    return idle && after && { idle: idle.now, peak: after.peak }
  } finally {
    await events.close()
    await gateway.stop()
  }
}
