// Loads any type that has an id, with the properties that the selection needs: for node(id), and for references that are known only
// while resolving.

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

/** Loads the target of an id; undefined if it does not exist (any more). */
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
 * Loads the targets of several ids, in the order of the ids. Targets of one type share one plan, and all are retrieved together.
 *
 * @returns for each id its value, undefined if it does not exist, or an error if it cannot be read
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

/**
 * Loads the disk of an id.
 *
 * @param plan - adds further requirements to the plan of the disk's owner
 */
export async function loadDisk(
  decoded: DecodedId,
  reader: InventoryReader,
  plan: (node: PlanNode) => void,
): Promise<Disk | undefined> {
  const node = nodeFor(decoded.ref).read(devicePath)
  plan(node)
  return nodeValueOf(await reader.object(decoded.ref, node), decoded) as Disk | undefined
}

/** Loads the current state of a task; undefined if vCenter no longer has it. */
export async function loadTask(
  ref: ManagedObjectReference,
  reader: InventoryReader,
): Promise<TaskInfo | undefined> {
  const task = await reader.object(ref, new PlanNode('Task', 'info'))
  return task?.read('info')
}

/** Creates the root plan node of an object. A snapshot also needs the snapshot tree of its virtual machine. */
function nodeFor(ref: ManagedObjectReference): PlanNode {
  const node = new PlanNode(baseTypeOf(ref) as ManagedObjectType)
  if (ref.type === 'VirtualMachineSnapshot') node.owner = node.follow(snapshotVirtualMachine).read('snapshot')
  return node
}

/** Returns the target of an id from its loaded managed object. */
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
