// Checks the README against the gateway: operations, commands, links.

import { afterAll, describe, expect, it } from 'vitest'
import { startGateway } from '../test-gateway.ts'
import { blocks, linksOf, read } from './markdown.ts'

/** Compares two values by their keys, ignoring the leaf values. */
const shapeOf = (value: unknown): unknown =>
  Array.isArray(value)
    ? value.slice(0, 1).map(shapeOf)
    : value !== null && typeof value === 'object'
      ? Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, shapeOf(inner)]))
      : typeof value

describe('the README', () => {
  const readme = read('README.md')
  const gateway = startGateway()
  afterAll(() => gateway.close())

  it('shows an operation that runs, and a response of the same shape', async () => {
    const [operation] = blocks(readme, 'graphql')
    const [shown] = blocks(readme, 'json').map((block) => JSON.parse(block) as unknown)
    const answer = await gateway.execute(operation as string)
    expect(shapeOf(answer)).toEqual(shapeOf(shown))
  })

  it('claims correctly that the numbers in its sample response add up', () => {
    const [shown] = blocks(readme, 'json').map((block) => JSON.parse(block))
    const areas = shown.data.createSnapshot.snapshot.disks[0].allocatedAreas
    expect(areas.density.reduce((sum: number, bytes: number) => sum + bytes)).toBe(areas.totalLength)
  })

  it('contains only scripts of package.json', () => {
    const scripts = JSON.parse(read('package.json')).scripts as Record<string, string>
    const named = [...readme.matchAll(/npm run ([\w:]+)/g)].map(([, name]) => name as string)
    expect(named.length).toBeGreaterThan(2)
    for (const name of named) expect(scripts).toHaveProperty([name])
    expect(blocks(readme, 'sh').join('')).toContain('npm ci && npm start')
    expect(blocks(readme, 'sh').join('')).toContain('npm ci && npm test')
  })

  it('has no broken links', () => {
    for (const { file } of linksOf(readme)) expect(() => read(file), file).not.toThrow(/ENOENT/)
  })
})

it('shows a curl command with a valid operation in its body', async () => {
  const [body] = [...read('README.md').matchAll(/-d '(\{.*\})'/g)].map(
    ([, json]) => JSON.parse(json as string) as { query: string },
  )
  const gateway = startGateway()
  const { errors } = await gateway.execute((body as { query: string }).query)
  await gateway.close()
  expect(errors).toBeUndefined()
})
