// What each change leaves to be seen: by it a change is known again when the answer that names its task was lost, and it is
// what can be told when its task is forgotten.

import type { ManagedObject } from '../../planner/managed-object.ts'
import { PlanNode } from '../../planner/plan-node.ts'
import { isReference } from '../../soap/codec.ts'
import type { ManagedObjectReference } from '../../soap/vim-types.ts'
import { unescapeName } from '../../vim25/inventory-path.ts'
import { noLongerThere } from '../errors/api-error.ts'
import type { Context } from '../context.ts'
import type { Sight, Traces } from './recover-task.ts'
import { type SnapshotOnVm, snapshotsOf } from '../virtual-machine/snapshot-tree.ts'
import { enabledPaths, isEnabled, isSwitched } from '../virtual-machine/tracking-state.ts'

/** CreateSnapshot_Task: what a task made is told by its name alone. */
export const creationOf = (vm: ManagedObjectReference, name: string, context: Context): Traces => ({
  look: async ({ task }) => {
    const snapshots = snapshotsOf(await machineNow(vm, context, 'snapshot'))
    const named = snapshots.filter(({ tree }) => isCalled(tree.name, name))
    const seen = `${vm.value} has ${named.length > 0 ? listed(named) : 'no snapshot'} of the name ${JSON.stringify(unescapeName(name))}`
    const result = task?.result
    const made = snapshots.find(({ tree }) => isReference(result) && tree.snapshot.value === result.value)
    return { seen, isDone: made && named.includes(made) }
  },
})

/** RemoveSnapshot_Task of these: of one, or of it and all below it. */
export const removalOf = (
  vm: ManagedObjectReference,
  snapshots: readonly ManagedObjectReference[],
  context: Context,
): Traces => ({
  entity: vm,
  look: async () => {
    const toGo = new Set(snapshots.map(({ value }) => value))
    const now = snapshotsOf(await machineNow(vm, context, 'snapshot'))
    const left = now.filter(({ tree }) => toGo.has(tree.snapshot.value))
    const seen =
      left.length > 0 ? `${listed(left)} is still there` : `${[...toGo].join(', ')} is not there any more`
    return { isDone: left.length === 0, seen }
  },
})

/** RemoveAllSnapshots_Task: any task of it that has succeeded does what was asked. */
export const removalOfAll = (vm: ManagedObjectReference, context: Context): Traces => ({
  byAnyTask: true,
  look: async ({ task }) => {
    const left = snapshotsOf(await machineNow(vm, context, 'snapshot'))
    return { isDone: task && true, seen: `${vm.value} has ${left.length} snapshot(s)` }
  },
})

/**
 * RevertToSnapshot_Task. That the snapshot is the current one is no proof without a task, for it may have been before; that it
 * is not is none either, for another may have been taken since.
 */
export const reversionTo = (
  snapshot: ManagedObjectReference,
  vm: ManagedObjectReference,
  context: Context,
): Traces => ({
  entity: vm,
  look: async ({ task }) => {
    const current = snapshotsOf(await machineNow(vm, context, 'snapshot')).find(({ isCurrent }) => isCurrent)
    const ref = current?.tree.snapshot.value
    const isCurrent = ref === snapshot.value || undefined
    return {
      isDone: task && isCurrent,
      seen: `${ref ?? 'none'} is the current snapshot of ${vm.value}`,
    }
  },
})

/** ConsolidateVMDisks_Task: any task of it that has succeeded does what was asked. */
export const consolidationOf = (vm: ManagedObjectReference, context: Context): Traces => ({
  byAnyTask: true,
  look: async ({ task }) => {
    const isNeeded = (await machineNow(vm, context, 'runtime.consolidationNeeded')).read(
      'runtime.consolidationNeeded',
    )
    return {
      isDone: task && true,
      seen: `the disks of ${vm.value} ${isNeeded ? 'need consolidation' : 'need no consolidation'}`,
    }
  },
})

/** ReconfigVM_Task of changeTrackingEnabled, which is sent only where it is not as wanted. */
export const switchTo = (enabled: boolean, vm: ManagedObjectReference, context: Context): Traces => ({
  look: async () => {
    const machine = await machineNow(vm, context, ...enabledPaths)
    const now = isEnabled(machine)
    return {
      isDone: isSwitched(machine, enabled) ?? undefined,
      seen: `change tracking of ${vm.value} is ${now === null ? 'not to be read' : now ? 'on' : 'off'}`,
    }
  },
})

/** How a snapshot is called; what is not given is not asked for. */
export interface SnapshotText {
  readonly name?: string
  readonly description?: string
}

/** RenameSnapshot, no task: done once the snapshot has the new name and description. */
export async function renamingOf(
  { tree, vm }: SnapshotOnVm,
  wanted: SnapshotText,
  context: Context,
): Promise<Sight> {
  const now = await snapshotNow(vm.ref, tree.snapshot, context)
  if (!now) return { isDone: undefined, seen: `${tree.snapshot.value} is not there any more` }
  const isAs = ({ name, description }: SnapshotText, read = (text: string) => text): boolean =>
    (name === undefined || read(now.tree.name) === read(name)) &&
    (description === undefined || now.tree.description === description)
  const seen = `${tree.snapshot.value} is called ${JSON.stringify(now.name)}, ${JSON.stringify(now.tree.description)}`
  // A server may escape the name once more.
  const isDone = isAs(wanted) || (!isAs(tree) && isAs(wanted, unescapeName))
  return { seen, isDone }
}

async function snapshotNow(
  vm: ManagedObjectReference,
  { value }: ManagedObjectReference,
  context: Context,
): Promise<SnapshotOnVm | undefined> {
  const snapshots = snapshotsOf(await machineNow(vm, context, 'snapshot'))
  return snapshots.find(({ tree }) => tree.snapshot.value === value)
}

async function machineNow(
  vm: ManagedObjectReference,
  context: Context,
  ...paths: readonly string[]
): Promise<ManagedObject<'VirtualMachine'>> {
  const machine = await context.freshReader().object(vm, new PlanNode('VirtualMachine', ...paths))
  if (machine) return machine
  throw noLongerThere(`VirtualMachine ${vm.value}`)
}

/** By what a person reads: blanks may come back other than they were sent, and a name taken for another would be made twice. */
const isCalled = (stored: string, wanted: string): boolean => plain(stored) === plain(wanted)
const plain = (text: string): string => unescapeName(text).normalize().replace(/\s+/g, ' ').trim()

const listed = (snapshots: readonly SnapshotOnVm[]): string =>
  snapshots.map(({ tree }) => tree.snapshot.value).join(', ')
