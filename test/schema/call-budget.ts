// Describes the vSphere calls of an operation in a compact form, for comparison with a written budget.

import type { RecordedCall } from '../../src/simulator/index.ts'
import type { DataObject, ManagedObjectReference } from '../../src/soap/vim-types.ts'
import type { TestGateway } from '../test-gateway.ts'

type Spec = DataObject<'PropertyFilterSpec'>
type Selection = DataObject<'SelectionSpec'> & Partial<DataObject<'TraversalSpec'>>

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
  const result = await send(query, variables)
  const calls = simulator.calls.slice(before)
  return { ...result, calls, requested: describeCalls(calls) }
}

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
  for (const { obj, skip, selectSet } of objectSet ?? []) {
    const start = `from ${startOf(obj)}${skip || obj.type === 'ContainerView' ? '' : '*'}`
    const edges = (selectSet ?? []).flatMap((each) => edgesOf(each as Selection))
    ways.set(start, new Set([...(ways.get(start) ?? []), ...edges]))
  }
  const lines = [...types, ...[...ways].map(([start, edges]) => [start, ...[...edges].sort()].join(' '))]
  return lines.map((line, at) => `${index > 0 && at === 0 ? '+ ' : '  '}${line}`)
}

const startOf = ({ type }: ManagedObjectReference): string => (type === 'ContainerView' ? 'a view' : type)

function edgesOf({ type, path, skip, selectSet }: Selection): string[] {
  if (path === undefined) return []
  const edge = type === 'ContainerView' ? 'view' : `${type}.${path}`
  return [`${edge}${skip ? '' : '*'}`, ...(selectSet ?? []).flatMap((each) => edgesOf(each as Selection))]
}
