// Checks the sample log lines of docs/observability.md against those of a gateway, and its links and alerts.
// test/observability covers the metrics.

import { afterAll, describe, expect, it } from 'vitest'
import { parse as parseYaml } from 'yaml'
import { startGateway } from '../test-gateway.ts'
import { blocks, deadLinksOf, read, section } from './markdown.ts'
import { canRunCommands, inBackground, runCommands } from './run-commands.ts'

const docs = read('docs/observability.md')

it.skipIf(!canRunCommands)('shows the output of its first commands', async () => {
  const [commands = ''] = blocks(docs, 'sh')
  const [shown = ''] = blocks(docs, 'text')
  const { code, out } = await runCommands(inBackground(commands))
  expect(code).toBe(0)
  expect(out).toContain('"name":"web-01"')
  expect(out.endsWith(shown)).toBe(true)
})

describe('the sample log lines', () => {
  const samples = blocks(docs, 'json').map((block) => JSON.parse(block) as Record<string, unknown>)
  const gateway = startGateway()
  afterAll(() => gateway.close())

  /** The fields of a sample line, without those that every line has. */
  const fieldsOf = (message: string) => {
    const { level, time, msg, ...fields } = samples.find((sample) => sample.msg === message) ?? {}
    return Object.keys(fields).sort()
  }

  it('have the fields of an operation', async () => {
    await gateway.execute('query Names { virtualMachines { nodes { name } } }')
    const [line = {}] = gateway.operations
    const fields = Object.keys(line).filter((field) => line[field] !== undefined)
    expect([...fields, 'clientIp'].sort()).toEqual(fieldsOf('operation'))
  })

  it('have the fields of a mutation', async () => {
    await gateway.execute(
      'mutation { createSnapshot(input: { virtualMachine: { name: "web-01" }, name: "a" }) { task { state } } }',
    )
    const [line = {}] = gateway.audit
    const fields = Object.keys(line).filter((field) => line[field] !== undefined)
    expect([...fields, 'clientIp'].sort()).toEqual(fieldsOf('mutation'))
  })

  it('have the fields that the jq command prints', () => {
    const [command = ''] = blocks(docs, 'sh').filter((block) => block.startsWith('jq '))
    const printed = [...command.matchAll(/[[ (]\.(\w+)/g)].map(([, field]) => field as string)
    expect(printed.length).toBeGreaterThan(5)
    const optional = ['code']
    for (const field of printed.filter((name) => !optional.includes(name)))
      expect(['time', ...fieldsOf('mutation')]).toContain(field)
  })
})

it('shows alerts with existing metrics only', () => {
  const metrics = section(docs, '## Metrics')
  const [rules = ''] = blocks(docs, 'yaml')
  const alerts = parseYaml(rules).groups.flatMap((group: { rules: { expr: string }[] }) => group.rules)
  expect(alerts.length).toBeGreaterThan(5)
  for (const { expr } of alerts)
    for (const [name] of expr.matchAll(/vsphere_graphql_\w+/g)) expect(metrics).toContain(`\`${name}\``)
})

it('has no broken links', () => {
  expect(deadLinksOf('observability.md')).toEqual([])
})
