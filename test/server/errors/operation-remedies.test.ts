// A rejected operation has a remedy that states what to write instead, in the document and in variables.

import { afterAll, describe, expect, it } from 'vitest'
import { startGateway } from '../../test-gateway.ts'

const open = startGateway()
const closed = startGateway({ introspection: false })
afterAll(async () => {
  await open.close()
  await closed.close()
})

const machines = (filter: string) => `{ virtualMachines(filter: ${filter}) { totalCount } }`

async function remediesOf(query: string, variables?: Record<string, unknown>, gateway = open) {
  const { data, errors = [] } = await gateway.execute(query, variables)
  expect(data).toBeUndefined()
  expect(errors.length).toBeGreaterThan(0)
  for (const { extensions } of errors) expect(extensions).toMatchObject({ code: 'BAD_USER_INPUT' })
  return errors.map(({ extensions }) => extensions?.remedy)
}

const stringOperators = 'contains, endsWith, eq, glob, in, isNull, ne, notIn, startsWith'

const keysOfLookup = expect.stringMatching(/^Set exactly one of .*\bid, .*\bname\b.*, and not to null\.$/)

describe('names the way to write', () => {
  it.each([
    ['an unknown operator', machines('{ name: { like: "db" } }'), `The operators are ${stringOperators}.`],
    ['a value without an operator', machines('{ name: "db" }'), 'Use an operator, such as { eq: … }.'],
    [
      'a fraction without an operator',
      '{ datastores(filter: { freePercent: 20 }) { totalCount } }',
      'Use an operator, such as { gt: … }.',
    ],
    [
      'a value instead of an object',
      machines('{ host: "esx-fra-01" }'),
      'Set conditions on fields of the object, each with an operator, such as { name: { eq: … } }.',
    ],
    [
      'an operator on an object',
      machines('{ guest: { isNull: true } }'),
      'An object has conditions on its fields, and no operators. {} holds if it exists; put it into not for the opposite.',
    ],
    [
      'a condition on a list without some',
      machines('{ disks: { capacity: { gt: 4 } } }'),
      'A list has conditions on its items: some: { capacity: … }, every or none.',
    ],
    [
      'isNull on a list',
      machines('{ snapshots: { isNull: true } }'),
      'A list has the conditions some, every and none. none: {} holds if it is empty, some: {} if it is not.',
    ],
    [
      'a list instead of conditions on it',
      machines('{ snapshots: [] }'),
      'Set conditions on the items of the list, such as { some: { … } }.',
    ],
    [
      'an enum value in quotes',
      machines('{ powerState: { eq: "POWERED_ON" } }'),
      'Write the value of an enum without quotes.',
    ],
    [
      'an unknown enum value',
      machines('{ powerState: { eq: RUNNING } }'),
      'The values are POWERED_OFF, POWERED_ON, SUSPENDED.',
    ],
    ['an integer in quotes', machines('{ cpuCount: { gt: "4" } }'), 'Write the number without quotes.'],
    [
      'a fraction in quotes',
      '{ datastores(filter: { freePercent: { lt: "2.5" } }) { totalCount } }',
      'Write the number without quotes.',
    ],
    [
      'a list instead of a text',
      machines('{ name: { contains: ["a"] } }'),
      'Pass one text. In a filter, in and notIn take several.',
    ],
    [
      'an unknown argument',
      '{ virtualMachines(where: {}) { totalCount } }',
      'The arguments are after, before, filter, first, last, orderBy.',
    ],
    [
      'an unknown argument beside a single one',
      '{ virtualMachines { nodes { can(action: RESET) { action } } } }',
      'The only argument is actions.',
    ],
    ['an argument where there is none', '{ vcenters(first: 1) { name } }', 'The field has no arguments.'],
    [
      'a field of the objects of a connection',
      '{ virtualMachines { name } }',
      'Select it in nodes { name }.',
    ],
    [
      'a field of the key of a group',
      '{ virtualMachines { groups(by: [POWER_STATE]) { powerState } } }',
      'Select it in key { powerState }.',
    ],
    [
      'a field of a part of an object',
      '{ virtualMachines { nodes { ipAddress } } }',
      'Select it in guest { ipAddress }.',
    ],
    [
      'pages of a list without pages',
      '{ virtualMachines { nodes { snapshots { nodes { name } } } } }',
      'This list has no pages: select the fields of its items directly.',
    ],
    [
      'a misspelled value of a large enum',
      '{ virtualMachines(orderBy: [{ field: NAMES }]) { totalCount } }',
      expect.stringMatching(/^The type VirtualMachineOrderField has \d+ values\. Similar ones are NAME\b/),
    ],
    [
      'a value that shares words with those of a large enum',
      '{ virtualMachines(orderBy: [{ field: USED_MEMORY }]) { totalCount } }',
      expect.stringMatching(/ Similar ones are .*MEMORY/),
    ],
    [
      'a value like none of a large enum',
      '{ virtualMachines(orderBy: [{ field: ZZZZZZ }]) { totalCount } }',
      expect.stringMatching(/ values, which the documentation of the schema lists\.$/),
    ],
    ...['{}', '{ name: "a", moid: "b" }', '{ name: null }'].map((by) => [
      `a lookup by ${by}`,
      `{ virtualMachine(by: ${by}) { name } }`,
      keysOfLookup,
    ]),
    [
      'a lookup by a text',
      '{ virtualMachine(by: "web-01") { name } }',
      expect.stringMatching(/^Pass an object with exactly one of .*, such as \{ name: … \}\.$/),
    ],
    [
      'an unknown field of an input',
      'mutation { renameSnapshot(input: { snapshot: "x", title: "y" }) { snapshot { id } } }',
      'The fields are description, name, snapshot.',
    ],
    ['a fraction', '{ virtualMachines(first: 1.5) { totalCount } }', 'Write a whole number.'],
    [
      'a number that is too large',
      '{ virtualMachines(first: 99999999999) { totalCount } }',
      'Write a number from -2147483648 to 2147483647.',
    ],
    ['a number as a text', '{ search(text: 5) { __typename } }', 'Write the value as a text, in quotes.'],
    [
      'a Boolean in quotes',
      '{ vcenters { name @include(if: "true") } }',
      'Write true or false, without quotes.',
    ],
    ['a field that is nowhere near', '{ virtualMachines { nodes { zzz } } }', undefined],
  ])('for %s', async (_, query, remedy) => {
    expect(await remediesOf(query)).toEqual([remedy])
  })

  it.each([{}, { name: 'a', moid: 'b' }])('for a lookup by %j in a variable', async (by) => {
    const query = 'query ($by: VirtualMachineBy!) { virtualMachine(by: $by) { name } }'
    expect(await remediesOf(query, { by })).toEqual([keysOfLookup])
  })

  it.each([
    ['an unknown operator', { name: { like: 'x' } }, `The operators are ${stringOperators}.`],
    ['a value without an operator', { name: 'x' }, 'Use an operator, such as { eq: … }.'],
    ['a number in quotes', { cpuCount: { gt: '4' } }, 'Write the number without quotes.'],
    ['a list', { name: { eq: ['a'] } }, 'Pass one text. In a filter, in and notIn take several.'],
  ])('for %s in a variable', async (_, filter, remedy) => {
    const query = 'query ($f: VirtualMachineFilter) { virtualMachines(filter: $f) { totalCount } }'
    expect(await remediesOf(query, { f: filter })).toEqual([remedy])
  })
})

it.each([
  machines('{ name: { like: "db" } }'),
  machines('{ disks: { capacity: { gt: 4 } } }'),
  '{ virtualMachines(where: {}) { totalCount } }',
  '{ virtualMachines { name } }',
  machines('{ powerState: { eq: RUNNING } }'),
])('reveals no names when introspection is disabled: %s', async (query) => {
  expect(await remediesOf(query, undefined, closed)).toEqual([undefined])
})

it.each([
  [
    'a time without UTC offset',
    '{ snapshots(filter: { createdAt: { lt: "2026-11-20T10:00:00" } }) { totalCount } }',
  ],
  ['a size with a unit', machines('{ memory: { gt: "4GB" } }')],
])('locates %s in the document', async (_, query) => {
  const { errors } = await open.execute(query)
  expect(errors).toMatchObject([
    {
      message: expect.stringContaining('expected'),
      locations: [{ line: 1, column: query.indexOf('"') + 1 }],
    },
  ])
})

describe('an invalid value in a document', () => {
  it.each([
    [
      '{ virtualMachines(first: "10") { totalCount } }',
      'Invalid argument "first" of "virtualMachines"; Int cannot',
    ],
    [
      '{ a: events(first: 1, filter: { message: { contains: "x" }, since: "yesterday" }) { nodes { message } } }',
      'Invalid argument "filter.since" of "events"; DateTime cannot',
    ],
    [
      '{ virtualMachines(filter: { and: [{ name: { in: ["a", "b"] } }, { memory: { gt: # bytes\n "4GB" } }] }) { totalCount } }',
      'Invalid argument "filter.and.memory.gt" of "virtualMachines"; BigInt cannot',
    ],
    [
      '{ virtualMachines(filter: { cpuCount: { in: [1, 2, "3"] } }) { totalCount } }',
      'Invalid argument "filter.cpuCount.in" of "virtualMachines"; Int cannot',
    ],
    [
      '{ virtualMachines(filter: { powerState: { eq: RUNNING } }) { totalCount } }',
      'Invalid argument "filter.powerState.eq" of "virtualMachines"; Value "RUNNING" does',
    ],
    ['{ virtualMachine(by: {}) { name } }', 'Invalid argument "by" of "virtualMachine"; OneOf Input Object'],
    ['{ vcenters { name @include(if: "yes") } }', 'Invalid argument "if" of "include"; Boolean cannot'],
    [
      'query ($a: String, $n: Int = 1.5) { virtualMachines(first: $n, filter: { name: { eq: $a } }) { totalCount } }',
      'Invalid default of "$n"; Int cannot',
    ],
  ])('is reported with its argument: %s', async (query, message) => {
    const { errors = [] } = await open.execute(query)
    expect(errors.map((error) => error.message)).toEqual([expect.stringMatching(startOf(message))])
  })
})

const startOf = (text: string): RegExp => new RegExp(`^${text.replaceAll(/[$.]/g, '\\$&')}`)
