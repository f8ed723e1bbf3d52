// The snapshot tree of a virtual machine, parsed once from its property `snapshot`. vSphere keeps names only there, not on the
// snapshot objects. snapshot.ts declares the GraphQL type.

import { snapshotVirtualMachine } from '../../../planner/edges.ts'
import type { ManagedObject } from '../../../planner/managed-object.ts'
import { PlanNode } from '../../../planner/plan-node.ts'
import type { DataObject, ManagedObjectReference, ManagedObjectType } from '../../../soap/vim-types.ts'
import { unescapeName } from '../../../vim25/inventory-path.ts'

/** A snapshot with its position in the tree of its virtual machine. */
export interface SnapshotNode {
  readonly vm: ManagedObject<'VirtualMachine'>
  readonly tree: DataObject<'VirtualMachineSnapshotTree'>
  readonly parent: SnapshotNode | undefined
  readonly children: readonly SnapshotNode[]
  /** The name with vSphere's escapes decoded. */
  readonly name: string
  readonly path: string
  readonly isCurrent: boolean
  /** The managed object, with the frozen configuration if that was retrieved. */
  readonly object: ManagedObject<'VirtualMachineSnapshot'>
}

interface ParsedTree {
  readonly info: DataObject<'VirtualMachineSnapshotInfo'>
  readonly all: readonly SnapshotNode[]
}

/**
 * By the virtual machine as one operation read it: operations that share a retrieval get the same `info`, but each has objects of
 * its own.
 */
const trees = new WeakMap<ManagedObject<'VirtualMachine'>, ParsedTree>()

/** Returns all snapshots of a virtual machine, depth first. Needs the path `snapshot`. */
export function snapshotsOf(vm: ManagedObject<'VirtualMachine'>): readonly SnapshotNode[] {
  const info = vm.read('snapshot')
  if (!info) return []
  const parsed = trees.get(vm)
  if (parsed?.info === info) return parsed.all
  const all = flatten(vm, info)
  trees.set(vm, { info, all })
  return all
}

/**
 * Creates the root plan node of a virtual machine or a snapshot. A snapshot also needs the snapshot tree of its virtual machine.
 */
export function ownerPlanNode(type: ManagedObjectType): PlanNode {
  const node = new PlanNode(type)
  if (type === 'VirtualMachineSnapshot') node.owner = node.follow(snapshotVirtualMachine).read('snapshot')
  return node
}

/** Returns the snapshot of a managed object whose plan node is from `ownerPlanNode`; undefined if the tree does not have it. */
export function snapshotOf(object: ManagedObject<'VirtualMachineSnapshot'>): SnapshotNode | undefined {
  const [vm] = snapshotVirtualMachine.follow(object)
  return vm && snapshotByRef(vm, object.ref)
}

/** Returns the snapshot of a reference; undefined if the tree does not have it. */
export const snapshotByRef = (
  vm: ManagedObject<'VirtualMachine'>,
  { value }: ManagedObjectReference,
): SnapshotNode | undefined => snapshotsOf(vm).find(({ tree }) => tree.snapshot.value === value)

/** Returns the snapshots without a parent. */
export const rootSnapshotsOf = (vm: ManagedObject<'VirtualMachine'>): readonly SnapshotNode[] =>
  snapshotsOf(vm).filter(({ parent }) => !parent)

/** Returns the snapshot that the current state of the virtual machine is based on; undefined without snapshots. */
export const currentSnapshotOf = (vm: ManagedObject<'VirtualMachine'>): SnapshotNode | undefined =>
  snapshotsOf(vm).find(({ isCurrent }) => isCurrent)

/** Yields a snapshot and its ancestors, nearest first. */
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
      // The path keeps vSphere's escapes, so that a slash in a name is not a separator.
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
