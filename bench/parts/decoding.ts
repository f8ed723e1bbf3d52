// Part b. Decoding alone: the CPU time of our decoder for real responses, over that of saxes with
// empty handlers.

import { StringDecoder } from 'node:string_decoder'
import { decodesDevices } from '#property-collector'
import { createReplyReader } from '#reply-decoder'
import { type BenchmarkPart, interleaved, measurementsFor, vcsims } from '../bench.ts'
import { recordFullInventory } from '../inventory.ts'
import { atMost, type Measurement } from '../measurements.ts'
import { openRecorder } from '../recorder.ts'
import { type Server, startServer } from '../servers.ts'
import { cpuMs, parse } from '../xml-parser-baseline.ts'

/** How often the response is decoded per sample: once is too short to measure accurately. */
const repetitions = 3

export const decoding: BenchmarkPart = {
  title: 'Decoding alone: CPU time per MB of the inventory response',
  async measure(sizes) {
    const { servers, notes } = await vcsims({ ...sizes, vcsim: sizes.vcsim.slice(0, 1) })
    servers.push(await startServer('simulator', sizes.few))
    const measurements: Measurement[] = []
    for (const server of servers) {
      const { chunks, megabytes } = await lastResponse(server)
      const perMegabyte = (work: () => void) => async () =>
        cpuMs(() => repeat(work)) / repetitions / megabytes
      const measures = { ours: perMegabyte(() => decode(chunks)), empty: perMegabyte(() => parse(chunks)) }
      await interleaved(2, measures)
      const times = await interleaved(sizes.rounds, measures)
      const { measurements: result, add, compare } = measurementsFor(server)
      add('bytes decoded', 'MB', [megabytes])
      add('createReplyReader', 'ms/MB', times.ours)
      add('saxes with empty handlers', 'ms/MB', times.empty)
      compare('createReplyReader over saxes', times.ours, times.empty, atMost(0.45))
      measurements.push(...result)
    }
    return { measurements, notes }
  },
}

/** Returns the last response of a full inventory fetch, as the chunks that arrived. */
async function lastResponse(server: Server): Promise<{ chunks: readonly string[]; megabytes: number }> {
  const recorder = await openRecorder(server)
  try {
    // As the client decodes them. Strings of TextDecoder take twice the memory, and longer to read.
    const decoder = new StringDecoder('utf8')
    const chunks: string[] = []
    const requests = await recordFullInventory(recorder)
    const { bytes } = await recorder.replay(requests.slice(-1), (chunk) => {
      chunks.push(decoder.write(chunk as Buffer))
    })
    return { chunks, megabytes: bytes / 1e6 }
  } finally {
    await recorder.close()
  }
}

function repeat(work: () => void): void {
  for (let reading = 0; reading < repetitions; reading += 1) work()
}

function decode(chunks: readonly string[]): void {
  let objects = 0
  const count = () => {
    objects += 1
  }
  const shouldDecode = decodesDevices(['VirtualDisk', 'VirtualController'])
  const reader = createReplyReader('RetrievePropertiesEx', new Map([['objects', count]]), { shouldDecode })
  for (const chunk of chunks) reader.write(chunk)
  if ('fault' in reader.end() || objects === 0) throw new Error('the response has no objects')
}
