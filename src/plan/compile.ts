// A plan -> the PropertyFilterSpecs of one RetrievePropertiesEx. A PropertySpec belongs to a type within a spec, not to an
// edge; so each path of a type goes to the one spec of all the places that need it: no object is asked for what only its
// namesakes need, and none is asked for the same twice, however many ways lead to it.

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

const nothing: ReadonlySet<string> = new Set()

/** Where a retrieval starts: at known objects, or at a container view of all objects of the node's type. */
export type Target =
  | {
      readonly refs: readonly ManagedObjectReference[]
      readonly node: PlanNode
      /** Paths of these objects that are known already, and not asked for again. */
      readonly known?: ReadonlySet<string> | undefined
    }
  | { readonly view: ManagedObjectReference; readonly node: PlanNode }

export interface CompiledRetrieval {
  readonly specSet: readonly PropertyFilterSpec[]
  /** The paths asked for of an object of a type, over all specs. */
  readonly asked: (type: string) => ReadonlySet<string>
}

/** Compiles targets, which are retrieved together in one call. */
export function compile(targets: readonly Target[]): CompiledRetrieval {
  const starts = together(targets).map((target) => ({
    target,
    tree: expand(target.node, 'known' in target ? target.known : undefined),
  }))
  const specs = share(starts.flatMap(({ tree }) => [...claims(tree)]))
  for (const { target, tree } of starts) {
    for (const spec of specs) if (leadsTo(tree, spec)) spec.objectSet.push(...objectSpecs(target, tree, spec))
  }
  const askedOf = new Map<string, ReadonlySet<string>>()
  return {
    specSet: specs.map(({ propSet, objectSet }) => ({
      propSet: [...propSet]
        .map(([type, { paths }]) => ({ type, pathSet: [...paths].sort() }))
        .sort((a, b) => (a.type < b.type ? -1 : 1)),
      objectSet,
      // A view that is gone must not read as an inventory that is empty: its session has ended.
      reportMissingObjectsInResults: !objectSet.some(({ obj }) => isView(obj)),
    })),
    asked(type) {
      const known =
        askedOf.get(type) ??
        new Set(
          specs.flatMap(({ propSet }) =>
            [...propSet].flatMap(([base, { paths }]) => (isManagedSubtype(type, base) ? [...paths] : [])),
          ),
        )
      askedOf.set(type, known)
      return known
    },
  }
}

const isView = ({ type }: ManagedObjectReference): boolean => isManagedSubtype(type, 'View')

/** Targets that start at the same are one; so no object stands twice among those that a retrieval starts at. */
function together(targets: readonly Target[]): Target[] {
  const plans = new Map<string, { obj: ManagedObjectReference; isView: boolean; among: Target[] }>()
  for (const target of targets) {
    for (const obj of 'view' in target ? [target.view] : target.refs) {
      const key = `${obj.type} ${obj.value}`
      const known = plans.get(key)
      if (known) known.among.push(target)
      else plans.set(key, { obj, isView: 'view' in target, among: [target] })
    }
  }
  const groups = new Map<string, Target & { refs?: ManagedObjectReference[] }>()
  for (const { obj, isView, among } of plans.values()) {
    const distinct = [...new Set(among)]
    const key = distinct.map((each) => targets.indexOf(each)).join()
    const group = groups.get(key)
    if (group?.refs) group.refs.push(obj)
    else if (isView) groups.set(key, { view: obj, node: united(distinct) })
    else groups.set(key, { refs: [obj], node: united(distinct), known: knownOf(distinct) })
  }
  return [...groups.values()]
}

function united(targets: readonly Target[]): PlanNode {
  const [{ node }, ...others] = targets as [Target, ...Target[]]
  if (others.length === 0) return node
  const all = new PlanNode(node.type).include(node)
  for (const other of others) all.include(other.node)
  return all
}

/** What is known to all of them: for one that does not know a path, the object must be told with it. */
function knownOf(targets: readonly Target[]): ReadonlySet<string> {
  const [first = nothing, ...others] = targets.map((target) => ('known' in target && target.known) || nothing)
  return new Set([...first].filter((path) => others.every((known) => known.has(path))))
}

// ---- which places share a spec

/** What a place needs of the objects of a type. A traversal is a place too: of what must be told of the way. */
interface Claim {
  readonly place: object
  readonly type: string
  readonly paths: ReadonlySet<string>
}

/** Paths that exactly these places need of a type. */
interface Portion {
  readonly type: string
  readonly paths: Set<string>
  readonly places: ReadonlySet<object>
}

interface Spec {
  readonly propSet: Map<string, Portion>
  readonly places: Set<object>
  readonly objectSet: DataObject<'ObjectSpec'>[]
  names: number
}

function* claims(place: Place): Generator<Claim> {
  if (place.wanted) yield { place, type: place.type, paths: place.paths }
  for (const { traversal, to } of place.edges) {
    for (const [type, paths] of Object.entries(traversal.reports ?? {}))
      yield { place: traversal, type, paths: new Set(paths) }
    yield* claims(to)
  }
}

/** Containers are few and light: what one edge needs of them is asked of all, so that they never split a spec. */
const containers: readonly ManagedObjectType[] = ['Datacenter', 'Folder', 'ComputeResource', 'ResourcePool']
const isContainer = (type: string): boolean => containers.some((each) => isManagedSubtype(type, each))

function share(all: readonly Claim[]): Spec[] {
  const specs: Spec[] = []
  for (const portion of portions(all)) {
    let spec = specs.find(({ propSet }) => isContainer(portion.type) || !propSet.has(portion.type))
    if (!spec) {
      spec = { propSet: new Map(), places: new Set(), objectSet: [], names: 0 }
      specs.push(spec)
    }
    spec.propSet.set(portion.type, portion)
    for (const place of portion.places) spec.places.add(place)
  }
  return specs
}

function portions(all: readonly Claim[]): Portion[] {
  const found: Portion[] = []
  for (const type of new Set(all.map((claim) => claim.type))) {
    const ofType = all.filter((claim) => claim.type === type)
    if (isContainer(type)) {
      // An object may be told by its own type alone, or by its bases too: what is asked of a base is asked of it either way.
      const related = all.filter((claim) => isManagedSubtype(type, claim.type))
      const paths = new Set(related.flatMap((claim) => [...claim.paths]))
      found.push({ type, paths, places: new Set(ofType.map(({ place }) => place)) })
      continue
    }
    const whoNeeds = new Map<string, Set<object>>()
    for (const { place, paths } of ofType)
      for (const path of paths) whoNeeds.set(path, (whoNeeds.get(path) ?? new Set()).add(place))
    const own: Portion[] = []
    for (const [path, places] of whoNeeds) {
      const same = own.find(
        (each) => each.places.size === places.size && [...places].every((place) => each.places.has(place)),
      )
      if (same) same.paths.add(path)
      else own.push({ type, paths: new Set([path]), places })
    }
    // Asked for without a path, to know whether it is there.
    for (const { place, paths } of ofType)
      if (paths.size === 0) own.push({ type, paths: new Set(), places: new Set([place]) })
    found.push(...own)
  }
  return found
}

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

function expand(node: PlanNode, known = nothing, wanted = known.size === 0): Place {
  const merged = new Map<Traversal, PlanNode>()
  const counted = new Set<Traversal>()
  const add = (traversal: Traversal, to: PlanNode) => {
    const other = merged.get(traversal)
    merged.set(traversal, other ? new PlanNode(to.type).include(other).include(to) : to)
  }
  for (const [traversal, to] of node.edges) if (to.isNeeded || traversal.reports) add(traversal, to)
  for (const connection of node.connections) {
    const { traversal } = connection.collection
    if (!traversal || connection.mode === 'paged') continue
    add(traversal, connectionNode(connection))
    counted.add(traversal)
  }
  const paths = new Set(pathsAt(node))
  for (const path of known) paths.delete(path)
  const edges = [...merged].map(([traversal, to]) => ({
    traversal,
    to: expand(to, nothing, counted.has(traversal) || to.isNeeded),
  }))
  return { type: node.type, paths, edges, wanted: wanted || paths.size > 0 }
}

/** All that is asked of the objects at a node itself. */
export function pathsAt(node: PlanNode): ReadonlySet<string> {
  const paths = new Set(node.paths)
  for (const { collection, mode } of node.connections) {
    if (mode === 'paged') continue
    for (const path of collection.traversal?.reads ?? []) if (expressionAt(node.type, path)) paths.add(path)
  }
  return paths
}

/** What a connection needs of its objects in the mode that it is in. */
export function connectionNode({ mode, keys, items, readsAlong }: ConnectionPlan): PlanNode {
  const node = new PlanNode(items.type).include(keys)
  if (mode === 'whole') return node.include(items)
  // The keys of windows inside this one are read along with its own, so that a level costs no retrieval more.
  if (readsAlong) node.connections.push(...items.connections.filter((inner) => inner.mode === 'keys'))
  return node
}

// ---- selections

type SelectionSpec = DataObject<'SelectionSpec'>

const viewStep: Step = { type: 'ContainerView', path: 'view', arrives: true }

function objectSpecs(target: Target, tree: Place, spec: Spec): DataObject<'ObjectSpec'>[] {
  const reported = spec.places.has(tree)
  if ('view' in target) {
    const name = nextName(spec)
    return [
      {
        obj: target.view,
        skip: true,
        selectSet: [traversalSpec(name, viewStep, !reported, selections(tree, spec))],
      },
    ]
  }
  const selectSet = selections(tree, spec)
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

function selections(place: Place, spec: Spec): SelectionSpec[] {
  return place.edges.filter((edge) => isWalked(edge, spec)).flatMap((edge) => walk(edge, spec))
}

/** Whether anything that a spec asks for is at a place, or below it. */
const leadsTo = (place: Place, spec: Spec): boolean =>
  spec.places.has(place) || place.edges.some((edge) => isWalked(edge, spec))

const isWalked = ({ traversal, to }: Edge, spec: Spec): boolean =>
  spec.places.has(traversal) || leadsTo(to, spec)

/**
 * The TraversalSpecs of an edge: each step spelled out in the outermost list that has it, and named in all others.
 * A vCenter knows the names of the whole spec; vcsim learns them list by list, as far as there are objects to walk on to.
 */
function walk({ traversal, to }: Edge, spec: Spec): SelectionSpec[] {
  const names = new Map<string, string>()
  const reports = spec.places.has(traversal)
  let arrivals: readonly SelectionSpec[] | undefined
  const arrive = (): readonly SelectionSpec[] => {
    if (arrivals) return arrivals.map(({ name }) => ({ _typeName: 'SelectionSpec', name: name as string }))
    arrivals = selections(to, spec)
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
    const skip = !(reports || (step.arrives === true && spec.places.has(to)))
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
