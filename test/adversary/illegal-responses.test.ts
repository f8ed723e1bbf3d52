// Responses that violate SOAP, the method or the request. A read must return a stable error code or the correct answer.

import { afterAll, beforeAll, expect, test } from 'vitest'
import { expectAll, randomOf, sample, timeLimit, type Verdict } from './cases.ts'
import { illegalResponsesOf } from './illegal-responses.ts'
import { wrongIn } from './judge.ts'
import { type Read, startReadRig, truthOf } from './reads.ts'

let started: Awaited<ReturnType<typeof startReadRig>>
beforeAll(async () => {
  started = await startReadRig()
})
afterAll(() => started.rig.close())

test(
  'returns the correct answer or an error for any illegal response to a read',
  async () => {
    const { rig, reads } = started
    const truths = new Map<Read, Awaited<ReturnType<typeof truthOf>>>()
    for (const read of reads) truths.set(read, await truthOf(rig, read))
    const cases = [...truths].flatMap(([read, { calls }]) => {
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
    await expectAll(sample('illegal responses', cases, 50), 1, async (each): Promise<Verdict> => {
      const { read, method, nth, change, times, name } = each
      const gateway = rig.gateway()
      let earlier: string | undefined
      rig.proxy.reset()
      rig.proxy.on(method, async (call) => {
        const { status, text, headers } = await call.forward()
        const isMet = times === 'once' ? call.index === nth : call.index >= nth
        const changed =
          isMet && status === 200 ? change({ method, text, earlier }, randomOf(name)) : undefined
        earlier = text
        if (changed === undefined) call.respond(status, text, headers)
        else if (typeof changed === 'string') call.respond(status, changed, headers)
        else call.respond(changed.status, changed.text, headers)
      })
      try {
        const answer = await gateway.execute(read.query, read.variables)
        return wrongIn(answer, truths.get(read)?.answer ?? {})
      } finally {
        rig.proxy.reset()
        await gateway.close()
      }
    })
  },
  timeLimit(60_000),
)
