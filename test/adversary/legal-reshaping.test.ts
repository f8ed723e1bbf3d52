// Equivalent forms of responses: the result of every read is identical.

import { isDeepStrictEqual } from 'node:util'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { expectAll, isRepresentative, randomOf, sample, scaled, timeLimit, type Verdict } from './cases.ts'
import { type Reshaping, reshape, reshapings } from './legal-reshaping.ts'
import { startReadRig, truthOf } from './reads.ts'

let started: Awaited<ReturnType<typeof startReadRig>>
beforeAll(async () => {
  started = await startReadRig()
})
afterAll(() => started.rig.close())

test(
  'returns the same result for every legal form of the responses',
  async () => {
    const { rig, reads } = started
    const truths = await reads.reduce(
      async (all, read) => [...(await all), { read, truth: await truthOf(rig, read) }],
      Promise.resolve<{ read: (typeof reads)[number]; truth: Awaited<ReturnType<typeof truthOf>> }[]>([]),
    )
    const rounds = Array.from({ length: scaled(3) }, (_, round) => round)
    const kindsOfRound = (round: number): readonly (readonly Reshaping[])[] =>
      round === 0 ? reshapings.map((each) => [each]) : [reshapings]
    const cases = rounds.flatMap((round) =>
      kindsOfRound(round).flatMap((kinds) =>
        truths.map(({ read, truth }) => ({
          name: `${read.name}, ${kinds.length === 1 ? kinds[0] : 'everything'}, round ${round}`,
          read,
          truth,
          kinds,
        })),
      ),
    )
    const seen = new Set<Reshaping>()
    await expectAll(
      sample('legal reshaping', cases, 16),
      1,
      async ({ name, read, truth, kinds }): Promise<Verdict> => {
        const random = randomOf(name)
        const gateway = rig.gateway()
        rig.proxy.reset()
        rig.proxy.on('*', async (call) => {
          const { status, text, headers } = await call.forward()
          const reshaped = reshape(text, kinds, random)
          if (kinds.length === 1 && reshaped.length !== text.length) seen.add(kinds[0] as Reshaping)
          if (random.integer(2) === 0)
            call.respond(status, gzipSync(reshaped), { ...headers, 'content-encoding': 'gzip' })
          else call.respondInPieces(status, Buffer.from(reshaped), () => 1 + random.integer(700), headers)
        })
        try {
          const answer = await gateway.execute(read.query, read.variables)
          return isDeepStrictEqual(answer, truth.answer)
            ? []
            : [JSON.stringify(answer.errors ?? answer.data).slice(0, 700)]
        } finally {
          rig.proxy.reset()
          await gateway.close()
        }
      },
    )
    if (isRepresentative) expect(seen.size).toBeGreaterThan(2)
  },
  timeLimit(60_000),
)
