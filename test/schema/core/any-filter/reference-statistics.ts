// Compares the aggregate and the groups of a connection with those of the model's objects.

import { expect } from 'vitest'
import type { Random } from '../../../../src/simulator/random.ts'
import type { TestGateway } from '../../../test-gateway.ts'
import {
  fieldsOf,
  groupKeyName,
  groupKeysOf,
  type KeyPath,
  rootFields,
  statisticsOf,
} from './filterable-schema.ts'
import { denied, isUnknown, type ObjectGraph, type Value, type Values } from './object-graph.ts'
import { type Filter, valueAt } from './reference-filter.ts'

interface Compared {
  readonly typeName: string
  readonly filter: Filter
  readonly expected: readonly Values[]
}

export async function expectStatistics(
  { graph, gateway }: { readonly graph: ObjectGraph; readonly gateway: TestGateway },
  compared: Compared,
  random: Random,
): Promise<void> {
  const { typeName } = compared
  const statistics = statisticsOf(typeName)
  if (statistics.length > 0) await expectAggregate(graph, gateway, compared, random)
  if (groupKeysOf(typeName).size > 0) await expectGroups(graph, gateway, compared, random)
}

/** Returns the values at a path, null without a value; undefined if one of them cannot be read. */
function valuesAt(
  graph: ObjectGraph,
  { typeName, expected }: Compared,
  path: KeyPath,
): readonly Value[] | undefined {
  const values = expected.map((each) => valueAt(graph, typeName, each, path).value)
  return values.includes(denied) ? undefined : values.map((value) => (isUnknown(value) ? null : value))
}

const rootQuery = ({ typeName }: Compared, selection: string) =>
  `query ($filter: ${typeName}Filter) { connection: ${rootFields.get(typeName)}(first: 0, filter: $filter) { ${selection} } }`

const mean = (numbers: readonly number[]) => numbers.reduce((sum, each) => sum + each, 0) / numbers.length

async function expectAggregate(graph: ObjectGraph, gateway: TestGateway, compared: Compared, random: Random) {
  const all = statisticsOf(compared.typeName)
  const chosen = all.filter(() => random.integer(3) === 0)
  if (chosen.length === 0) return
  const selection = chosen.map(({ name, values }) => `${name} { ${values.join(' ')} }`).join(' ')
  const { data } = await gateway.execute(rootQuery(compared, `aggregate { ${selection} }`), {
    filter: compared.filter,
  })
  if (graph.incomplete.has(compared.typeName)) return expect(data.connection.aggregate).toBeNull()
  for (const { name, path, values } of chosen) {
    const numbers = valuesAt(graph, compared, path)?.filter((each) => each !== null) as number[] | undefined
    const statistics: Record<string, number | null> | null = data.connection.aggregate[name]
    // A number does not describe only a part.
    if (!numbers) expect([name, statistics]).toEqual([name, null])
    for (const each of numbers ? values : []) {
      const expected = {
        sum: numbers?.reduce((sum, number) => sum + number, 0),
        avg: mean(numbers as number[]),
        min: Math.min(...(numbers as number[])),
        max: Math.max(...(numbers as number[])),
      }[each]
      if (numbers?.length === 0) expect([name, each, statistics?.[each]]).toEqual([name, each, null])
      else expect(statistics?.[each], `${name}.${each}`).toBeCloseTo(expected as number, 6)
    }
  }
}

async function expectGroups(graph: ObjectGraph, gateway: TestGateway, compared: Compared, random: Random) {
  const { typeName, filter, expected } = compared
  const keys = [...groupKeysOf(typeName)].filter(() => random.integer(6) === 0).slice(0, 4)
  if (keys.length === 0) return
  const fieldNames = keys.map(([, path]) => {
    const name = groupKeyName(path)
    const isReference =
      path.length === 1 && fieldsOf(typeName).find((each) => each.name === path[0])?.kind !== 'leaf'
    return isReference ? `${name} { id }` : name
  })
  const query = rootQuery(
    compared,
    `groups(by: [${keys.map(([name]) => name).join(', ')}]) { count key { ${fieldNames.join(' ')} } }`,
  )
  const { data, errors } = await gateway.execute(query, { filter })
  const columns = keys.map(([, path]) => valuesAt(graph, compared, path))
  const { groups } = data.connection as { groups: { count: number; key: Record<string, unknown> }[] | null }
  if (graph.incomplete.has(typeName)) return expect(groups).toBeNull()
  if (columns.includes(undefined)) {
    expect(groups).toBeNull()
    expect(errors).toBeDefined()
    return
  }
  expect(errors).toBeUndefined()
  const counts = new Map<string, number>()
  for (const index of expected.keys()) {
    const key = JSON.stringify(columns.map((values) => values?.[index]))
    counts.set(key, (counts.get(key) ?? 0) + 1)
  }
  const keyOf = (key: Record<string, unknown>) =>
    JSON.stringify(keys.map(([, path]) => key[groupKeyName(path)]))
  expect(new Map(groups?.map(({ count, key }) => [keyOf(key), count]))).toEqual(counts)
  const sizes = groups?.map(({ count }) => count) ?? []
  expect(sizes).toEqual([...sizes].sort((a, b) => b - a))
}
