// Checks the effect of each kind of change in the inventory. A check identifies the task of a call whose response was lost, and
// describes the current state if the vCenter no longer has the task.

import type { ManagedObject } from '../../planner/managed-object.ts'
import { PlanNode } from '../../planner/plan-node.ts'
import { isReference } from '../../soap/codec.ts'
import { isInstance } from '../../soap/type-registry.ts'
import type { ManagedObjectReference } from '../../soap/vim-types.ts'
import { unescapeName } from '../../vim25/inventory-path.ts'
import type { VCenterContext } from '../context.ts'
import { notFoundError } from '../errors/api-error.ts'
import {
  enabledPaths,
  isEnabled,
  isTrackingSetTo,
} from '../virtual-machine/change-tracking/tracking-state.ts'
import {
  currentSnapshotOf,
  type SnapshotNode,
  snapshotByRef,
  snapshotsOf,
} from '../virtual-machine/snapshots/snapshot-tree.ts'
import type { EffectCheck, Observation } from './recover-task.ts'

/** CreateSnapshot_Task: applied if the snapshot that the task returned has the requested name. */
export const verifyCreate = (
  vm: ManagedObjectReference,
  name: string,
  context: VCenterContext,
): EffectCheck => ({
  observe: async ({ task }) => {
    const snapshots = snapshotsOf(await loadVirtualMachine(vm, context, 'snapshot'))
    const withName = snapshots.filter(({ tree }) => isSameName(tree.name, name))
    const description = `${vm.value} has ${withName.length > 0 ? moidList(withName) : 'no snapshot'} named ${JSON.stringify(unescapeName(name))}`
    const result = task?.result
    const created = snapshots.find(({ tree }) => isReference(result) && tree.snapshot.value === result.value)
    return { description, applied: created && withName.includes(created) }
  },
})

/** RemoveSnapshot_Task: applied if the given snapshots, one or a whole subtree, no longer exist. */
export const verifyRemove = (
  vm: ManagedObjectReference,
  snapshots: readonly ManagedObjectReference[],
  context: VCenterContext,
): EffectCheck => ({
  entity: vm,
  observe: async () => {
    const targets = new Set(snapshots.map(({ value }) => value))
    const current = snapshotsOf(await loadVirtualMachine(vm, context, 'snapshot'))
    const remaining = current.filter(({ tree }) => targets.has(tree.snapshot.value))
    const description =
      remaining.length > 0
        ? `${moidList(remaining)} still exists`
        : `${[...targets].join(', ')} no longer exists`
    return { applied: remaining.length === 0, description }
  },
})

/** RemoveAllSnapshots_Task: applied if any task of this method has succeeded. */
export const verifyRemoveAll = (vm: ManagedObjectReference, context: VCenterContext): EffectCheck => ({
  anyTaskSatisfies: true,
  observe: async ({ task }) => {
    const remaining = snapshotsOf(await loadVirtualMachine(vm, context, 'snapshot'))
    return { applied: task && true, description: `${vm.value} has ${remaining.length} snapshot(s)` }
  },
})

/**
 * RevertToSnapshot_Task: applied if a task has succeeded and the snapshot is the current one. Without a task, a current snapshot
 * proves nothing, because it may have been current before. A snapshot that is not current does not prove the opposite, because
 * another one may have been created since.
 */
export const verifyRevert = (
  snapshot: ManagedObjectReference,
  vm: ManagedObjectReference,
  context: VCenterContext,
): EffectCheck => ({
  entity: vm,
  observe: async ({ task }) => {
    const current = currentSnapshotOf(await loadVirtualMachine(vm, context, 'snapshot'))
    const ref = current?.tree.snapshot.value
    const isCurrent = ref === snapshot.value || undefined
    return {
      applied: task && isCurrent,
      description: ref
        ? `${ref} is the current snapshot of ${vm.value}`
        : `${vm.value} has no current snapshot`,
    }
  },
})

/** ConsolidateVMDisks_Task: applied if any task of this method has succeeded. */
export const verifyConsolidate = (vm: ManagedObjectReference, context: VCenterContext): EffectCheck => ({
  anyTaskSatisfies: true,
  observe: async ({ task }) => {
    const isNeeded = (await loadVirtualMachine(vm, context, 'runtime.consolidationNeeded')).read(
      'runtime.consolidationNeeded',
    )
    return {
      applied: task && true,
      description: `the disks of ${vm.value} ${isNeeded ? 'need consolidation' : 'do not need consolidation'}`,
    }
  },
})

/** ReconfigVM_Task of changeTrackingEnabled: applied if it has the requested value. The call is sent only if it did not. */
export const verifyToggle = (
  enabled: boolean,
  vm: ManagedObjectReference,
  context: VCenterContext,
): EffectCheck => ({
  observe: async () => {
    const machine = await loadVirtualMachine(vm, context, ...enabledPaths)
    const current = isEnabled(machine)
    return {
      applied: isTrackingSetTo(machine, enabled) ?? undefined,
      description: `change tracking of ${vm.value} is ${current === null ? 'unreadable' : current ? 'enabled' : 'disabled'}`,
    }
  },
})

/** A power task of one machine: applied if any task of its method has succeeded. */
export const verifyPowerTask = (vm: ManagedObjectReference, context: VCenterContext): EffectCheck => ({
  anyTaskSatisfies: true,
  observe: async ({ task }) => ({
    applied: task && true,
    description: describePower(await loadVirtualMachine(vm, context, powerPath)),
  }),
})

/**
 * PowerOnMultiVM_Task: applied if the result of the task names these machines and no others. A result without machines does not
 * show whose it is.
 */
export const verifyPowerOnMulti = (
  vms: readonly ManagedObjectReference[],
  context: VCenterContext,
): EffectCheck => ({
  observe: async ({ task }) => {
    const named = new Set(machinesPlacedBy(task?.result))
    const isSame = named.size === vms.length && vms.every(({ value }) => named.has(value))
    const node = new PlanNode('VirtualMachine', powerPath)
    const machines = (await context.vcenter.freshReader().objects(vms, node)).flatMap((each) => each ?? [])
    const isOn = (machine: ManagedObject<'VirtualMachine'>) => machine.read(powerPath) === 'poweredOn'
    return {
      applied: task && named.size > 0 ? isSame : undefined,
      // Each result has the state of its own machine.
      description:
        machines[0] && vms.length === 1
          ? describePower(machines[0])
          : `${machines.filter(isOn).length} of the ${vms.length} virtual machines of the call are POWERED_ON`,
    }
  },
})

/** Returns the moids that the result of PowerOnMultiVM_Task names. */
function machinesPlacedBy(result: unknown): readonly string[] {
  if (!isInstance(result, 'ClusterPowerOnVmResult')) return []
  const { attempted = [], notAttempted = [], recommendations = [] } = result
  const recommended = recommendations.flatMap(({ target, action = [] }) =>
    [target, ...action.map((each) => each.target)].filter((ref) => ref?.type === 'VirtualMachine'),
  )
  return [...attempted.map(({ vm }) => vm), ...notAttempted.map(({ vm }) => vm), ...recommended].flatMap(
    (ref) => ref?.value ?? [],
  )
}

/**
 * ShutdownGuest and RebootGuest, which start no task. A shutdown was applied once the machine is off; nothing that can be read shows
 * a restart.
 */
export async function verifyGuestRequest(
  wanted: string | undefined,
  vm: ManagedObjectReference,
  context: VCenterContext,
): Promise<Observation> {
  const machine = await loadVirtualMachine(vm, context, powerPath)
  return {
    applied: (wanted !== undefined && machine.read(powerPath) === wanted) || undefined,
    description: describePower(machine),
  }
}

const powerPath = 'runtime.powerState'
const describePower = (machine: ManagedObject<'VirtualMachine'>): string =>
  `${machine.ref.value} is ${powerStateName(machine.read(powerPath))}`

/** Returns the name of a power state in the schema. */
export const powerStateName = (state: string | undefined): string =>
  state === undefined ? 'in an unknown state' : state.replace(/(?=[A-Z])/, '_').toUpperCase()

/** The name and description of a snapshot. A missing property is not compared. */
export interface SnapshotDetails {
  readonly name?: string
  readonly description?: string
}

/** RenameSnapshot, which starts no task: applied once the snapshot has the new name and description. */
export async function verifyRename(
  { tree, vm }: SnapshotNode,
  requested: SnapshotDetails,
  context: VCenterContext,
): Promise<Observation> {
  const current = snapshotByRef(await loadVirtualMachine(vm.ref, context, 'snapshot'), tree.snapshot)
  if (!current) return { applied: undefined, description: `${tree.snapshot.value} no longer exists` }
  const matches = ({ name, description }: SnapshotDetails, read = (text: string) => text): boolean =>
    (name === undefined || read(current.tree.name) === read(name)) &&
    (description === undefined || current.tree.description === description)
  const description = `${tree.snapshot.value} is named ${JSON.stringify(current.name)}, ${JSON.stringify(current.tree.description)}`
  // A server may escape the name a second time.
  const applied = matches(requested) || (!matches(tree) && matches(requested, unescapeName))
  return { description, applied }
}

async function loadVirtualMachine(
  vm: ManagedObjectReference,
  context: VCenterContext,
  ...paths: readonly string[]
): Promise<ManagedObject<'VirtualMachine'>> {
  const machine = await context.vcenter.freshReader().object(vm, new PlanNode('VirtualMachine', ...paths))
  if (machine) return machine
  throw notFoundError(`VirtualMachine ${vm.value}`)
}

/** Compares display names. A server may return whitespace differently; without normalizing, the snapshot could be created twice. */
const isSameName = (stored: string, requested: string): boolean =>
  normalizeName(stored) === normalizeName(requested)
const normalizeName = (text: string): string => unescapeName(text).normalize().replace(/\s+/g, ' ').trim()

const moidList = (snapshots: readonly SnapshotNode[]): string =>
  snapshots.map(({ tree }) => tree.snapshot.value).join(', ')
