// Packs plan nodes into the fewest PropertyFilterSpecs. A PropertySpec applies to a type within a spec, not
// to an edge, so each path of a type goes into the one spec of all nodes that need it. Objects that only
// share a type are not over-fetched, and no object is read twice for the same path, however many edges lead
// to it.

import { isManagedSubtype } from '../../soap/type-registry.ts'
import type { DataObject, ManagedObjectType } from '../../soap/vim-types.ts'
import { propertyOf } from '../device-path.ts'
import type { ExpandedNode } from './expanded-node.ts'

/** Paths of a type that a node needs. A traversal counts as a node, for the paths collected along it. */
interface Requirement {
  readonly node: object
  readonly type: string
  readonly paths: ReadonlySet<string>
}

/** Paths of a type that are needed by exactly these nodes. */
interface PathGroup {
  readonly type: string
  readonly paths: Set<string>
  readonly nodes: ReadonlySet<object>
}

/** A PropertyFilterSpec under construction: the paths by type, and the nodes it serves. */
export interface Spec {
  readonly propSet: Map<string, PathGroup>
  readonly nodes: Set<object>
  readonly objectSet: DataObject<'ObjectSpec'>[]
  nameCount: number
}

export function* requirementsOf(node: ExpandedNode): Generator<Requirement> {
  if (node.isRequired) yield { node, type: node.type, paths: node.paths }
  for (const [type, paths] of node.subtypePaths) yield { node, type, paths }
  for (const { traversal, to } of node.edges) {
    for (const [type, paths] of Object.entries(traversal.collectsOnPath ?? {}))
      yield { node: traversal, type, paths: new Set(paths) }
    yield* requirementsOf(to)
  }
}

/** Containers are few and small, so a path that one edge needs is read from all of them and never splits a spec. */
const containers: readonly ManagedObjectType[] = ['Datacenter', 'Folder', 'ComputeResource', 'ResourcePool']
const isContainer = (type: string): boolean => containers.some((each) => isManagedSubtype(type, each))

/** Packs the requirements into as few specs as possible. */
export function packSpecs(requirements: readonly Requirement[]): Spec[] {
  const specs: Spec[] = []
  for (const group of pathGroups(requirements)) {
    let spec = specs.find((each) => isContainer(group.type) || isCompatible(group, each))
    if (!spec) {
      spec = { propSet: new Map(), nodes: new Set(), objectSet: [], nameCount: 0 }
      specs.push(spec)
    }
    spec.propSet.set(group.type, group)
    for (const node of group.nodes) spec.nodes.add(node)
  }
  return specs
}

/**
 * All PropertySpecs of a spec that name an object's type or one of its base types apply to it together. So a
 * spec holds paths of a subtype beside paths of its base type only if the same nodes need both.
 */
function isCompatible({ type, nodes }: PathGroup, { propSet }: Spec): boolean {
  return ![...propSet.values()].some(
    (other) =>
      other.type === type ||
      ((isManagedSubtype(type, other.type) || isManagedSubtype(other.type, type)) &&
        !isSameSet(nodes, other.nodes)),
  )
}

const isSameSet = (one: ReadonlySet<object>, other: ReadonlySet<object>): boolean =>
  one.size === other.size && [...one].every((each) => other.has(each))

function pathGroups(requirements: readonly Requirement[]): PathGroup[] {
  const groups: PathGroup[] = []
  for (const type of new Set(requirements.map((requirement) => requirement.type))) {
    const sameType = requirements.filter((requirement) => requirement.type === type)
    if (isContainer(type)) {
      const paths = new Set(sameType.flatMap((requirement) => [...requirement.paths]))
      groups.push({ type, paths, nodes: new Set(sameType.map(({ node }) => node)) })
      continue
    }
    const nodesByPath = new Map<string, Set<object>>()
    for (const { node, paths } of sameType)
      for (const path of new Set([...paths].map(propertyOf)))
        nodesByPath.set(path, (nodesByPath.get(path) ?? new Set()).add(node))
    const typeGroups: PathGroup[] = []
    for (const [path, nodes] of nodesByPath) {
      const existing = typeGroups.find((each) => isSameSet(each.nodes, nodes))
      if (existing) existing.paths.add(path)
      else typeGroups.push({ type, paths: new Set([path]), nodes })
    }
    // Requested without a path, to learn whether the object exists.
    for (const { node, paths } of sameType)
      if (paths.size === 0) typeGroups.push({ type, paths: new Set(), nodes: new Set([node]) })
    groups.push(...typeGroups)
  }
  return groups
}
