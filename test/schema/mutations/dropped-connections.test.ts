// Tests connections that break at random moments of createSnapshot, with the vCenter reachable again at
// once: there are as many snapshots as successes, and a call is never reported as not executed, since
// absence proves nothing. CUTS sets how many connections break, SEED which ones.

import fc from 'fast-check'
import type { GraphQLError } from 'graphql'
import { expect, it } from 'vitest'
import type { Transport } from '../../../src/transport/transport.ts'
import { TransportError } from '../../../src/transport/transport-error.ts'
import { startGateway } from '../../test-gateway.ts'

const cuts = Number(process.env.CUTS ?? 400)
const seed = Number(process.env.SEED ?? 71)

type Moment = 'none' | 'before' | 'after' | 'within'

const closed = () => new TransportError('CLOSED', 'the connection was lost')

/** Breaks the connections of CreateSnapshot_Task, each at a different moment. */
function breaking(transport: Transport, moments: readonly Moment[]): Transport {
  let next = 0
  return {
    close: () => transport.close(),
    async send(request) {
      if (!String(request.body).includes('<CreateSnapshot_Task ')) return transport.send(request)
      const moment = moments[next++ % moments.length] as Moment
      if (moment === 'before') throw closed()
      const response = await transport.send(request)
      if (moment === 'none') return response
      const pieces: Uint8Array[] = []
      for await (const piece of response.body) pieces.push(piece)
      if (moment === 'after') throw closed()
      const half = Buffer.concat(pieces).subarray(0, 300)
      return {
        ...response,
        body: (async function* () {
          yield half
          throw closed()
        })(),
      }
    },
  }
}

interface Node {
  readonly name: string
  readonly children: readonly Node[]
}

const allOf = (snapshots: readonly Node[]): Node[] =>
  snapshots.flatMap((each) => [each, ...allOf(each.children)])

it('reports the actual outcome of each mutation, and executes it at most once', async () => {
  const moments = fc.sample(fc.constantFrom<Moment>('none', 'before', 'after', 'within'), {
    seed,
    numRuns: cuts,
  })
  const gateway = startGateway({
    vms: cuts + 50,
    tasks: { queuedMs: 5, durationMs: 20 },
    wrap: (transport) => breaking(transport, moments),
  })
  const { data } = await gateway.execute(
    `{ virtualMachines(first: 1000, filter: { template: { eq: false }, snapshots: { none: {} }, name: { glob: "*-*" } }) { nodes { id connectionState changeTracking { reasons { code } } } } }`,
  )
  const machines = data.virtualMachines.nodes
    .filter(
      ({
        connectionState,
        changeTracking,
      }: {
        connectionState: string
        changeTracking: { reasons: { code: string }[] }
      }) =>
        connectionState === 'CONNECTED' && !changeTracking.reasons.some(({ code }) => code === 'SHARED_BUS'),
    )
    .slice(0, cuts)
  expect(machines.length).toBeGreaterThan(cuts * 0.5)
  const results = await Promise.all(
    machines.map(({ id }: { id: string }) =>
      gateway.execute(
        'mutation ($id: ID!) { createSnapshot(input: { virtualMachine: { id: $id }, name: "cut" }) { task { state } snapshot { name } } }',
        { id },
      ),
    ),
  )
  const successes = results.filter(({ data }) => data?.createSnapshot?.snapshot?.name === 'cut').length
  const reported = results.flatMap(({ errors = [] }) =>
    errors.map(({ extensions }: GraphQLError) => extensions),
  )
  // While the cuts keep the circuit open, nothing is sent: only that is retryable.
  for (const { code, retryable } of reported) {
    expect(['OUTCOME_UNKNOWN', 'VCENTER_UNAVAILABLE', 'OVERLOADED']).toContain(code)
    expect(retryable).toBe(code !== 'OUTCOME_UNKNOWN')
  }
  expect(reported.map(({ code }) => code)).toContain('OUTCOME_UNKNOWN')
  expect(successes + reported.length).toBe(machines.length)
  const { objects, inventory } = gateway.simulator
  const counts = [...objects.ofType('VirtualMachine')].map(
    ({ ref }) => allOf(inventory.machine(ref).rootSnapshots).filter(({ name }) => name === 'cut').length,
  )
  expect(Math.max(...counts)).toBe(1)
  expect(counts.reduce((sum, each) => sum + each, 0)).toBe(successes)
  await gateway.close()
})
