// Describes the vSphere calls of an operation in a compact form, for comparison with a written budget.

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createSimulator, type RecordedCall, type Simulator } from '../../src/simulator/index.ts'
import type { DataObject, ManagedObjectReference } from '../../src/soap/vim-types.ts'
import { startGateway, type TestGateway } from '../test-gateway.ts'

export interface Budget {
  readonly name: string
  readonly query: string
  readonly variables?: (gateway: TestGateway) => Record<string, unknown> | Promise<Record<string, unknown>>
  /** The calls and paths of the first run, when the sizes of lists are still unknown. */
  readonly first: string
  /** The calls of the second run. @default those of the first, except for views that then already exist */
  readonly again?: string
}

type Spec = DataObject<'PropertyFilterSpec'>
type Selection = DataObject<'SelectionSpec'> & Partial<DataObject<'TraversalSpec'>>

/** Defines the tests of a budget table: each budget holds for one virtual machine and for many. */
export function describeBudgets(budgets: readonly Budget[]): void {
  describe.each([1, 500])('with %i virtual machines', (vms) => {
    let simulator: Simulator
    beforeAll(() => {
      simulator = createSimulator({ vms })
    })
    afterAll(() => simulator.close())

    it.each(budgets)('sends exactly the calls of $name', async ({ query, variables, first, again }) => {
      // The estimated size of a budget's operation may exceed the default limits.
      const unlimited = Number.MAX_SAFE_INTEGER
      const gateway = startGateway({ simulator, limits: { objects: unlimited, responseValues: unlimited } })
      // A login is needed once per session.
      await gateway.execute('{ vcenters { name } }')
      const initially = await execute(gateway, query, await variables?.(gateway))
      expect(initially.errors).toBeUndefined()
      expect(comparable(initially.requested, first)).toEqual(lines(first))
      const later = await execute(gateway, query, await variables?.(gateway))
      const repeated = again ?? first.replace(/^ *CreateContainerView.*$/gm, '')
      expect(comparable(later.requested, repeated)).toEqual(lines(repeated))
      expect(later.data).toEqual(initially.data)
      await gateway.close()
    })
  })
}

/** Without the traversals, unless the budget states them: about ten budgets do, for the forms that a traversal can have. */
const comparable = (requested: readonly string[], budget: string): readonly string[] =>
  /^ +from /m.test(budget) ? requested : requested.filter((line) => !line.startsWith('  from '))

export const lines = (text: string): string[] =>
  text
    .split('\n')
    .map((line) => line.replace(/^ {6}/, ''))
    .filter((line) => line.trim() !== '')

/**
 * Executes an operation. Returns its result with a description of its calls: one line each, and more for
 * retrievals.
 */
export async function execute(
  { execute: send, simulator }: TestGateway,
  query: string,
  variables?: Record<string, unknown>,
) {
  const before = simulator.calls.length
  const restBefore = simulator.rest.calls.length
  const result = await send(query, variables)
  const calls = simulator.calls.slice(before)
  const restCalls = describeRestCalls(simulator.rest.calls.slice(restBefore))
  return { ...result, calls, requested: [...describeCalls(calls), ...restCalls] }
}

/**
 * Describes calls for tags, one line for all definitions of a kind: their number depends on the tags in use. A
 * definition that is read twice is a line of its own.
 */
function describeRestCalls(calls: Simulator['rest']['calls']): string[] {
  const described = new Set<string>()
  const identical = new Set<string>()
  for (const { method, path } of calls) {
    const call = `${method} ${path}`
    described.add(`${call.replace(tagOrCategory, '<$1>')}${identical.has(call) ? ' again' : ''}`)
    identical.add(call)
  }
  return [...described]
}

const tagOrCategory = /urn:vmomi:InventoryService(\w+):[-0-9a-f]+:GLOBAL/

export const describeCalls = (calls: readonly RecordedCall[]): string[] => calls.flatMap(describeCall)

/** The pathSets of one type, over all retrievals. */
export function pathsRequested(calls: readonly RecordedCall[], type: string): string[] {
  const paths = calls
    .flatMap(specsOf)
    .flatMap(({ propSet }) => propSet ?? [])
    .flatMap((set) => (set.type === type ? (set.pathSet ?? []) : []))
  return [...new Set(paths)].sort()
}

/** The paths of all types: `VirtualMachine.name`. */
export function allPathsRequested(calls: readonly RecordedCall[]): string[] {
  const types = new Set(
    calls.flatMap(specsOf).flatMap(({ propSet }) => (propSet ?? []).map(({ type }) => type)),
  )
  return [...types].sort().flatMap((type) => pathsRequested(calls, type).map((path) => `${type}.${path}`))
}

const specsOf = ({ args }: RecordedCall): readonly Spec[] => (args.specSet ?? []) as readonly Spec[]

function describeCall(call: RecordedCall): string[] {
  const { method, args } = call
  if (method === 'CreateContainerView') return [`${method} ${(args.type as string[]).join(' ')}`]
  return [method, ...specsOf(call).flatMap(describeSpec)]
}

/**
 * Describes a retrieval. `VirtualMachine: name` is a PropertySpec. `from a view: view*
 * VirtualMachine.datastore*` lists the starting point and each TraversalSpec on the way; reported objects
 * are marked with a star. A `+` starts another spec of the same retrieval.
 */
function describeSpec({ propSet, objectSet }: Spec, index: number): string[] {
  const types = (propSet ?? []).map(({ type, pathSet }) => `${type}: ${(pathSet ?? []).join(', ')}`.trimEnd())
  const ways = new Map<string, Set<string>>()
  const named = new Map<string, Selection>()
  for (const { selectSet } of objectSet ?? []) collectNamed((selectSet ?? []) as Selection[], named)
  for (const { obj, skip, selectSet } of objectSet ?? []) {
    const start = `from ${startOf(obj)}${skip || obj.type === 'ContainerView' ? '' : '*'}`
    const edges = ways.get(start) ?? new Set()
    for (const each of reachable((selectSet ?? []) as Selection[], named)) edges.add(edgeOf(each))
    ways.set(start, edges)
  }
  const starts = [...ways].map(([start, edges]) => [start, ...[...edges].sort()].join(' ')).sort()
  const lines = [...types, ...starts]
  return lines.map((line, at) => `${index > 0 && at === 0 ? '+ ' : '  '}${line}`)
}

const startOf = ({ type }: ManagedObjectReference): string => (type === 'ContainerView' ? 'a view' : type)

/** Adds the traversals that others refer to by their names. */
function collectNamed(selections: readonly Selection[], named: Map<string, Selection>): void {
  for (const each of selections) {
    if (each.path === undefined) continue
    if (each.name !== undefined) named.set(each.name, each)
    collectNamed((each.selectSet ?? []) as Selection[], named)
  }
}

/** Returns the traversals that follow from selections, also by name. Their place in the request does not matter. */
function reachable(
  selections: readonly Selection[],
  named: ReadonlyMap<string, Selection>,
  found = new Set<Selection>(),
): Set<Selection> {
  for (const each of selections) {
    const traversal = each.path === undefined ? named.get(each.name ?? '') : each
    if (traversal === undefined || found.has(traversal)) continue
    found.add(traversal)
    reachable((traversal.selectSet ?? []) as Selection[], named, found)
  }
  return found
}

const edgeOf = ({ type, path, skip }: Selection): string =>
  `${type === 'ContainerView' ? 'view' : `${type}.${path}`}${skip ? '' : '*'}`
