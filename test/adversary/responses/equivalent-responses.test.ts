// Equivalent forms of responses: the result of every read is identical.

import { isDeepStrictEqual } from 'node:util'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  expectNoViolations,
  isRepresentative,
  randomOf,
  sample,
  scaled,
  scaledTimeout,
  type Violations,
} from '../cases.ts'
import { expectedResponse, startReadFixture } from '../reads.ts'
import { applyVariations, type Variation, variations } from './equivalent-responses.ts'

let started: Awaited<ReturnType<typeof startReadFixture>>
beforeAll(async () => {
  started = await startReadFixture()
})
afterAll(() => started.fixture.close())

test(
  'returns the same result for every legal form of the responses',
  async () => {
    const { fixture, reads } = started
    const expected = await reads.reduce(
      async (all, read) => [...(await all), { read, expectedRead: await expectedResponse(fixture, read) }],
      Promise.resolve<
        { read: (typeof reads)[number]; expectedRead: Awaited<ReturnType<typeof expectedResponse>> }[]
      >([]),
    )
    const rounds = Array.from({ length: scaled(3) }, (_, round) => round)
    const kindsOfRound = (round: number): readonly (readonly Variation[])[] =>
      round === 0 ? variations.map((each) => [each]) : [variations]
    const cases = rounds.flatMap((round) =>
      kindsOfRound(round).flatMap((kinds) =>
        expected.map(({ read, expectedRead }) => ({
          name: `${read.name}, ${kinds.length === 1 ? kinds[0] : 'everything'}, round ${round}`,
          read,
          expectedRead,
          kinds,
        })),
      ),
    )
    const applied = new Set<Variation>()
    await expectNoViolations(
      sample('legal reshaping', cases, 16),
      1,
      async ({ name, read, expectedRead, kinds }): Promise<Violations> => {
        const random = randomOf(name)
        const gateway = fixture.gateway()
        fixture.proxy.reset()
        fixture.proxy.on('*', async (call) => {
          const { status, text, headers } = await call.forward()
          const rewritten = applyVariations(text, kinds, random)
          if (kinds.length === 1 && rewritten.length !== text.length) applied.add(kinds[0] as Variation)
          if (random.integer(2) === 0)
            call.respond(status, gzipSync(rewritten), { ...headers, 'content-encoding': 'gzip' })
          else call.respondInChunks(status, Buffer.from(rewritten), () => 1 + random.integer(700), headers)
        })
        try {
          const response = await gateway.execute(read.query, read.variables)
          return isDeepStrictEqual(response, expectedRead.response)
            ? []
            : [JSON.stringify(response.errors ?? response.data).slice(0, 700)]
        } finally {
          fixture.proxy.reset()
          await gateway.close()
        }
      },
    )
    if (isRepresentative) expect(applied.size).toBeGreaterThan(2)
  },
  scaledTimeout(300_000),
)
