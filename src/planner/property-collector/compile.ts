// Compiles a plan into the PropertyFilterSpecs of one RetrievePropertiesEx call: the start objects and the
// traversals from them. expanded-node.ts builds the tree of nodes; spec-packing.ts decides which nodes share
// a spec.

import { isManagedSubtype } from '../../soap/type-registry.ts'
import type { DataObject, ManagedObjectReference } from '../../soap/vim-types.ts'
import type { PropertyFilterSpec } from '../../vim25/property-collector/retrieval-types.ts'
import { deviceTypesOf, isDevicePath } from '../device-path.ts'
import { PlanNode } from '../plan-node.ts'
import type { Step } from '../traversals.ts'
import { type ExpandedEdge, type ExpandedNode, expandConnections, noPaths } from './expanded-node.ts'
import { packSpecs, requirementsOf, type Spec } from './spec-packing.ts'

/** Where a retrieval starts: known objects, or a container view of all objects of the node's type. */
export type CompileTarget =
  | {
      readonly refs: readonly ManagedObjectReference[]
      readonly node: PlanNode
      /** Paths that are already known for these objects and are not requested again. */
      readonly known?: ReadonlySet<string> | undefined
    }
  | { readonly view: ManagedObjectReference; readonly node: PlanNode }

export interface CompiledRetrieval {
  readonly specSet: readonly PropertyFilterSpec[]
  /** The types of virtual devices to decode. */
  readonly deviceTypes: readonly string[]
  /** Returns the paths of the plan that are requested for objects of a type, across all specs. */
  readonly requestedPaths: (type: string) => ReadonlySet<string>
}

/** Compiles targets that are retrieved together in one call. */
export function compile(targets: readonly CompileTarget[]): CompiledRetrieval {
  const expandedTargets = mergeTargets(targets).map((target) => ({
    target,
    tree: expandConnections(target.node, 'known' in target ? target.known : undefined),
  }))
  const requirements = expandedTargets.flatMap(({ tree }) => [...requirementsOf(tree)])
  const devicePaths = new Set(requirements.flatMap(({ paths }) => [...paths].filter(isDevicePath)))
  const specs = packSpecs(requirements)
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
      // A view no longer exists when its session has ended. That must fail, not read as an empty inventory.
      reportMissingObjectsInResults: !objectSet.some(({ obj }) => isView(obj)),
    })),
    deviceTypes: deviceTypesOf(devicePaths),
    requestedPaths(type) {
      const known =
        requestedByType.get(type) ??
        new Set(
          specs
            .flatMap(({ propSet }) =>
              [...propSet].flatMap(([base, { paths }]) => (isManagedSubtype(type, base) ? [...paths] : [])),
            )
            .flatMap((path) => (isDevicePath(path) ? [...devicePaths] : [path])),
        )
      requestedByType.set(type, known)
      return known
    },
  }
}

const isView = ({ type }: ManagedObjectReference): boolean => isManagedSubtype(type, 'View')

/** Merges targets with the same start object, so that a retrieval lists each start object once. */
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

/** Returns the paths known to all targets: if one target does not know a path, the path must be requested. */
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
  // Names are valid in the whole spec: the first object defines the traversals, the others refer to them by
  // name.
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

/** Returns whether a spec has requirements at a node or below it. */
const reaches = (node: ExpandedNode, spec: Spec): boolean =>
  spec.nodes.has(node) || node.edges.some((edge) => isTraversed(edge, spec))

const isTraversed = ({ traversal, to }: ExpandedEdge, spec: Spec): boolean =>
  spec.nodes.has(traversal) || reaches(to, spec)

/**
 * Builds the TraversalSpecs of an edge. Each step is defined in the outermost list that contains it and
 * referred to by name everywhere else. A vCenter resolves names across the whole spec; vcsim registers them
 * list by list, and only as long as it finds objects to traverse to.
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
    const isCollected = collectsPath && step.isPassedThrough !== true
    const skip = !(isCollected || (step.isTarget === true && spec.nodes.has(to)))
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
