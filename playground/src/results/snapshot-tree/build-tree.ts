// Builds the tree of a list of snapshots from what the response has: nested children, ids of parents, or paths.

/** A snapshot as the response has it. Undefined is what is not selected, null what is not known. */
export interface SnapshotItem {
  readonly id?: string | undefined
  readonly name: string
  readonly path?: string | undefined
  /** The id of its parent; null at the root of the tree. */
  readonly parentId?: string | null | undefined
  readonly children?: readonly SnapshotItem[] | undefined
  readonly ageSeconds?: number | undefined
  readonly createdAt?: string | undefined
  readonly createdBy?: string | null | undefined
  readonly size?: number | null | undefined
  readonly isCurrent?: boolean | undefined
  readonly depth?: number | undefined
  readonly description?: string | null | undefined
  readonly powerState?: string | null | undefined
  readonly quiesced?: boolean | null | undefined
}

export interface SnapshotNode {
  readonly item: SnapshotItem
  readonly children: readonly SnapshotNode[]
}

export interface SnapshotTree {
  readonly roots: readonly SnapshotNode[]
  /** Number of roots that have a parent which the list does not have, such as one that the filter excludes. */
  readonly detached: number
}

/** Returns the tree, or undefined if the response does not say which snapshot is based on which. */
export function buildTree(items: readonly SnapshotItem[]): SnapshotTree | undefined {
  if (items.some(({ children }) => children !== undefined)) return byChildren(items)
  if (items.every(({ id, parentId }) => id !== undefined && parentId !== undefined))
    return byParent(
      items,
      ({ id }) => id!,
      ({ parentId }) => parentId ?? undefined,
    )
  const paths = items.map(({ path }) => path)
  // Siblings can have the same name, and then the same path: which one has children is not known.
  if (!paths.includes(undefined) && new Set(paths).size === paths.length)
    return byParent(
      items,
      ({ path }) => path!,
      ({ path }) => parentPath(path!),
    )
  return undefined
}

const parentPath = (path: string): string | undefined => {
  const end = path.lastIndexOf('/')
  return end === -1 ? undefined : path.slice(0, end)
}

function byParent(
  items: readonly SnapshotItem[],
  keyOf: (item: SnapshotItem) => string,
  parentOf: (item: SnapshotItem) => string | undefined,
): SnapshotTree {
  const keys = new Set(items.map(keyOf))
  const childrenOf = new Map<string, SnapshotItem[]>()
  for (const item of items) {
    const parent = parentOf(item)
    if (parent !== undefined) childrenOf.set(parent, [...(childrenOf.get(parent) ?? []), item])
  }
  const hasParent = (item: SnapshotItem) => {
    const parent = parentOf(item)
    return parent !== undefined && keys.has(parent) && parent !== keyOf(item)
  }
  const visited = new Set<SnapshotItem>()
  const build = (item: SnapshotItem): SnapshotNode => {
    visited.add(item)
    const children = (childrenOf.get(keyOf(item)) ?? []).filter((each) => !visited.has(each))
    return { item, children: children.map(build) }
  }
  const tops = items.filter((item) => !hasParent(item))
  const roots = tops.map(build)
  // Parents that form a cycle, which no vCenter reports, are below no root.
  for (const item of items) if (!visited.has(item)) roots.push(build(item))
  return { roots, detached: tops.filter((item) => parentOf(item) !== undefined).length }
}

/** A list of all snapshots with their children has most of them twice: those are shown only below their parents. */
function byChildren(items: readonly SnapshotItem[]): SnapshotTree {
  const below = new Set<string>()
  const visit = ({ children = [] }: SnapshotItem) => {
    for (const child of children) {
      const key = keyOf(child)
      if (key !== undefined) below.add(key)
      visit(child)
    }
  }
  for (const item of items) visit(item)
  // The occurrence with the most levels below it is shown: the selection may be deeper at the root than below it.
  const deepest = new Map<string, SnapshotItem>()
  const collect = (item: SnapshotItem) => {
    const key = keyOf(item)
    const known = key === undefined ? undefined : deepest.get(key)
    if (key !== undefined && (!known || levelsOf(item) > levelsOf(known))) deepest.set(key, item)
    item.children?.forEach(collect)
  }
  items.forEach(collect)
  // `above` keeps a response in which a snapshot is below itself from building forever.
  const build = (item: SnapshotItem, above: ReadonlySet<SnapshotItem>): SnapshotNode => {
    const best = deepest.get(keyOf(item) ?? '') ?? item
    const children = above.has(best) ? [] : (best.children ?? [])
    return { item: best, children: children.map((child) => build(child, new Set([...above, best]))) }
  }
  const roots = items.filter((item) => !below.has(keyOf(item) ?? ''))
  return {
    roots: roots.map((root) => build(root, new Set())),
    detached: roots.filter(({ parentId }) => typeof parentId === 'string').length,
  }
}

const keyOf = ({ id, path }: SnapshotItem): string | undefined => id ?? path

const levelsOf = ({ children }: SnapshotItem): number =>
  children === undefined ? 0 : 1 + Math.max(0, ...children.map(levelsOf))

/** Returns the snapshots of a tree, parents first, with their level from 1; without those below a collapsed one. */
export const flatten = (
  nodes: readonly SnapshotNode[],
  isCollapsed: (node: SnapshotNode) => boolean = () => false,
  level = 1,
): { node: SnapshotNode; level: number }[] =>
  nodes.flatMap((node) => [
    { node, level },
    ...(isCollapsed(node) ? [] : flatten(node.children, isCollapsed, level + 1)),
  ])
