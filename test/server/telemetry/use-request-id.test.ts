// The request id: the client's own if it is safe to log, in the response, its errors and the log.

import { expect, it, onTestFinished } from 'vitest'
import { startGateway } from '../../test-gateway.ts'

async function execute(headers: Record<string, string>) {
  const gateway = startGateway()
  onTestFinished(() => gateway.close())
  const response = await gateway.fetch('/graphql', {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: '{"query":"{ nonsense }"}',
  })
  const { errors } = (await response.json()) as { errors: { extensions: { requestId: string } }[] }
  return [
    response.headers.get('x-request-id'),
    errors[0]?.extensions.requestId,
    gateway.operations[0]?.requestId,
  ] as string[]
}

it.each(['a', 'Root=1-67891233-abcdef012345678912345678', 'x'.repeat(128), 'a.b:c/d+e@f_g'])(
  "uses the client's id: %s",
  async (id) => {
    expect(await execute({ 'x-request-id': id })).toEqual([id, id, id])
  },
)

it.each(['', 'x'.repeat(129), 'a b', 'a"b', '<script>', 'a,b', 'é'])(
  "generates an id when the client's is unsafe: %s",
  async (id) => {
    const [reported, ...others] = await execute({ 'x-request-id': id })
    expect(reported).toMatch(/^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/)
    expect(others).toEqual([reported, reported])
  },
)

it('generates a different id for each request', async () => {
  expect((await execute({}))[0]).not.toBe((await execute({}))[0])
})

it.each(['/health', '/ready', '/graphql', '/elsewhere'])('returns the id on %s, too', async (path) => {
  const gateway = startGateway()
  onTestFinished(() => gateway.close())
  const response = await gateway.fetch(path, { headers: { 'x-request-id': 'probe-1' } })
  expect(response.headers.get('x-request-id')).toBe('probe-1')
})
