// Node ids: each type with an id is loaded by its own id, and each value is recognized by exactly one type.

import type { GraphQLInterfaceType } from 'graphql'
import { afterAll, describe, expect, it } from 'vitest'
import { encodeManagedObjectId } from '../../../src/schema/core/nodes/ids.ts'
import { registerNode, typeNameOfValue } from '../../../src/schema/core/nodes/node-registry.ts'
import { buildSchema } from '../../../src/schema/schema.ts'
import { startGateway } from '../../test-gateway.ts'

const schema = buildSchema()
const types = schema
  .getPossibleTypes(schema.getType('Node') as GraphQLInterfaceType)
  .map(({ name }) => name)
  .sort()

/** Selects an object of each type with an id; each type has to occur. */
const samples = `mutation {
  createSnapshot(input: { virtualMachine: { name: "web-01" }, name: "sample" }) {
    task { __typename id }
    snapshot { __typename id disks { __typename id } virtualMachine {
      __typename id
      disks { __typename id }
      vcenter { __typename id }
      tags { __typename id category { __typename id } }
      host { __typename id computeResource { __typename id } }
      resourcePool { __typename id }
      folder { __typename id }
      datacenter { __typename id }
      datastores { __typename id }
      networks { __typename id ... on Network { switch { __typename id } } }
      datacenter { datastoreClusters { nodes { __typename id } } triggeredAlarms { __typename id } }
    } }
  }
}`

/** The ids in a result, by the name of their type. */
function idsIn(value: unknown, found = new Map<string, string>()): Map<string, string> {
  if (Array.isArray(value)) for (const each of value) idsIn(each, found)
  else if (typeof value === 'object' && value !== null) {
    const { __typename, id } = value as { __typename?: string; id?: string }
    if (__typename && id) found.set(__typename, id)
    for (const each of Object.values(value)) idsIn(each, found)
  }
  return found
}

describe('a node', () => {
  const gateway = startGateway()
  afterAll(() => gateway.close())
  const sampled = gateway.execute(samples)

  it.each(types)('of type %s is loaded by its own id', async (type) => {
    const { data, errors } = await sampled
    expect(errors).toBeUndefined()
    const id = idsIn(data).get(type)
    expect(id, `select an object of type ${type} in the samples above`).toBeDefined()
    const query =
      'query ($ids: [ID!]!, $id: ID!) { node(id: $id) { ...Id } nodes(ids: $ids) { ...Id } } fragment Id on Node { __typename id }'
    const loaded = await gateway.execute(query, { id, ids: [id] })
    expect(loaded).toEqual({ data: { node: { __typename: type, id }, nodes: [{ __typename: type, id }] } })
  })
})

it('encodes no id that it could not decode', () => {
  const vm = { type: 'VirtualMachine', value: 'vm-1' }
  for (const part of [
    { typeName: 'VirtualDisc', key: 2000 },
    { typeName: 'VirtualMachine', key: 2000 },
    { typeName: 'VirtualDisk', key: undefined as never },
  ])
    expect(() => encodeManagedObjectId('vc', vm, part)).toThrow(
      'is not a part that ids of the schema can name',
    )
})

describe('the registry', () => {
  const load = () => Promise.resolve([])

  it('rejects a value that two types recognize', () => {
    registerNode({ name: 'A', managedTypes: [], isTypeOf: (value) => 'a' in value, load })
    registerNode({ name: 'B', managedTypes: [], isTypeOf: (value) => 'b' in value, load })
    expect(typeNameOfValue({ a: 1 })).toBe('A')
    expect(typeNameOfValue({ c: 1 })).toBeUndefined()
    expect(() => typeNameOfValue({ a: 1, b: 1 })).toThrow('several types recognize one value: A, B')
  })

  it('rejects a second type of the same name', () => {
    expect(() => registerNode({ name: 'Task', managedTypes: [], isTypeOf: () => false, load })).toThrow(
      'Task is registered twice',
    )
    expect(() => registerNode({ name: 'C', managedTypes: ['Task'], isTypeOf: () => false, load })).toThrow(
      'Task is registered for Task and for C',
    )
  })
})
