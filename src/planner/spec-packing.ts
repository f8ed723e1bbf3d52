// Which places share a spec. A PropertySpec belongs to a type within a spec, not to an edge; so each path of a type goes to
// the one spec of all the places that need it: no object is asked for what only its namesakes need, and none is asked for
// the same twice, however many ways lead to it.

import { type DataObject, isManagedSubtype, type ManagedObjectType } from '../soap/vim-types.ts'
import type { ExpandedNode } from './expanded-node.ts'

/** What a place needs of the objects of a type. A traversal is a place too: of what must be told of the way. */
interface Requirement {
  readonly node: object
  readonly type: string
  readonly paths: ReadonlySet<string>
}

/** Paths that exactly these places need of a type. */
interface PathGroup {
  readonly type: string
  readonly paths: Set<string>
  readonly nodes: ReadonlySet<object>
}

/** A PropertyFilterSpec in the making: what it asks of which type, and of which places. */
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

/** Containers are few and light: what one edge needs of them is asked of all, so that they never split a spec. */
const containers: readonly ManagedObjectType[] = ['Datacenter', 'Folder', 'ComputeResource', 'ResourcePool']
const isContainer = (type: string): boolean => containers.some((each) => isManagedSubtype(type, each))

/** As few specs as can be. */
export function packSpecs(requirements: readonly Requirement[]): Spec[] {
  const specs: Spec[] = []
  for (const group of pathGroups(requirements)) {
    let spec = specs.find((each) => isContainer(group.type) || hasRoomFor(group, each))
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
 * All PropertySpecs of a spec that name an object's type or one of its bases apply to it together. So a spec holds what is
 * asked of a subtype beside what is asked of its base only where both are asked at the same places.
 */
function hasRoomFor({ type, nodes }: PathGroup, { propSet }: Spec): boolean {
  return ![...propSet.values()].some(
    (other) =>
      other.type === type ||
      ((isManagedSubtype(type, other.type) || isManagedSubtype(other.type, type)) &&
        !isSame(nodes, other.nodes)),
  )
}

const isSame = (one: ReadonlySet<object>, other: ReadonlySet<object>): boolean =>
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
      for (const path of paths) nodesByPath.set(path, (nodesByPath.get(path) ?? new Set()).add(node))
    const typeGroups: PathGroup[] = []
    for (const [path, nodes] of nodesByPath) {
      const existing = typeGroups.find((each) => isSame(each.nodes, nodes))
      if (existing) existing.paths.add(path)
      else typeGroups.push({ type, paths: new Set([path]), nodes })
    }
    // Asked for without a path, to know whether it is there.
    for (const { node, paths } of sameType)
      if (paths.size === 0) typeGroups.push({ type, paths: new Set(), nodes: new Set([node]) })
    groups.push(...typeGroups)
  }
  return groups
}
