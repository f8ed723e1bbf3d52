// `npm run bench`: what the gateway costs over the bare transfer of the same bytes, side by side in one run. The simulator
// runs in a process of its own, so that its time is on both sides. docs/performance.md has the figures and how to read them.

import { spawn } from 'node:child_process'
import { cpus } from 'node:os'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import {
  connectVCenter,
  createGateway,
  createUndiciTransport,
  type Transport,
  type TransportRequest,
} from 'vsphere-graphql'

const nested =
  '{ datacenters(first: 10) { nodes { name virtualMachines(first: 1000) { nodes { name powerState path host { name } datastores { name } disks { label capacity } snapshots { name disks { label changeId } } } } } } }'

const machines = Number(process.env.BENCH_VMS ?? 1_000)
const rounds = Number(process.env.BENCH_ROUNDS ?? 9)

/** What is looked at of an answer. */
interface Traced {
  readonly extensions: { readonly vsphere: { readonly retrievals: number } }
}

interface Spread {
  readonly min: number
  readonly median: number
  readonly max: number
}

const spreadOf = (samples: readonly number[]): Spread => {
  const sorted = [...samples].sort((a, b) => a - b)
  return {
    min: sorted[0] as number,
    median: sorted[sorted.length >> 1] as number,
    max: sorted.at(-1) as number,
  }
}

/** The last RetrievePropertiesEx that went through, to be sent again bare. */
function remembering(transport: Transport): { transport: Transport; last: () => TransportRequest } {
  let last: TransportRequest | undefined
  return {
    last: () => last as TransportRequest,
    transport: {
      send(request) {
        if (request.body?.includes('<RetrievePropertiesEx ')) last = request
        return transport.send(request)
      },
      close: () => transport.close(),
    },
  }
}

async function drained(transport: Transport, request: TransportRequest): Promise<number> {
  let bytes = 0
  for await (const chunk of (await transport.send(request)).body) bytes += chunk.byteLength
  return bytes
}

const simulator = spawn(
  process.execPath,
  [
    fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url)),
    'simulate',
    '--port',
    '0',
    '--vms',
    String(machines),
  ],
  {
    stdio: ['ignore', 'pipe', 'inherit'],
  },
)
try {
  let url: URL | undefined
  for await (const line of createInterface(simulator.stdout)) {
    const found = /https?:\/\/\S+/.exec(line)?.[0]
    if (found) {
      url = new URL(found)
      break
    }
  }
  if (!url) throw new Error('the simulator did not start')
  const { origin } = url
  const wire = remembering(createUndiciTransport({ url: origin, userAgent: 'bench' }))
  const log = { info: () => {}, warn: console.error, error: console.error }
  const connected = connectVCenter(
    { name: 'bench', pageSizeDefault: 100, pageSizeMax: 1_000, maxCalls: 8 },
    { connect: () => wire.transport, userName: 'user', password: () => 'pass' },
    log,
  )
  const gateway = createGateway({
    connected,
    log,
    allowedHosts: ['localhost'],
    limits: { objects: 1_000_000, bytes: 1_000_000_000 },
  })
  const ask = async (): Promise<Traced> => {
    const response = await gateway.fetch('http://localhost/graphql', {
      method: 'POST',
      headers: { host: 'localhost', 'content-type': 'application/json', 'x-vsphere-trace': '1' },
      body: JSON.stringify({ query: nested }),
    })
    return (await response.json()) as Traced
  }

  await ask()
  const warm = await ask()
  const whole: number[] = []
  const bare: number[] = []
  const ratios: number[] = []
  let bytes = 0
  for (let round = 0; round < rounds; round += 1) {
    const started = performance.now()
    await ask()
    const between = performance.now()
    bytes = await drained(wire.transport, wire.last())
    const ended = performance.now()
    whole.push(between - started)
    bare.push(ended - between)
    ratios.push((between - started) / (ended - between))
  }
  await connected.close()

  const rows = [
    { what: 'nested query, whole answer (ms)', ...spreadOf(whole) },
    { what: 'bare transfer of the same bytes, drained (ms)', ...spreadOf(bare) },
    { what: 'whole answer over bare transfer', ...spreadOf(ratios) },
  ].map((row) => ({
    ...row,
    min: Number(row.min.toFixed(2)),
    median: Number(row.median.toFixed(2)),
    max: Number(row.max.toFixed(2)),
  }))
  console.log(
    `Node ${process.version}, ${cpus()[0]?.model ?? process.arch}; simulator with ${machines} virtual machines; ${rounds} rounds, in turn`,
  )
  console.log(
    `retrievals once the counts are known: ${warm.extensions.vsphere.retrievals}; bytes of the answer: ${bytes}`,
  )
  console.table(rows)
  console.log(
    JSON.stringify({ machines, rounds, bytes, retrievals: warm.extensions.vsphere.retrievals, rows }),
  )
} finally {
  simulator.kill('SIGINT')
}
