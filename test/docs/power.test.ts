// Tests docs/power.md: its operation runs on the simulator, and its table matches the descriptions of the actions.

import { afterAll, expect, it } from 'vitest'
import { buildSchema } from '../../src/schema/schema.ts'
import { startGateway } from '../test-gateway.ts'
import { examples } from './examples.ts'
import { deadLinksOf, read, rowsOf, section } from './markdown.ts'

const docs = read('docs/power.md')
const gateway = startGateway()
gateway.simulator.inventory.settings.guestShutdownMs = 5
afterAll(() => gateway.close())

it.each(examples(docs, 'graphql'))('shows the response of an operation', async ({ source, response }) => {
  expect(await gateway.execute(source)).toEqual(response)
})

it('has each action with its privilege and its call', () => {
  const type = buildSchema().getType('PowerAction')
  const values = (type && 'getValues' in type ? type.getValues() : []) as readonly {
    readonly name: string
    readonly description?: string | null
  }[]
  const rows = new Map(rowsOf(section(docs, '## Actions')).map(([action = '', ...cells]) => [action, cells]))
  expect([...rows.keys()].sort()).toEqual(values.map(({ name }) => `\`${name}\``).sort())
  for (const { name, description } of values) {
    const [, , privilege = '', call = ''] = rows.get(`\`${name}\``) ?? []
    expect(description).toContain(`Needs the privilege ${privilege}.`)
    for (const [, method] of call.matchAll(/`([\w.]+)`/g)) expect(description).toContain(`\`${method}\``)
  }
})

it('has no broken links', () => {
  expect(deadLinksOf('power.md')).toEqual([])
})
