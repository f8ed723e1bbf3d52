// A virtual machine's snapshot tree, read once from its `snapshot` property: vSphere keeps names only there, not on the
// snapshot objects. snapshot.ts has the GraphQL type.

import type { ManagedObject } from '../../planner/managed-object.ts'
import type { DataObject } from '../../soap/vim-types.ts'
import { unescapeName } from '../../vim25/inventory-path.ts'

/** A snapshot with its place in the tree of its virtual machine. */
export interface SnapshotNode {
  readonly vm: ManagedObject<'VirtualMachine'>
  readonly tree: DataObject<'VirtualMachineSnapshotTree'>
  readonly parent: SnapshotNode | undefined
  readonly children: readonly SnapshotNode[]
  /** As a person reads it. */
  readonly name: string
  readonly path: string
  readonly isCurrent: boolean
  /** The managed object, with its frozen configuration if that was asked for. */
  readonly object: ManagedObject<'VirtualMachineSnapshot'>
}

const trees = new WeakMap<object, readonly SnapshotNode[]>()

/** All snapshots of a virtual machine, depth first; empty when it has none. Needs the path `snapshot`. */
export function snapshotsOf(vm: ManagedObject<'VirtualMachine'>): readonly SnapshotNode[] {
  const info = vm.read('snapshot')
  if (!info) return []
  let all = trees.get(info)
  if (!all) {
    all = flatten(vm, info)
    trees.set(info, all)
  }
  return all
}

/** The snapshots without a parent. */
export const rootSnapshotsOf = (vm: ManagedObject<'VirtualMachine'>): readonly SnapshotNode[] =>
  snapshotsOf(vm).filter(({ parent }) => !parent)

/** The snapshot that the virtual machine runs on from. */
export const currentSnapshotOf = (vm: ManagedObject<'VirtualMachine'>): SnapshotNode | undefined =>
  snapshotsOf(vm).find(({ isCurrent }) => isCurrent)

/** The snapshot and those above it, nearest first. */
export function* lineageOf(snapshot: SnapshotNode | undefined): Generator<SnapshotNode> {
  for (let each = snapshot; each; each = each.parent) yield each
}

function flatten(
  vm: ManagedObject<'VirtualMachine'>,
  info: DataObject<'VirtualMachineSnapshotInfo'>,
): SnapshotNode[] {
  const all: SnapshotNode[] = []
  const add = (
    tree: DataObject<'VirtualMachineSnapshotTree'>,
    parent: SnapshotNode | undefined,
  ): SnapshotNode => {
    const children: SnapshotNode[] = []
    const snapshot: SnapshotNode = {
      vm,
      tree,
      parent,
      children,
      name: unescapeName(tree.name),
      // vSphere's escapes stay, so that a name with a slash cannot be taken for two.
      path: parent ? `${parent.path}/${tree.name}` : tree.name,
      isCurrent: info.currentSnapshot?.value === tree.snapshot.value,
      object: vm.objectCache.get<'VirtualMachineSnapshot'>(tree.snapshot),
    }
    all.push(snapshot)
    for (const child of tree.childSnapshotList ?? []) children.push(add(child, snapshot))
    return snapshot
  }
  for (const root of info.rootSnapshotList ?? []) add(root, undefined)
  return all
}
