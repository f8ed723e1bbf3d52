// Responses that violate SOAP, the method or the request. A read must return a stable error code or the correct answer.

import { afterAll, beforeAll, expect, test } from 'vitest'
import { expectNoViolations, randomOf, sample, scaledTimeout, type Violations } from '../cases.ts'
import { readViolations } from '../read-oracle.ts'
import { expectedResponse, type Read, startReadFixture } from '../reads.ts'
import { illegalResponsesOf } from './illegal-responses.ts'

let started: Awaited<ReturnType<typeof startReadFixture>>
beforeAll(async () => {
  started = await startReadFixture()
})
afterAll(() => started.fixture.close())

test(
  'returns the correct answer or an error for any illegal response to a read',
  async () => {
    const { fixture, reads } = started
    const expected = new Map<Read, Awaited<ReturnType<typeof expectedResponse>>>()
    for (const read of reads) expected.set(read, await expectedResponse(fixture, read))
    const cases = [...expected].flatMap(([read, { calls }]) => {
      const counts = new Map<string, number>()
      return calls.flatMap((method) => {
        const nth = counts.get(method) ?? 0
        counts.set(method, nth + 1)
        return illegalResponsesOf(method).flatMap(({ name, change }) =>
          ['once', 'always'].map((times) => ({
            name: `${read.name}, ${method} ${nth}: ${name}, ${times}`,
            read,
            method,
            nth,
            change,
            times,
          })),
        )
      })
    })
    expect(cases.length).toBeGreaterThan(500)
    await expectNoViolations(sample('illegal responses', cases, 50), 1, async (each): Promise<Violations> => {
      const { read, method, nth, change, times, name } = each
      const gateway = fixture.gateway()
      let earlier: string | undefined
      fixture.proxy.reset()
      fixture.proxy.on(method, async (call) => {
        const { status, text, headers } = await call.forward()
        const isReached = times === 'once' ? call.index === nth : call.index >= nth
        const changed =
          isReached && status === 200 ? change({ method, text, earlier }, randomOf(name)) : undefined
        earlier = text
        if (changed === undefined) call.respond(status, text, headers)
        else if (typeof changed === 'string') call.respond(status, changed, headers)
        else call.respond(changed.status, changed.text, headers)
      })
      try {
        const response = await gateway.execute(read.query, read.variables)
        return readViolations(response, expected.get(read)?.response ?? {})
      } finally {
        fixture.proxy.reset()
        await gateway.close()
      }
    })
  },
  scaledTimeout(300_000),
)
