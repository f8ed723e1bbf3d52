// People without an account who try to keep others from logging in.

import { once } from 'node:events'
import { request } from 'node:http'
import { expect, it } from 'vitest'
import { as, basic, startPersonal } from './users.ts'

const body = '{"query": "{ vcenters { name } }"}'

/** Asks from an address of this machine; gives the status. */
async function askFrom(
  localAddress: string,
  url: string,
  authorization: string,
): Promise<number | undefined> {
  const headers = { authorization, 'content-type': 'application/json' }
  const asking = request(url, { method: 'POST', localAddress, headers, agent: false }).end(body)
  const [response] = await once(asking, 'response')
  response.resume()
  return response.statusCode
}

it('by hanging up again and again: the vCenter is not asked for those who are gone', async () => {
  const gateway = await startPersonal()
  const held = gateway.simulator.trouble.hold({ method: 'Login', times: 8 })
  const strangers = new AbortController()
  const tries = Array.from({ length: 50 }, (_, n) =>
    gateway.ask(basic(`stranger-${n}`, 'x'), '{ vcenters { name } }', {}, strangers.signal).catch(() => {}),
  )
  await held.arrived(8)
  strangers.abort()
  await Promise.all(tries)
  const alice = gateway.ask(as('alice'), '{ vcenters { name } }')
  // All have hung up by the time this is answered.
  await fetch(new URL('/health', gateway.url))
  held.release()
  expect((await alice).status).toBe(200)
  expect(gateway.called('Login')).toBeLessThan(20)
  expect(gateway.lines.filter((line) => line.includes('fault of the gateway'))).toEqual([])
})

it('by waiting in great numbers: who comes from elsewhere has the next turn', async () => {
  const gateway = await startPersonal()
  const held = gateway.simulator.trouble.hold({ method: 'Login', times: 8 })
  let refused = 0
  const tries = Array.from({ length: 60 }, async (_, n) => {
    await askFrom('127.0.0.1', gateway.url, basic(`stranger-${n}`, 'x'))
    refused += 1
  })
  await held.arrived(8)
  await fetch(new URL('/health', gateway.url))
  const alice = askFrom('127.0.0.2', gateway.url, as('alice')).then((status) => ({ status, refused }))
  await fetch(new URL('/health', gateway.url))
  held.release()
  const answered = await alice
  expect(answered.status).toBe(200)
  expect(answered.refused).toBeLessThan(40)
  await Promise.all(tries)
})
