// A plan -> the PropertyFilterSpecs of one RetrievePropertiesEx: where it starts, and how it walks to the places of each
// spec. places.ts has the places, spec-packing.ts who of them share a spec.

import { type DataObject, isManagedSubtype, type ManagedObjectReference } from '../soap/vim-types.ts'
import type { PropertyFilterSpec } from '../vim25/property-collector/property-collector.ts'
import { type ExpandedEdge, type ExpandedNode, expandConnections, noPaths } from './expanded-node.ts'
import { PlanNode } from './plan-node.ts'
import { packSpecs, requirementsOf, type Spec } from './spec-packing.ts'
import type { Step } from './traversals.ts'

/** Where a retrieval starts: at known objects, or at a container view of all objects of the node's type. */
export type CompileTarget =
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
  readonly requestedPaths: (type: string) => ReadonlySet<string>
}

/** Compiles targets, which are retrieved together in one call. */
export function compile(targets: readonly CompileTarget[]): CompiledRetrieval {
  const expandedTargets = mergeTargets(targets).map((target) => ({
    target,
    tree: expandConnections(target.node, 'known' in target ? target.known : undefined),
  }))
  const specs = packSpecs(expandedTargets.flatMap(({ tree }) => [...requirementsOf(tree)]))
  for (const { target, tree } of expandedTargets) {
    for (const spec of specs) if (reaches(tree, spec)) spec.objectSet.push(...objectSpecs(target, tree, spec))
  }
  const requestedByType = new Map<string, ReadonlySet<string>>()
  return {
    specSet: specs.map(({ propSet, objectSet }) => ({
      propSet: [...propSet]
        .map(([type, { paths }]) => ({ type, pathSet: [...paths].sort() }))
        .sort((a, b) => (a.type < b.type ? -1 : 1)),
      objectSet,
      // A view that is gone must not read as an inventory that is empty: its session has ended.
      reportMissingObjectsInResults: !objectSet.some(({ obj }) => isView(obj)),
    })),
    requestedPaths(type) {
      const known =
        requestedByType.get(type) ??
        new Set(
          specs.flatMap(({ propSet }) =>
            [...propSet].flatMap(([base, { paths }]) => (isManagedSubtype(type, base) ? [...paths] : [])),
          ),
        )
      requestedByType.set(type, known)
      return known
    },
  }
}

const isView = ({ type }: ManagedObjectReference): boolean => isManagedSubtype(type, 'View')

/** Targets that start at the same are one; so no object stands twice among those that a retrieval starts at. */
function mergeTargets(targets: readonly CompileTarget[]): CompileTarget[] {
  const targetsByObject = new Map<
    string,
    { obj: ManagedObjectReference; isView: boolean; matchingTargets: CompileTarget[] }
  >()
  for (const target of targets) {
    for (const obj of 'view' in target ? [target.view] : target.refs) {
      const key = `${obj.type} ${obj.value}`
      const known = targetsByObject.get(key)
      if (known) known.matchingTargets.push(target)
      else targetsByObject.set(key, { obj, isView: 'view' in target, matchingTargets: [target] })
    }
  }
  const groups = new Map<string, CompileTarget & { refs?: ManagedObjectReference[] }>()
  for (const { obj, isView, matchingTargets } of targetsByObject.values()) {
    const distinct = [...new Set(matchingTargets)]
    const key = distinct.map((each) => targets.indexOf(each)).join()
    const group = groups.get(key)
    if (group?.refs) group.refs.push(obj)
    else if (isView) groups.set(key, { view: obj, node: mergedNode(distinct) })
    else groups.set(key, { refs: [obj], node: mergedNode(distinct), known: knownToAll(distinct) })
  }
  return [...groups.values()]
}

function mergedNode(targets: readonly CompileTarget[]): PlanNode {
  const [{ node }, ...otherTargets] = targets as [CompileTarget, ...CompileTarget[]]
  if (otherTargets.length === 0) return node
  const all = new PlanNode(node.type).include(node)
  for (const other of otherTargets) all.include(other.node)
  return all
}

/** What is known to all of them: for one that does not know a path, the object must be told with it. */
function knownToAll(targets: readonly CompileTarget[]): ReadonlySet<string> {
  const [first = noPaths, ...otherTargets] = targets.map(
    (target) => ('known' in target && target.known) || noPaths,
  )
  return new Set([...first].filter((path) => otherTargets.every((known) => known.has(path))))
}

// ---- selections

type SelectionSpec = DataObject<'SelectionSpec'>

const viewStep: Step = { type: 'ContainerView', path: 'view', isTarget: true }

function objectSpecs(target: CompileTarget, tree: ExpandedNode, spec: Spec): DataObject<'ObjectSpec'>[] {
  const isReported = spec.nodes.has(tree)
  if ('view' in target) {
    const name = nextName(spec)
    return [
      {
        obj: target.view,
        skip: true,
        selectSet: [traversalSpec(name, viewStep, !isReported, selections(tree, spec))],
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
    skip: !isReported,
    selectSet: index === 0 ? selectSet : named,
  }))
}

function selections(node: ExpandedNode, spec: Spec): SelectionSpec[] {
  return node.edges.filter((edge) => isTraversed(edge, spec)).flatMap((edge) => traversalSpecs(edge, spec))
}

/** Whether anything that a spec asks for is at a place, or below it. */
const reaches = (node: ExpandedNode, spec: Spec): boolean =>
  spec.nodes.has(node) || node.edges.some((edge) => isTraversed(edge, spec))

const isTraversed = ({ traversal, to }: ExpandedEdge, spec: Spec): boolean =>
  spec.nodes.has(traversal) || reaches(to, spec)

/**
 * The TraversalSpecs of an edge: each step spelled out in the outermost list that has it, and named in all others.
 * A vCenter knows the names of the whole spec; vcsim learns them list by list, as far as there are objects to walk on to.
 */
function traversalSpecs({ traversal, to }: ExpandedEdge, spec: Spec): SelectionSpec[] {
  const names = new Map<string, string>()
  const collectsPath = spec.nodes.has(traversal)
  let targetSpecs: readonly SelectionSpec[] | undefined
  const targetSelections = (): readonly SelectionSpec[] => {
    if (targetSpecs)
      return targetSpecs.map(({ name }) => ({ _typeName: 'SelectionSpec', name: name as string }))
    targetSpecs = selections(to, spec)
    return targetSpecs
  }
  const list = (keys: readonly string[]): SelectionSpec[] => {
    const newKeys = new Set(keys.filter((key) => !names.has(key)))
    for (const key of newKeys) names.set(key, nextName(spec))
    return keys.map((key) => {
      const name = names.get(key) as string
      return newKeys.has(key)
        ? definition(name, traversal.steps[key] as Step)
        : { _typeName: 'SelectionSpec', name }
    })
  }
  const definition = (name: string, step: Step): SelectionSpec => {
    const targetSpecs = step.isTarget ? targetSelections() : []
    const skip = !(collectsPath || (step.isTarget === true && spec.nodes.has(to)))
    return traversalSpec(name, step, skip, [...list(step.next ?? []), ...targetSpecs])
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
  spec.nameCount += 1
  return `s${spec.nameCount}`
}
