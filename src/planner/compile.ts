// A plan -> the PropertyFilterSpecs of one RetrievePropertiesEx: where it starts, and how it walks to the places of each
// spec. places.ts has the places, spec-packing.ts who of them share a spec.

import { type DataObject, isManagedSubtype, type ManagedObjectReference } from '../soap/vim-types.ts'
import type { PropertyFilterSpec } from '../vim25/property-collector/property-collector.ts'
import { type Edge, expand, nothing, type Place } from './expanded-node.ts'
import { PlanNode } from './plan-node.ts'
import { claims, type Spec, share } from './spec-packing.ts'
import type { Step } from './traversals.ts'

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
