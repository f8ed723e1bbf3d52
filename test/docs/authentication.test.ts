// Tests docs/authentication.md: its token file is valid, and its table of privileges matches the schema.

import { describe, expect, it } from 'vitest'
import { readTokenFile } from '../../src/config/access/token-file.ts'
import type { Setting } from '../../src/config/settings/setting.ts'
import { serveSettings } from '../../src/config/settings.ts'
import { buildSchema } from '../../src/schema/schema.ts'
import { blocks, deadLinksOf, read, rowsOf, section } from './markdown.ts'
import { canRunCommands, inBackground, runCommands } from './run-commands.ts'

const docs = read('docs/authentication.md')
const settings: readonly Setting[] = Object.values(serveSettings)
const account = section(docs, '## vCenter account and privileges')

it.skipIf(!canRunCommands)('shows the response to its first commands', async () => {
  const [start, query] = blocks(docs, 'sh')
  const [shown = ''] = blocks(docs, 'json')
  const { code, out } = await runCommands(inBackground(`${start}${query}`))
  expect(code).toBe(0)
  expect(out.trim()).toBe(shown.trim())
})

it('shows a valid token file', () => {
  const [tokens] = blocks(docs, 'text')
  expect(readTokenFile('tokens', () => tokens as string).map(({ name, role }) => `${name} ${role}`)).toEqual([
    'grafana reader',
    'backup operator',
  ])
})

it('names only existing settings', () => {
  const flags = [...docs.matchAll(/`--([a-z-]+)/g)].map(([, flag]) => flag)
  expect(flags.length).toBeGreaterThan(10)
  for (const flag of flags) expect(settings.map((setting) => setting.flag)).toContain(flag)
})

it('has no broken links', () => {
  expect(deadLinksOf('authentication.md')).toEqual([])
})

describe('the vCenter account', () => {
  const rows = rowsOf(account)
  const privilegesOf = (text: string) =>
    [...text.matchAll(/\b[A-Z]\w+(?:\.[A-Z]\w+)+/g)].map(([name]) => name)

  it.each(Object.values(buildSchema().getMutationType()?.getFields() ?? {}))(
    'has the privileges of $name',
    ({ name, description }) => {
      const [, reported = ''] = rows.find(([to]) => to?.includes(`\`${name}\``)) ?? []
      const needed = privilegesOf(description ?? '')
      expect(needed.length).toBeGreaterThan(0)
      for (const privilege of needed) expect(reported).toContain(privilege)
    },
  )

  it('gets a role with all privileges except the documented exclusions', () => {
    const [commands = ''] = blocks(account, 'bash')
    const all = new Set(rows.flatMap(([, reported = '']) => privilegesOf(reported)))
    const given = privilegesOf(commands)
    expect([...all].filter((name) => !given.includes(name) && !name.startsWith('System.'))).toEqual([
      'Global.CancelTask',
    ])
    expect(given.filter((name) => !all.has(name))).toEqual([])
  })
})
