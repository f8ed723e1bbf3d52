// Checks the README against the gateway: operations, commands, links.

import { readdirSync, statSync } from 'node:fs'
import { afterAll, describe, expect, it } from 'vitest'
import type { Setting } from '../../src/config/settings/setting.ts'
import { serveSettings } from '../../src/config/settings.ts'
import { startGateway } from '../test-gateway.ts'
import { blocks, linksOf, read, rowsOf, section } from './markdown.ts'

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
    const response = await gateway.execute(operation as string)
    expect(shapeOf(response)).toEqual(shapeOf(shown))
  })

  it('shows a picture of at most 150 kB, with a text for screen readers', () => {
    const [, alt = '', file = ''] = /^!\[(.+)\]\((.+\.png)\)$/m.exec(readme) ?? []
    expect(alt).not.toBe('')
    expect(statSync(new URL(`../../${file}`, import.meta.url)).size).toBeLessThan(150_000)
  })

  it('contains only scripts of package.json', () => {
    const scripts = JSON.parse(read('package.json')).scripts as Record<string, string>
    const named = [...readme.matchAll(/npm (?:run )?(?!ci\b)([\w:]+)/g)].map(([, name]) => name as string)
    expect(new Set(named)).toEqual(new Set(['start', 'test']))
    for (const name of named) expect(scripts).toHaveProperty([name])
    expect(blocks(readme, 'sh').join('')).toContain('npm ci && npm start')
    expect(blocks(readme, 'sh').join('')).toContain('npm ci && npm test')
  })

  it('names only existing environment variables', () => {
    const settings: readonly Setting[] = Object.values(serveSettings)
    const named = [...readme.matchAll(/\bVSPHERE_\w+/g)].map(([name]) => name)
    expect(named.length).toBeGreaterThan(2)
    for (const name of named) expect(settings.map(({ env }) => env)).toContain(name)
  })

  it('has no broken links', () => {
    for (const { file } of linksOf(readme)) expect(() => read(file), file).not.toThrow(/ENOENT/)
  })

  it('links all pages of docs', () => {
    const linked = linksOf(readme).map(({ file }) => file)
    for (const name of readdirSync(new URL('../../docs', import.meta.url)))
      if (name.endsWith('.md')) expect(linked).toContain(`docs/${name}`)
  })

  it('shows existing settings with their defaults', () => {
    const settings: readonly Setting[] = Object.values(serveSettings)
    const rows = rowsOf(section(readme, '## Settings'))
    expect(rows.length).toBeGreaterThan(5)
    for (const [flags = '', defaults = ''] of rows) {
      const shown = defaults.split(', ').map((text) => text.replaceAll('`', ''))
      for (const [index, [, flag]] of [...flags.matchAll(/--([a-z-]+)/g)].entries()) {
        const setting = settings.find((each) => each.flag === flag)
        expect(setting, flag).toBeDefined()
        if (/^`/.test(defaults)) expect(String(setting?.value.parse(undefined))).toBe(shown[index])
      }
    }
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
