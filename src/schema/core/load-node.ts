// Whatever has an id, retrieved with what the selection needs: for node(id), and for what becomes known only while resolving.

import type { GraphQLResolveInfo } from 'graphql'
import { snapshotVirtualMachine } from '../../planner/edges.ts'
import { isOfType, type ManagedObject } from '../../planner/managed-object.ts'
import { PlanNode } from '../../planner/plan-node.ts'
import type { Reader } from '../../planner/inventory-reader.ts'
import { planSelection } from '../../planner/selection.ts'
import type { ManagedObjectReference, ManagedObjectType } from '../../soap/vim-types.ts'
import type { TaskInfo } from '../../vim25/tasks/task-watcher.ts'
import type { NodeValue } from '../builder.ts'
import type { Context } from '../context.ts'
import { type Disk, devicePath, disksOf, frozenDisksOf } from '../virtual-machine/disk.ts'
import { baseTypeOf, type Identified, typeNameOf } from './ids.ts'
import { type SnapshotOnVm, snapshotsOf } from '../virtual-machine/snapshot-tree.ts'

/** The value of what an id names; undefined when vSphere does not know it (any more). */
export async function loadNode(
  identified: Identified,
  context: Context,
  info: GraphQLResolveInfo,
  reader: Reader = context.reader,
): Promise<NodeValue | undefined> {
  const [value] = await loadNodes([identified], context, info, reader)
  if (value instanceof Error) throw value
  return value
}

/**
 * The same for several, in their order: what is of one type has one plan, and all are retrieved together. One that cannot
 * be read is an error in its place.
 */
export async function loadNodes(
  all: readonly Identified[],
  context: Context,
  info: GraphQLResolveInfo,
  reader: Reader = context.reader,
): Promise<(NodeValue | Error | undefined)[]> {
  const kinds = new Map<string, Identified[]>()
  for (const each of all) {
    const kind = `${typeNameOf(each)} ${baseTypeOf(each.ref)}`
    kinds.set(kind, [...(kinds.get(kind) ?? []), each])
  }
  const values = new Map<Identified, NodeValue | Error | undefined>()
  await Promise.all(
    [...kinds.values()].map(async (alike) => {
      const loaded = await loadAlike(alike, context, info, reader)
      for (const [index, each] of alike.entries()) values.set(each, loaded[index])
    }),
  )
  return all.map((each) => values.get(each))
}

async function loadAlike(
  alike: readonly Identified[],
  context: Context,
  info: GraphQLResolveInfo,
  reader: Reader,
): Promise<(NodeValue | Error | undefined)[]> {
  const first = alike[0] as Identified
  const { ref, diskKey } = first
  if (ref.type === 'ServiceInstance') return alike.map(() => context.vcenter)
  if (ref.type === 'Task') return Promise.all(alike.map((each) => loadTask(each.ref, reader)))
  const node = nodeFor(ref)
  if (diskKey !== undefined) node.read(devicePath)
  planSelection(info, typeNameOf(first) as string, node, context)
  const refs = new Map(alike.map((each) => [each.ref.value, each.ref]))
  const objects = await reader.objects([...refs.values()], node)
  const found = new Map(objects.map((object) => [object?.ref.value, object]))
  return alike.map((each) => {
    try {
      return nodeValueOf(found.get(each.ref.value), each)
    } catch (error) {
      return error as Error
    }
  })
}

/** The disk that an id names, with what else is planned of its owner. */
export async function loadDisk(
  identified: Identified,
  reader: Reader,
  plan: (node: PlanNode) => void,
): Promise<Disk | undefined> {
  const node = nodeFor(identified.ref).read(devicePath)
  plan(node)
  return nodeValueOf(await reader.object(identified.ref, node), identified) as Disk | undefined
}

/** A task as it is now. */
export async function loadTask(ref: ManagedObjectReference, reader: Reader): Promise<TaskInfo | undefined> {
  const task = await reader.object(ref, new PlanNode('Task', 'info'))
  return task?.read('info')
}

/** The place where the plan of an object begins. A snapshot is told by the tree of its virtual machine. */
function nodeFor(ref: ManagedObjectReference): PlanNode {
  const node = new PlanNode(baseTypeOf(ref) as ManagedObjectType)
  if (ref.type === 'VirtualMachineSnapshot') node.owner = node.follow(snapshotVirtualMachine).read('snapshot')
  return node
}

/** What an id names, once the managed object behind it is there. */
function nodeValueOf(object: ManagedObject | undefined, { diskKey }: Identified): NodeValue | undefined {
  if (!object) return undefined
  if (isOfType(object, 'VirtualMachineSnapshot')) {
    const snapshot = snapshotOf(object)
    if (diskKey === undefined || !snapshot) return snapshot
    return frozenDisksOf(snapshot)?.find(({ device }) => device.key === diskKey)
  }
  if (diskKey === undefined) return object
  return isOfType(object, 'VirtualMachine')
    ? disksOf(object)?.find(({ device }) => device.key === diskKey)
    : undefined
}

function snapshotOf(object: ManagedObject<'VirtualMachineSnapshot'>): SnapshotOnVm | undefined {
  const [vm] = snapshotVirtualMachine.follow(object)
  return vm && snapshotsOf(vm).find(({ tree }) => tree.snapshot.value === object.ref.value)
}
