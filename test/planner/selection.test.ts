// Tests the traversal of a selection set: each field reports its requirements once, however the operation
// is written.

import {
  buildSchema,
  type GraphQLObjectType,
  type GraphQLResolveInfo,
  graphql,
  isObjectType,
  parse,
} from 'graphql'
import { describe, expect, it } from 'vitest'
import { virtualMachineHost } from '../../src/planner/edges.ts'
import { PlanNode } from '../../src/planner/plan-node.ts'
import { type FieldPlan, planSelection } from '../../src/planner/selection.ts'
import { startGateway } from '../test-gateway.ts'

interface Traversal {
  readonly node: PlanNode
  /** How often the requirements of any field were computed. */
  readonly planCalls: number
}

/** A small schema whose fields record their own names as paths. */
async function traverse(operation: string, variables: Record<string, unknown> = {}): Promise<Traversal> {
  const schema = buildSchema(`
    interface Named { name: String }
    type Machine implements Named { name: String power(unit: String = "W"): String self: Machine host: Host facts: Facts }
    type Host { title: String }
    type Facts { guest: String }
    type Query { machine: Machine }
  `)
  const node = new PlanNode('VirtualMachine')
  let planCalls = 0
  const plan = (type: string, field: string, does: FieldPlan) => {
    const object = schema.getType(type)
    if (!isObjectType(object)) throw new TypeError(`${type} is no object type`)
    object.getFields()[field]!.extensions = {
      plan: ((position, args, context, field) => {
        planCalls += 1
        return does(position, args, context, field)
      }) satisfies FieldPlan,
    }
  }
  const at = (position: unknown): PlanNode => position as PlanNode
  plan('Machine', 'name', (position) => at(position).read('name'))
  plan('Machine', 'power', (position, { unit }) => at(position).read(`power ${unit}`))
  plan('Machine', 'self', (position) => position)
  plan('Machine', 'host', (position) => at(position).follow(virtualMachineHost))
  plan('Host', 'title', (position) => at(position).read('title'))
  plan('Facts', 'guest', (position) => at(position).read('guest'))
  const query = schema.getQueryType() as GraphQLObjectType
  query.getFields().machine!.resolve = (_root, _args, _context, info: GraphQLResolveInfo) => {
    planSelection(info, 'Machine', node, undefined)
    return null
  }
  const { errors } = await graphql({ schema, source: operation, variableValues: variables })
  expect(errors).toBeUndefined()
  return { node, planCalls }
}

const pathsOf = async (operation: string, variables?: Record<string, unknown>): Promise<string[]> =>
  [...(await traverse(operation, variables)).node.paths].sort()

describe('the selection traversal', () => {
  it('visits fields in fragments, inline fragments, interfaces and aliases', async () => {
    expect(
      await pathsOf(
        `{ machine { a: name b: name ...F ... on Named { name } ... { power } } } fragment F on Machine { ...G } fragment G on Machine { facts { guest } }`,
      ),
    ).toEqual(['guest', 'name', 'power W'])
  })

  it('omits what @skip and @include exclude, by value and by variable', async () => {
    const operation = `query ($yes: Boolean!, $no: Boolean = false) { machine {
      name @include(if: $no) a: power(unit: "a") @skip(if: $yes) b: power(unit: "b") @skip(if: $no) @include(if: $yes)
      ...F @include(if: $no) ... @skip(if: true) { c: power(unit: "c") } facts @include(if: $yes) { guest @skip(if: $yes) }
    } } fragment F on Machine { d: power(unit: "d") }`
    expect(await pathsOf(operation, { yes: true })).toEqual(['power b'])
  })

  it('passes arguments to fields with defaults and variables applied', async () => {
    expect(
      await pathsOf('query ($u: String) { machine { a: power b: power(unit: "kW") c: power(unit: $u) } }', {
        u: 'MW',
      }),
    ).toEqual(['power MW', 'power W', 'power kW'])
    expect(await pathsOf('query ($u: String) { machine { c: power(unit: $u) } }')).toEqual(['power W'])
  })

  it('creates one node for an edge, however often it is selected', async () => {
    const { node } = await traverse(
      '{ machine { host { title } again: host { title } ...F } } fragment F on Machine { host { __typename } }',
    )
    expect([...node.edges.keys()]).toEqual([virtualMachineHost])
    expect([...(node.edges.get(virtualMachineHost)?.paths ?? [])]).toEqual(['title'])
  })

  it('takes linear time for fragments that would multiply', async () => {
    const depth = 18
    const fragments = Array.from(
      { length: depth },
      (_, index) =>
        `fragment F${index} on Machine { a${index}: self { ...F${index + 1} } b${index}: self { ...F${index + 1} } }`,
    ).join(' ')
    const operation = `{ machine { ...F0 } } ${fragments} fragment F${depth} on Machine { name }`
    expect(parse(operation).definitions).toHaveLength(depth + 2)
    const { node, planCalls } = await traverse(operation)
    expect([...node.paths]).toEqual(['name'])
    expect(planCalls).toBeLessThan(4 * depth)
  })
})

describe('cyclic fragments', () => {
  it('are rejected before anything is traversed or requested', async () => {
    const gateway = startGateway()
    const { data, errors } = await gateway.execute(
      '{ virtualMachines(first: 1) { nodes { ...A } } } fragment A on VirtualMachine { snapshots { virtualMachine { ...B } } } fragment B on VirtualMachine { name ...A }',
    )
    expect(data).toBeUndefined()
    expect(errors?.[0]?.message).toContain('Cannot spread fragment')
    expect(gateway.simulator.calls).toEqual([])
    await gateway.close()
  })
})
