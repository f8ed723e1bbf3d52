// A plan -> the PropertyFilterSpecs of one RetrievePropertiesEx. A PropertySpec belongs to a type within a spec, not to an
// edge; so places of one type that need different paths go to different specs, and no object is asked for what
// only its namesakes need.

import {
  type DataObject,
  expressionAt,
  isManagedSubtype,
  type ManagedObjectReference,
  type ManagedObjectType,
} from '../soap/vim-types.ts'
import type { PropertyFilterSpec } from '../vim25/property-collector.ts'
import type { ConnectionPlan } from './connection-plan.ts'
import { PlanNode } from './plan-node.ts'
import type { Step, Traversal } from './traversals.ts'

/** Where a retrieval starts: at known objects, or at a container view of all objects of the node's type. */
export type Target =
  | { readonly refs: readonly ManagedObjectReference[]; readonly node: PlanNode }
  | { readonly view: ManagedObjectReference; readonly node: PlanNode }

export interface CompiledRetrieval {
  readonly specSet: readonly PropertyFilterSpec[]
  /** The paths asked for of a type, over all specs. */
  readonly asked: (type: string) => ReadonlySet<string>
}

/** Compiles targets, which are retrieved together in one call. */
export function compile(targets: readonly Target[]): CompiledRetrieval {
  const specs: Spec[] = []
  for (const target of targets) {
    const tree = expand(target.node)
    const layers: Layer[] = []
    assign(tree, layers)
    for (const layer of layers) {
      const spec = specs.find((each) => fits(each.paths, layer.paths)) ?? newSpec(specs)
      mergePaths(spec.paths, layer.paths)
      spec.objectSet.push(...objectSpecs(target, tree, layer, spec))
    }
  }
  const askedOf = new Map<string, ReadonlySet<string>>()
  return {
    specSet: specs.map(({ paths, objectSet }) => ({
      propSet: [...paths]
        .map(([type, pathSet]) => ({ type, pathSet: [...pathSet].sort() }))
        .sort((a, b) => (a.type < b.type ? -1 : 1)),
      objectSet,
      // A view that is gone must not read as an inventory that is empty: its session has ended.
      reportMissingObjectsInResults: !objectSet.some(({ obj }) => isView(obj)),
    })),
    asked(type) {
      const known = askedOf.get(type) ?? new Set(specs.flatMap(({ paths }) => [...(paths.get(type) ?? [])]))
      askedOf.set(type, known)
      return known
    },
  }
}

type Paths = Map<string, Set<string>>

interface Spec {
  readonly paths: Paths
  readonly objectSet: DataObject<'ObjectSpec'>[]
  names: number
}

/** A part of a target's tree in which each type has one set of paths. */
interface Layer {
  readonly paths: Paths
  readonly places: Set<object>
}

function newSpec(specs: Spec[]): Spec {
  const spec: Spec = { paths: new Map(), objectSet: [], names: 0 }
  specs.push(spec)
  return spec
}

const isView = ({ type }: ManagedObjectReference): boolean => isManagedSubtype(type, 'View')

// ---- the tree of places: plan nodes with their connections written out as edges

interface Place {
  readonly type: ManagedObjectType
  readonly paths: ReadonlySet<string>
  readonly edges: readonly Edge[]
  /** Its objects must be reported, if only to know that they are there. */
  readonly wanted: boolean
}

interface Edge {
  readonly traversal: Traversal
  readonly to: Place
}

function expand(node: PlanNode, wanted = node.isNeeded): Place {
  const merged = new Map<Traversal, PlanNode>()
  const counted = new Set<Traversal>()
  const add = (traversal: Traversal, to: PlanNode) => {
    const known = merged.get(traversal)
    merged.set(traversal, known ? new PlanNode(to.type).include(known).include(to) : to)
  }
  for (const [traversal, to] of node.edges) if (to.isNeeded || traversal.reports) add(traversal, to)
  for (const connection of node.connections) {
    const { traversal } = connection.collection
    if (!traversal || connection.mode === 'paged') continue
    add(traversal, connectionNode(connection))
    counted.add(traversal)
  }
  const paths = new Set(node.paths)
  const edges: Edge[] = []
  for (const [traversal, to] of merged) {
    for (const path of traversal.reads) if (expressionAt(node.type, path)) paths.add(path)
    edges.push({ traversal, to: expand(to, counted.has(traversal) || to.isNeeded) })
  }
  return { type: node.type, paths, edges, wanted }
}

/** What a connection needs of its objects in the mode that it is in. */
export function connectionNode({ mode, keys, items }: ConnectionPlan): PlanNode {
  const node = new PlanNode(items.type).include(keys)
  if (mode === 'whole') return node.include(items)
  // The keys of windows inside this one are read along with its own, so that a level costs no retrieval more.
  node.connections.push(...items.connections.filter((inner) => inner.mode === 'keys'))
  return node
}

// ---- which places share a spec

/** Containers are few and light: what one edge needs of them is asked of all, so that they never split a spec. */
const containers: ReadonlySet<string> = new Set([
  'Datacenter',
  'Folder',
  'VirtualApp',
  'ResourcePool',
] satisfies ManagedObjectType[])

function assign(place: Place, layers: Layer[]): void {
  put(place, new Map([[place.type, new Set(place.paths)]]), layers)
  for (const edge of place.edges) {
    const reports: Paths = new Map(
      Object.entries(edge.traversal.reports ?? {}).map(([type, paths]) => [type, new Set(paths)]),
    )
    if (reports.size > 0) put(edge.traversal, reports, layers)
    // An edge to a place that needs nothing of its own is walked for its reports alone.
    if (edge.to.wanted) assign(edge.to, layers)
  }
}

function put(place: object, paths: Paths, layers: Layer[]): void {
  let layer = layers.find((each) => fits(each.paths, paths))
  if (!layer) {
    layer = { paths: new Map(), places: new Set() }
    layers.push(layer)
  }
  mergePaths(layer.paths, paths)
  layer.places.add(place)
}

function fits(known: Paths, added: Paths): boolean {
  for (const [type, paths] of added) {
    const other = known.get(type)
    if (!other || containers.has(type)) continue
    if (other.size !== paths.size || ![...paths].every((path) => other.has(path))) return false
  }
  return true
}

function mergePaths(into: Paths, from: Paths): void {
  for (const [type, paths] of from) into.set(type, new Set([...(into.get(type) ?? []), ...paths]))
}

// ---- selections

type SelectionSpec = DataObject<'SelectionSpec'>

const viewStep: Step = { type: 'ContainerView', path: 'view', arrives: true }

function objectSpecs(target: Target, tree: Place, layer: Layer, spec: Spec): DataObject<'ObjectSpec'>[] {
  const reported = layer.places.has(tree)
  if ('view' in target) {
    const name = nextName(spec)
    return [
      {
        obj: target.view,
        skip: true,
        selectSet: [traversalSpec(name, viewStep, !reported, selections(tree, layer, spec))],
      },
    ]
  }
  const selectSet = selections(tree, layer, spec)
  // Names hold within the whole spec: the first object spells the traversals out, the others name them.
  const named: SelectionSpec[] = selectSet.map(({ name }) => ({
    _typeName: 'SelectionSpec',
    name: name as string,
  }))
  return target.refs.map((obj, index) => ({
    obj,
    skip: !reported,
    selectSet: index === 0 ? selectSet : named,
  }))
}

function selections(place: Place, layer: Layer, spec: Spec): SelectionSpec[] {
  return place.edges.filter((edge) => isWalked(edge, layer)).flatMap((edge) => walk(edge, layer, spec))
}

const isWalked = ({ traversal, to }: Edge, layer: Layer): boolean =>
  layer.places.has(traversal) || layer.places.has(to) || to.edges.some((edge) => isWalked(edge, layer))

/**
 * The TraversalSpecs of an edge: each step spelled out in the outermost list that has it, and named in all others.
 * A vCenter knows the names of the whole spec; vcsim learns them list by list, as far as there are objects to walk on to.
 */
function walk({ traversal, to }: Edge, layer: Layer, spec: Spec): SelectionSpec[] {
  const names = new Map<string, string>()
  const reports = layer.places.has(traversal)
  let arrivals: readonly SelectionSpec[] | undefined
  const arrive = (): readonly SelectionSpec[] => {
    if (arrivals) return arrivals.map(({ name }) => ({ _typeName: 'SelectionSpec', name: name as string }))
    arrivals = selections(to, layer, spec)
    return arrivals
  }
  const list = (keys: readonly string[]): SelectionSpec[] => {
    const fresh = new Set(keys.filter((key) => !names.has(key)))
    for (const key of fresh) names.set(key, nextName(spec))
    return keys.map((key) => {
      const name = names.get(key) as string
      return fresh.has(key)
        ? spelledOut(name, traversal.steps[key] as Step)
        : { _typeName: 'SelectionSpec', name }
    })
  }
  const spelledOut = (name: string, step: Step): SelectionSpec => {
    const arrived = step.arrives ? arrive() : []
    const skip = !(reports || (step.arrives === true && layer.places.has(to)))
    return traversalSpec(name, step, skip, [...list(step.next ?? []), ...arrived])
  }
  return list(traversal.start)
}

function traversalSpec(
  name: string,
  { type, path }: Step,
  skip: boolean,
  selectSet: readonly SelectionSpec[],
): SelectionSpec {
  const spec: DataObject<'TraversalSpec'> = { _typeName: 'TraversalSpec', name, type, path, skip, selectSet }
  return spec
}

function nextName(spec: Spec): string {
  spec.names += 1
  return `s${spec.names}`
}
