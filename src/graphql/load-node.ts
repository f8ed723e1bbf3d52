// Whatever has an id, retrieved with what the selection needs: for node(id), and for what becomes known only while resolving.

import type { GraphQLResolveInfo } from 'graphql'
import { isOfType, type ManagedObject } from '../plan/managed-object.ts'
import { PlanNode } from '../plan/plan-node.ts'
import type { Reader } from '../plan/reader.ts'
import { planSelection } from '../plan/selection.ts'
import { snapshotVirtualMachine } from '../plan/traversals.ts'
import type { ManagedObjectReference, ManagedObjectType } from '../soap/vim-types.ts'
import type { TaskInfo } from '../vim25/task-watcher.ts'
import type { NodeValue } from './builder.ts'
import type { Context } from './context.ts'
import { devicePath, disksOf, frozenDisksOf } from './disk.ts'
import { type Identified, typeNameOf } from './ids.ts'
import { type SnapshotOnVm, snapshotsOf } from './snapshot-tree.ts'

/** The value of what an id names; undefined when vSphere does not know it (any more). */
export async function loadNode(
  identified: Identified,
  context: Context,
  info: GraphQLResolveInfo,
  reader: Reader = context.reader,
): Promise<NodeValue | undefined> {
  const { ref, diskKey } = identified
  if (ref.type === 'ServiceInstance') return context.vcenter
  if (ref.type === 'Task') return loadTask(ref, reader)
  const node = nodeFor(ref)
  if (diskKey !== undefined) node.read(devicePath)
  planSelection(info, typeNameOf(identified) as string, node, context)
  const object = await reader.object(ref, node)
  if (!object) return undefined
  const snapshot = isOfType(object, 'VirtualMachineSnapshot') ? snapshotOf(object) : undefined
  if (diskKey === undefined) return ref.type === 'VirtualMachineSnapshot' ? snapshot : object
  const disks = isOfType(object, 'VirtualMachine') ? disksOf(object) : snapshot && frozenDisksOf(snapshot)
  return disks?.find(({ device }) => device.key === diskKey)
}

/** A task as it is now. */
export async function loadTask(ref: ManagedObjectReference, reader: Reader): Promise<TaskInfo | undefined> {
  const task = await reader.object(ref, new PlanNode('Task', 'info'))
  return task?.read('info')
}

/** The place where the plan of an object begins. A snapshot is told by the tree of its virtual machine. */
function nodeFor(ref: ManagedObjectReference): PlanNode {
  const node = new PlanNode(ref.type as ManagedObjectType)
  if (ref.type === 'VirtualMachineSnapshot') node.owner = node.follow(snapshotVirtualMachine).read('snapshot')
  return node
}

function snapshotOf(object: ManagedObject<'VirtualMachineSnapshot'>): SnapshotOnVm | undefined {
  const [vm] = snapshotVirtualMachine.follow(object)
  return vm && snapshotsOf(vm).find(({ tree }) => tree.snapshot.value === object.ref.value)
}
