// Clients without an account that try to block the logins of others.

import { once } from 'node:events'
import { request } from 'node:http'
import { expect, it } from 'vitest'
import { authorizationOf, basic, startPerUserGateway } from './users.ts'

const body = '{"query": "{ vcenters { name } }"}'

/** Sends a request from a local address and returns the status. */
async function requestFrom(
  localAddress: string,
  url: string,
  authorization: string,
): Promise<number | undefined> {
  const headers = { authorization, 'content-type': 'application/json' }
  const sent = request(url, { method: 'POST', localAddress, headers, agent: false }).end(body)
  const [response] = await once(sent, 'response')
  response.resume()
  return response.statusCode
}

it('makes no vCenter call for queued logins of clients that have disconnected', async () => {
  const gateway = await startPerUserGateway()
  const held = gateway.simulator.faults.pause({ method: 'Login', times: 8 })
  const unauthenticatedClients = new AbortController()
  const attempts = Array.from({ length: 50 }, (_, n) =>
    gateway
      .execute(basic(`unknown-${n}`, 'x'), '{ vcenters { name } }', {}, unauthenticatedClients.signal)
      .catch(() => {}),
  )
  await held.waitFor(8)
  unauthenticatedClients.abort()
  await Promise.all(attempts)
  const alice = gateway.execute(authorizationOf('alice'), '{ vcenters { name } }')
  // All clients have disconnected when this is answered.
  await fetch(new URL('/health', gateway.url))
  held.release()
  expect((await alice).status).toBe(200)
  expect(gateway.called('Login')).toBeLessThan(20)
  expect(gateway.lines.filter((line) => line.includes('unexpected error'))).toEqual([])
})

it('gives the next login to another address when one address fills the queue', async () => {
  const gateway = await startPerUserGateway()
  const held = gateway.simulator.faults.pause({ method: 'Login', times: 8 })
  let rejected = 0
  const attempts = Array.from({ length: 60 }, async (_, n) => {
    await requestFrom('127.0.0.1', gateway.url, basic(`unknown-${n}`, 'x'))
    rejected += 1
  })
  await held.waitFor(8)
  await fetch(new URL('/health', gateway.url))
  const alice = requestFrom('127.0.0.2', gateway.url, authorizationOf('alice')).then((status) => ({
    status,
    rejected,
  }))
  await fetch(new URL('/health', gateway.url))
  held.release()
  const answered = await alice
  expect(answered.status).toBe(200)
  expect(answered.rejected).toBeLessThan(40)
  await Promise.all(attempts)
})
