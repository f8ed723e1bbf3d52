// The typed tree of a result: fragments, aliases, abstract types, lists, nulls with their errors, and units.

import { readFileSync } from 'node:fs'
import { buildSchema, type ExecutionResult } from 'graphql'
import { describe, expect, it } from 'vitest'
import { countRows } from '../../playground/src/results/panel/count-rows.ts'
import { typeResult } from '../../playground/src/results/typed/typed-result.ts'
import {
  fieldNamed,
  rawField,
  type TypedObject,
  type TypedValue,
  valueAt,
} from '../../playground/src/results/typed/typed-value.ts'

const schema = buildSchema(readFileSync(new URL('../../schema/schema.graphql', import.meta.url), 'utf8'))

const type = (document: string, data: unknown, errors?: ExecutionResult['errors']) =>
  typeResult({ result: { data, ...(errors && { errors }) } as ExecutionResult, document, schema })

function object(value: TypedValue | undefined): TypedObject {
  if (value?.kind !== 'object') throw new Error(`expected an object, got ${value?.kind}`)
  return value
}

const at = (document: string, data: unknown, ...path: (string | number)[]) =>
  valueAt(type(document, data).root as TypedValue, path)

describe('a typed result', () => {
  it('shows the error of a mutation that the schema of a read-only gateway does not have', () => {
    const readOnly = buildSchema('type Query { name: String }')
    const errors = [{ message: 'Mutations are disabled.' }]
    const result = { errors } as unknown as ExecutionResult
    const typed = typeResult({ result, document: 'mutation { rename }', schema: readOnly })
    expect(typed).toMatchObject({ errors, operation: 'mutation', root: undefined })
    expect(typed.problem).toBeUndefined()
  })

  it('has the fields in the order of the selection, with aliases and their definitions', () => {
    const document = '{ vm: virtualMachine(by: { name: "a" }) { size: memory name ... { cpuCount } } }'
    const data = { vm: { cpuCount: 2, name: 'a', size: 1024 } }
    const vm = object(at(document, data, 'vm'))
    expect(vm.typeName).toBe('VirtualMachine')
    expect(vm.fields.map(({ key, name }) => [key, name])).toEqual([
      ['size', 'memory'],
      ['name', 'name'],
      ['cpuCount', 'cpuCount'],
    ])
    expect(fieldNamed(vm, 'memory')?.value).toMatchObject({ raw: 1024, unit: 'bytes', path: ['vm', 'size'] })
    expect([rawField(vm, 'memory'), rawField(vm, 'size')]).toEqual([1024, undefined])
  })

  it('merges the selection sets of fragments and of repeated fields', () => {
    const document = `query Q { hosts { nodes { ...A cluster { name } } } }
      fragment A on HostSystem { cluster { id } ...B }
      fragment B on ManagedEntity { moid ...A }`
    const data = { hosts: { nodes: [{ cluster: { id: 'i', name: 'n' }, moid: 'm' }] } }
    const host = object(at(document, data, 'hosts', 'nodes', 0))
    expect(host.fields.map(({ key }) => key)).toEqual(['cluster', 'moid'])
    expect(object(host.fields[0]?.value).fields.map(({ key }) => key)).toEqual(['id', 'name'])
  })

  it('finds the type of an abstract value by __typename under any alias', () => {
    const document = '{ node(id: "x") { kind: __typename ... on Snapshot { size } ... on Task { state } } }'
    const snapshot = object(at(document, { node: { kind: 'Snapshot', size: 5 } }, 'node'))
    expect(snapshot.typeName).toBe('Snapshot')
    expect(fieldNamed(snapshot, 'size')?.value.unit).toBe('bytes')
  })

  it('finds the type of an abstract value without __typename by its keys', () => {
    const document = '{ node(id: "x") { id ... on Snapshot { size } ... on Task { state } } }'
    expect(object(at(document, { node: { id: 'a', size: 5 } }, 'node')).typeName).toBe('Snapshot')
    expect(object(at(document, { node: { id: 'a', state: 'RUNNING' } }, 'node')).typeName).toBe('Task')
    // Any other type: its fields are known, its name is not.
    const other = object(at(document, { node: { id: 'a' } }, 'node'))
    expect(other.typeName).toBeUndefined()
    expect(other.fields[0]?.definition?.name).toBe('id')
  })

  it('keeps keys that the document does not select, without a definition', () => {
    const viewer = object(at('{ viewer { __typename } }', { viewer: { surprise: [1, { a: 2 }] } }, 'viewer'))
    expect(viewer.fields.map(({ key, definition }) => [key, definition])).toEqual([['surprise', undefined]])
    expect(viewer.fields[0]?.value.kind).toBe('list')
  })

  it('gives a null the errors at its path and below it', () => {
    const errors = [
      { message: 'deep', path: ['hosts', 'nodes', 1, 'name'] },
      { message: 'elsewhere', path: ['viewer'] },
    ] as never
    const typed = type(
      '{ viewer { name } hosts { nodes { name } } }',
      { viewer: null, hosts: { nodes: [{ name: null }, null] } },
      errors,
    )
    const nullAt = (...path: (string | number)[]) => {
      const value = valueAt(typed.root as TypedValue, path)
      return value?.kind === 'null' ? value.errors.map(({ message }) => message) : value
    }
    expect(nullAt('hosts', 'nodes', 1)).toEqual(['deep'])
    expect(nullAt('hosts', 'nodes', 0, 'name')).toEqual([])
    expect(nullAt('viewer')).toEqual(['elsewhere'])
  })

  it('takes the unit of statistics and allocations from the field that returns them', () => {
    const document = `{ datastores { aggregate { capacity { sum avg } freePercent { max } } }
      resourcePools { nodes { cpuAllocation { limit shares } memoryAllocation { limit } } } }`
    const data = {
      datastores: { aggregate: { capacity: { sum: 1, avg: 1.5 }, freePercent: { max: 3 } } },
      resourcePools: { nodes: [{ cpuAllocation: { limit: 4, shares: 5 }, memoryAllocation: { limit: 6 } }] },
    }
    const unit = (...path: (string | number)[]) => at(document, data, ...path)?.unit
    expect(unit('datastores', 'aggregate', 'capacity', 'sum')).toBe('bytes')
    expect(unit('datastores', 'aggregate', 'capacity', 'avg')).toBe('bytes')
    expect(unit('datastores', 'aggregate', 'freePercent', 'max')).toBe('percent')
    expect(unit('resourcePools', 'nodes', 0, 'cpuAllocation', 'limit')).toBe('megahertz')
    expect(unit('resourcePools', 'nodes', 0, 'cpuAllocation', 'shares')).toBeUndefined()
    expect(unit('resourcePools', 'nodes', 0, 'memoryAllocation', 'limit')).toBe('bytes')
  })

  it.each([
    ['the schema is missing', { document: '{ viewer { name } }', schema: null, data: {} }],
    ['the document does not parse', { document: '{ viewer {', schema, data: {} }],
    ['the schema has no such operation', { document: 'fragment A on Task { id }', schema, data: {} }],
  ])('has a problem and no tree when %s', (_, { document, schema, data }) => {
    const typed = typeResult({ result: { data }, document, schema })
    expect(typed.root).toBeUndefined()
    expect(typed.problem).toEqual(expect.any(String))
  })

  it.each([
    ['the document does not parse', '{ vcenters {', schema],
    ['the document has no operation', 'fragment A on Task { id }', schema],
    ['the schema is not loaded', '{ vcenters { name } }', undefined],
  ])('has only the errors when there is no data and %s', (_, document, schema) => {
    const errors = [{ message: 'Syntax Error: Expected Name, found <EOF>.' }]
    const typed = typeResult({ result: { errors } as unknown as ExecutionResult, document, schema })
    expect(typed).toMatchObject({ root: undefined, errors })
    expect(typed.problem).toBeUndefined()
  })

  it('does not fail on data of another shape than declared', () => {
    const typed = type('{ hosts { nodes { name } } }', { hosts: [[{ name: {} }], 'x', null] })
    const walk = (value: TypedValue): number =>
      value.kind === 'object'
        ? value.fields.reduce((sum, field) => sum + walk(field.value), 1)
        : value.kind === 'list'
          ? value.items.reduce((sum, item) => sum + walk(item), 1)
          : 1
    expect(walk(typed.root as TypedValue)).toBeGreaterThan(3)
  })

  it('counts the rows of the outermost lists, once for nodes and edges', () => {
    const document =
      '{ hosts { nodes { name vmkernelAdapters { device } } edges { cursor } pageInfo { endCursor } } }'
    const data = {
      hosts: {
        nodes: [
          { name: 'a', vmkernelAdapters: [{ device: 'x' }] },
          { name: 'b', vmkernelAdapters: [] },
        ],
        edges: [{ cursor: 'a' }, { cursor: 'b' }],
        pageInfo: { endCursor: 'b' },
      },
    }
    expect(countRows(type(document, data).root as TypedValue)).toBe(2)
  })
})
