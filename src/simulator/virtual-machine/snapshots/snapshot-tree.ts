// VirtualMachine.snapshot and rootSnapshot: the tree as clients see it. Snapshot names are only available
// here.

import type { DataObject, ManagedObjectReference } from '../../../soap/vim-types.ts'
import type { Machine, Snapshot } from '../machine.ts'

export function rootSnapshotOf({ rootSnapshots }: Machine): ManagedObjectReference[] | undefined {
  return rootSnapshots.length > 0 ? rootSnapshots.map(({ ref }) => ref) : undefined
}

export function snapshotInfoOf(machine: Machine): DataObject<'VirtualMachineSnapshotInfo'> | undefined {
  if (machine.rootSnapshots.length === 0) return undefined
  const current: ManagedObjectReference | undefined = machine.currentSnapshot?.ref
  return {
    ...(current && { currentSnapshot: current }),
    rootSnapshotList: machine.rootSnapshots.map((snapshot) => treeOf(machine, snapshot)),
  }
}

function treeOf(machine: Machine, snapshot: Snapshot): DataObject<'VirtualMachineSnapshotTree'> {
  const { ref, name, description, id, createTime, state, quiesced, children } = snapshot
  return {
    snapshot: ref,
    vm: machine.ref,
    name,
    description,
    id,
    createTime,
    state,
    quiesced,
    childSnapshotList: children.map((child) => treeOf(machine, child)),
    replaySupported: false,
  }
}
