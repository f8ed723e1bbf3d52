// Whatever has an id, retrieved with what the selection needs: for node(id), and for what becomes known only while resolving.

import type { GraphQLResolveInfo } from 'graphql'
import { snapshotVirtualMachine } from '../../planner/edges.ts'
import type { InventoryReader } from '../../planner/inventory-reader.ts'
import { isOfType, type ManagedObject } from '../../planner/managed-object.ts'
import { PlanNode } from '../../planner/plan-node.ts'
import { planSelection } from '../../planner/selection.ts'
import type { ManagedObjectReference, ManagedObjectType } from '../../soap/vim-types.ts'
import type { TaskInfo } from '../../vim25/tasks/task-watcher.ts'
import type { NodeValue } from '../builder.ts'
import type { Context } from '../context.ts'
import { type Disk, devicePath, disksOf, frozenDisksOf } from '../virtual-machine/disk.ts'
import { type SnapshotNode, snapshotsOf } from '../virtual-machine/snapshot-tree.ts'
import { baseTypeOf, type DecodedId, typeNameOf } from './ids.ts'

/** The value of what an id names; undefined when vSphere does not know it (any more). */
export async function loadNode(
  decoded: DecodedId,
  context: Context,
  info: GraphQLResolveInfo,
  reader: InventoryReader = context.reader,
): Promise<NodeValue | undefined> {
  const [value] = await loadNodes([decoded], context, info, reader)
  if (value instanceof Error) throw value
  return value
}

/**
 * The same for several, in their order: what is of one type has one plan, and all are retrieved together. One that cannot
 * be read is an error in its place.
 */
export async function loadNodes(
  ids: readonly DecodedId[],
  context: Context,
  info: GraphQLResolveInfo,
  reader: InventoryReader = context.reader,
): Promise<(NodeValue | Error | undefined)[]> {
  const idsByKind = new Map<string, DecodedId[]>()
  for (const each of ids) {
    const kind = `${typeNameOf(each)} ${baseTypeOf(each.ref)}`
    idsByKind.set(kind, [...(idsByKind.get(kind) ?? []), each])
  }
  const values = new Map<DecodedId, NodeValue | Error | undefined>()
  await Promise.all(
    [...idsByKind.values()].map(async (idsOfKind) => {
      const loaded = await loadIdsOfKind(idsOfKind, context, info, reader)
      for (const [index, each] of idsOfKind.entries()) values.set(each, loaded[index])
    }),
  )
  return ids.map((each) => values.get(each))
}

async function loadIdsOfKind(
  idsOfKind: readonly DecodedId[],
  context: Context,
  info: GraphQLResolveInfo,
  reader: InventoryReader,
): Promise<(NodeValue | Error | undefined)[]> {
  const firstId = idsOfKind[0] as DecodedId
  const { ref, diskKey } = firstId
  if (ref.type === 'ServiceInstance') return idsOfKind.map(() => context.vcenter)
  if (ref.type === 'Task') return Promise.all(idsOfKind.map((each) => loadTask(each.ref, reader)))
  const node = nodeFor(ref)
  if (diskKey !== undefined) node.read(devicePath)
  planSelection(info, typeNameOf(firstId) as string, node, context)
  const refs = new Map(idsOfKind.map((each) => [each.ref.value, each.ref]))
  const objects = await reader.objects([...refs.values()], node)
  const objectsByMoid = new Map(objects.map((object) => [object?.ref.value, object]))
  return idsOfKind.map((each) => {
    try {
      return nodeValueOf(objectsByMoid.get(each.ref.value), each)
    } catch (error) {
      return error as Error
    }
  })
}

/** The disk that an id names, with what else is planned of its owner. */
export async function loadDisk(
  decoded: DecodedId,
  reader: InventoryReader,
  plan: (node: PlanNode) => void,
): Promise<Disk | undefined> {
  const node = nodeFor(decoded.ref).read(devicePath)
  plan(node)
  return nodeValueOf(await reader.object(decoded.ref, node), decoded) as Disk | undefined
}

/** A task as it is now. */
export async function loadTask(
  ref: ManagedObjectReference,
  reader: InventoryReader,
): Promise<TaskInfo | undefined> {
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
function nodeValueOf(object: ManagedObject | undefined, { diskKey }: DecodedId): NodeValue | undefined {
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

function snapshotOf(object: ManagedObject<'VirtualMachineSnapshot'>): SnapshotNode | undefined {
  const [vm] = snapshotVirtualMachine.follow(object)
  return vm && snapshotsOf(vm).find(({ tree }) => tree.snapshot.value === object.ref.value)
}
