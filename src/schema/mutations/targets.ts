// Looks up the object that a mutation changes, before any call is sent. A missing object is an error.

import { snapshotVirtualMachine } from '../../planner/edges.ts'
import type { ManagedObject } from '../../planner/managed-object.ts'
import { PlanNode } from '../../planner/plan-node.ts'
import type { ManagedObjectReference } from '../../soap/vim-types.ts'
import { type Context, inVCenter, type VCenterContext } from '../context.ts'
import { entityTypes } from '../core/entity-type.ts'
import type { LookupInput } from '../core/lookup.ts'
import { displayName } from '../core/names.ts'
import { decodeIdAfterLogin } from '../core/nodes/ids.ts'
import { ApiError, notFoundError } from '../errors/api-error.ts'
import { virtualMachines } from '../virtual-machine/virtual-machine-connection.ts'

/** The object that a mutation changes, and the context for changes to its vCenter. */
interface Target {
  readonly ref: ManagedObjectReference
  readonly context: VCenterContext
}

/** The options of the `virtualMachine` field of inputs. */
export const virtualMachineArgOptions = {
  type: virtualMachines.lookup.Input,
  required: true,
  description: 'The virtual machine.',
} as const

/** The options of the `snapshot` field of inputs. */
export const snapshotArgOptions = { required: true, description: 'Global id of the snapshot.' } as const

/**
 * Returns the virtual machine that a lookup matches.
 * @throws ApiError NOT_FOUND, AMBIGUOUS
 */
export async function requireVirtualMachine(by: LookupInput, context: Context): Promise<Target> {
  const found = await virtualMachines.lookup.find(by, context)
  if (found) {
    const { ref, vcenter } = found
    context.mutation?.setSubject({ ref, name: by.name })
    return { ref, context: inVCenter(context, vcenter) }
  }
  throw virtualMachineNotFoundError(by)
}

export const virtualMachineNotFoundError = (by: LookupInput): ApiError =>
  new ApiError('NOT_FOUND', `no virtual machine matches ${JSON.stringify(by)}`, {
    remedy:
      'Names and paths must match exactly, including case, and the account must have the privilege to read the virtual machine. virtualMachines(filter: { name: { contains: "part" } }) lists similar names.',
  })

/** Decodes a global id of an object of the inventory. Does not check whether the object still exists. */
export async function requireEntity(id: string, context: Context): Promise<Target> {
  const { ref, vcenter } = await decodeIdAfterLogin(context, id, entityTypes)
  context.mutation?.setSubject({ ref, name: undefined })
  return { ref, context: inVCenter(context, vcenter) }
}

/** Decodes a global id of that type. Does not check whether the object still exists. */
export async function requireId(
  id: string,
  typeName: 'Snapshot' | 'Task',
  context: Context,
): Promise<Target> {
  const { ref, vcenter } = await decodeIdAfterLogin(context, id, [typeName])
  return { ref, context: inVCenter(context, vcenter) }
}

/**
 * Reads the virtual machine of a snapshot, as it is before the change.
 * @param plan adds the paths to read
 * @throws ApiError NOT_FOUND
 */
export async function virtualMachineOf(
  snapshot: ManagedObjectReference,
  context: VCenterContext,
  plan: (node: PlanNode) => void = () => {},
): Promise<ManagedObject<'VirtualMachine'>> {
  const node = new PlanNode('VirtualMachineSnapshot')
  const vmNode = node.follow(snapshotVirtualMachine)
  vmNode.read('name')
  plan(vmNode)
  // Not the request's own reader: an earlier mutation of the operation may have changed what it has cached.
  const object = await context.vcenter.freshReader().object(snapshot, node)
  const [vm] = object ? snapshotVirtualMachine.follow(object) : []
  if (vm) {
    context.mutation?.setSubject({ ref: vm.ref, name: displayName(vm) })
    return vm
  }
  throw notFoundError(`Snapshot ${snapshot.value}`)
}
