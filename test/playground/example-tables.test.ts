// The tables of the example operations: they begin with the columns that answer the question of the example, and the button can load
// the next page of each. Checked with a made-up result of each example, in which every list has an item and every connection another
// page.

import { readFileSync } from 'node:fs'
import {
  buildSchema,
  type FieldNode,
  type GraphQLOutputType,
  getNamedType,
  getNullableType,
  isAbstractType,
  isEnumType,
  isListType,
  isObjectType,
  Kind,
  parse,
  type SelectionNode,
  validate,
} from 'graphql'
import { describe, expect, it } from 'vitest'
import { unknownOf } from '../../playground/src/results/disk-map/area-map.ts'
import { readMaps } from '../../playground/src/results/disk-map/read-maps.ts'
import { disksWithAreas } from '../../playground/src/results/disk-map/same-disk.ts'
import { nextPage } from '../../playground/src/results/paging/next-page.ts'
import { columnsOf } from '../../playground/src/results/tables/columns.ts'
import { connectionOf } from '../../playground/src/results/tables/row-set.ts'
import { typeResult } from '../../playground/src/results/typed/typed-result.ts'
import type { TypedObject, TypedValue } from '../../playground/src/results/typed/typed-value.ts'
import { type Example, examplesDirectory, readExamples } from '../../src/server/playground/examples.ts'

const schema = buildSchema(readFileSync(new URL('../../schema/schema.graphql', import.meta.url), 'utf8'))
const examples = readExamples(examplesDirectory, { readOnly: false, isSimulator: true })

/** Areas of a capture: no object around them has an id. Their next page is that of the same capture. */
const withoutOwner = new Set(['captures/capture-1-begin-a-backup'])

function dataOf({ query, kind }: Example): unknown {
  const document = parse(query)
  const fragments = new Map(
    document.definitions.flatMap((each) =>
      each.kind === Kind.FRAGMENT_DEFINITION ? [[each.name.value, each] as const] : [],
    ),
  )

  /** The fields that are selected of an object of the type. */
  const fieldsOf = (selections: readonly SelectionNode[], typeName: string): FieldNode[] =>
    selections.flatMap((each) => {
      if (each.kind === Kind.FIELD) return [each]
      const { typeCondition, selectionSet } =
        each.kind === Kind.INLINE_FRAGMENT ? each : fragments.get(each.name.value)!
      const condition = schema.getType(typeCondition?.name.value ?? typeName)
      const applies =
        condition?.name === typeName ||
        (isAbstractType(condition) && schema.isSubType(condition, schema.getType(typeName) as never))
      return applies ? fieldsOf(selectionSet.selections, typeName) : []
    })

  /** The first type that a fragment of the selections is about, or else any. */
  function concreteType(type: GraphQLOutputType, selections: readonly SelectionNode[]): string {
    const named = getNamedType(type)
    if (!isAbstractType(named)) return named.name
    const conditions = selections.flatMap((each) =>
      each.kind === Kind.INLINE_FRAGMENT && each.typeCondition ? [each.typeCondition.name.value] : [],
    )
    return conditions[0] ?? schema.getPossibleTypes(named)[0]!.name
  }

  function fieldValue(type: GraphQLOutputType, nodes: readonly FieldNode[], name: string): unknown {
    const nullable = getNullableType(type)
    if (isListType(nullable)) return [fieldValue(nullable.ofType, nodes, name)]
    const selections = nodes.flatMap(({ selectionSet }) => selectionSet?.selections ?? [])
    if (selections.length > 0) return objectOf(selections, concreteType(type, selections))
    if (isEnumType(nullable)) return nullable.getValues()[0]!.name
    if (name === 'hasNextPage') return true
    return ['String', 'ID', 'DateTime'].includes(getNamedType(type).name) ? name : 1
  }

  function objectOf(selections: readonly SelectionNode[], typeName: string): unknown {
    const type = schema.getType(typeName)
    if (!isObjectType(type)) throw new Error(`${typeName} is not an object type`)
    const byKey = new Map<string, FieldNode[]>()
    for (const field of fieldsOf(selections, typeName)) {
      const key = (field.alias ?? field.name).value
      byKey.set(key, [...(byKey.get(key) ?? []), field])
    }
    return Object.fromEntries(
      [...byKey].map(([key, nodes]) => {
        const name = nodes[0]!.name.value
        if (name === '__typename') return [key, typeName]
        return [key, fieldValue(type.getFields()[name]!.type, nodes, name)]
      }),
    )
  }

  const operation = document.definitions.find((each) => each.kind === Kind.OPERATION_DEFINITION)!
  return objectOf(operation.selectionSet.selections, schema.getRootType(kind as never)!.name)
}

/** The connections with rows within a value. */
function connectionsIn(value: TypedValue): TypedObject[] {
  if (value.kind === 'list') return value.items.flatMap(connectionsIn)
  if (value.kind !== 'object') return []
  const own = value.typeName?.endsWith('Connection') && connectionOf(value)?.items ? [value] : []
  return [...own, ...value.fields.flatMap((field) => connectionsIn(field.value))]
}

function connectionsOf(example: Example) {
  const { query: document, variables } = example
  const { root, problem } = typeResult({ result: { data: dataOf(example) as never }, document, schema })
  if (!root) throw new Error(problem)
  return connectionsIn(root).map((value) => {
    const { hasNextPage, endCursor } = connectionOf(value)!
    const { rows, prefixes } = connectionOf(value)!.rows
    const columns = columnsOf(rows, prefixes).map(({ label }) => label)
    const page = nextPage({ root, path: value.path, endCursor, document, variables, schema })
    return { path: value.path.join('.'), hasNextPage, endCursor, page, columns }
  })
}

describe('the next page', () => {
  it.each(examples.filter((example) => connectionsOf(example).length > 0).map((each) => [each.id, each]))(
    'of each list of the example %s can be loaded',
    (id, example) => {
      for (const { path, hasNextPage, endCursor, page } of connectionsOf(example)) {
        expect({ path, hasNextPage, endCursor }).toEqual({ path, hasNextPage: true, endCursor: 'endCursor' })
        if (withoutOwner.has(id)) continue
        if ('reason' in page) throw new Error(`${path}: ${page.reason}`)
        expect(validate(schema, parse(page.operation.query))).toEqual([])
      }
    },
  )

  it('is that of a list in most examples', () => {
    expect(examples.filter((example) => connectionsOf(example).length > 0).length).toBeGreaterThan(25)
    for (const id of withoutOwner) expect(examples.map((example) => example.id)).toContain(id)
  })
})

describe('the map of a disk', () => {
  const mapsOf = (example: Example) => {
    const { query: document, variables } = example
    const { root } = typeResult({ result: { data: dataOf(example) as never }, document, schema })
    return disksWithAreas(root!).flatMap((owner) => readMaps(owner, variables))
  }
  const withMaps = examples.filter((example) => example.kind !== 'subscription' && mapsOf(example).length > 0)

  it('is in the examples about blocks', () => {
    expect(withMaps.map(({ id }) => id)).toEqual([
      'backup/allocated-blocks',
      'backup/changes-since-a-snapshot',
      'backup/backup-2-full-map',
      'backup/backup-3-changes-since',
      'captures/capture-1-begin-a-backup',
    ])
  })

  it.each(withMaps.map((example) => [example.id, example] as const))(
    'of the example %s is whole before further pages are loaded',
    (_, example) => {
      for (const map of mapsOf(example)) expect(unknownOf(map)).toEqual([])
    },
  )
})

describe('the first columns', () => {
  it.each([
    ['snapshots/old-snapshots', 'snapshots', ['Virtual machine name', 'Name', 'Age', 'Size', 'Created at']],
    ['history/triggered-alarms', 'triggeredAlarms', ['Name', 'Status', 'Entity name', 'Triggered at']],
    ['history/alarms-to-acknowledge', 'triggeredAlarms', ['Name', 'Status', 'Entity name', 'Triggered at']],
    [
      'history/running-and-failed-tasks',
      'failed',
      ['Label', 'Entity name', 'Error message', 'Error fault', 'Started by user name'],
    ],
    ['backup/failed-backups', 'tasks', ['Entity name', 'Queued at', 'Started by user name', 'Error message']],
  ])('of the example %s answer its question', (id, path, first) => {
    const example = examples.find((each) => each.id === id)!
    const { columns } = connectionsOf(example).find((each) => each.path === path)!
    expect(columns.slice(0, first.length)).toEqual(first)
    if (columns.includes('ID')) expect(columns.at(-1)).toBe('ID')
  })
})
