// Snapshot.createdBy: one collector of tasks for all snapshots of a virtual machine.

import type { ManagedObject } from '../../../planner/managed-object.ts'
import { readSnapshotCreators } from '../../../vim25/history/snapshot-creators.ts'
import { builder } from '../../builder.ts'
import { shareCause } from '../../errors/repeated-errors.ts'
import type { RequestVCenter } from '../../vcenters.ts'
import { snapshotsOf } from './snapshot-tree.ts'

builder.objectField('Snapshot', 'createdBy', (t) =>
  t.string({
    derives: { nothing: 'it is read with calls of its own' },
    description:
      'The user who started the task that created the snapshot, such as `VSPHERE.LOCAL\\Administrator`. Backup products appear as their service account. Null if it is not known: the vCenter no longer has the task (it keeps tasks for 30 days unless it is configured otherwise), not a user started it, several tasks may have created the snapshot, or the server is an ESXi host. Takes one collector for all snapshots of a virtual machine, at most 100 in an operation. Source: `TaskInfo.reason` of the task whose `result` is the snapshot, or without results the task that ran at `createTime`.',
    resolve: async ({ vm, tree }, _args, { vcenters }) =>
      (await creatorsOf(vm, vcenters.of(vm))).get(tree.snapshot.value) ?? null,
  }),
)

/** By the virtual machine as one operation read it. */
const creators = new WeakMap<ManagedObject, Promise<ReadonlyMap<string, string>>>()

function creatorsOf(
  vm: ManagedObject<'VirtualMachine'>,
  vcenter: RequestVCenter,
): Promise<ReadonlyMap<string, string>> {
  const pending = creators.get(vm) ?? readCreators(vm, vcenter)
  creators.set(vm, pending)
  return pending
}

async function readCreators(
  vm: ManagedObject<'VirtualMachine'>,
  { session, history, callOptions, name }: RequestVCenter,
): Promise<ReadonlyMap<string, string>> {
  // An ESXi host keeps no history of tasks.
  if (session.lastLogin?.content.about.apiType === 'HostAgent') return new Map()
  const snapshots = snapshotsOf(vm).map(({ tree }) => ({
    ref: tree.snapshot,
    createdAt: tree.createTime,
  }))
  try {
    return await readSnapshotCreators(history, vm.ref, snapshots, callOptions)
  } catch (error) {
    // One error for all snapshots of the machine, not one for each.
    if (error instanceof Error) shareCause(error, `tasks of ${vm.ref.value} in ${name}`)
    throw error
  }
}
