// The names of the operations of tasks, as TaskManager.description has them: the method, its id, and its label in the language of the
// session.

import type { DataObject } from '../../soap/vim-types.ts'

type Operation = readonly [descriptionId: string, label: string, summary: string]

const operations: readonly Operation[] = [
  [
    'VirtualMachine.createSnapshot',
    'Create virtual machine snapshot',
    'Create a new snapshot of this virtual machine',
  ],
  [
    'VirtualMachine.createSnapshotEx',
    'Create virtual machine snapshot',
    'Create a new snapshot of this virtual machine',
  ],
  ['vm.Snapshot.remove', 'Remove snapshot', 'Remove this snapshot'],
  ['vm.Snapshot.revert', 'Revert snapshot', 'Revert the virtual machine to this snapshot'],
  [
    'VirtualMachine.removeAllSnapshots',
    'Remove all snapshots',
    'Remove all the snapshots associated with this virtual machine',
  ],
  [
    'VirtualMachine.revertToCurrentSnapshot',
    'Revert to current snapshot',
    'Revert the virtual machine to the current snapshot',
  ],
  [
    'VirtualMachine.consolidateDisks',
    'Consolidate virtual machine disk files',
    'Consolidate disk files of the virtual machine',
  ],
  ['VirtualMachine.reconfigure', 'Reconfigure virtual machine', 'Reconfigure this virtual machine'],
  ['VirtualMachine.powerOn', 'Power On virtual machine', 'Power On this virtual machine'],
  ['VirtualMachine.powerOff', 'Power Off virtual machine', 'Power Off this virtual machine'],
  ['VirtualMachine.suspend', 'Suspend virtual machine', 'Suspend this virtual machine'],
  ['VirtualMachine.reset', 'Reset virtual machine', 'Reset this virtual machine'],
  [
    'Datacenter.powerOnVm',
    'Initialize powering On',
    'Initialize powering On for one or more virtual machines',
  ],
  ['VirtualMachine.clone', 'Clone virtual machine', 'Clone this virtual machine'],
  ['VirtualMachine.relocate', 'Relocate virtual machine', 'Relocate the virtual machine'],
  ['Drm.ExecuteVMotionLRO', 'Migrate virtual machine', 'Migrate the virtual machine'],
  ['VirtualMachine.destroy', 'Delete virtual machine', 'Delete this virtual machine from storage'],
  ['host.StorageSystem.rescanAllHba', 'Rescan all HBAs', 'Rescan all host bus adapters for new storage'],
]

const labels = new Map(operations.map(([descriptionId, label]) => [descriptionId, label]))

/** Returns the label of an operation; its id if it has none. */
export const labelOf = (descriptionId: string): string => labels.get(descriptionId) ?? descriptionId

/** Returns TaskManager.description. */
export const taskDescription = (): DataObject<'TaskDescription'> => ({
  _typeName: 'TaskDescription',
  methodInfo: operations.map(([key, label, summary]) => ({ key, label, summary })),
  state: [
    { key: 'queued', label: 'Queued', summary: 'Task is queued' },
    { key: 'running', label: 'Running', summary: 'Task is in progress' },
    { key: 'success', label: 'Success', summary: 'Task completed successfully' },
    { key: 'error', label: 'Error', summary: 'Task completed with a failure' },
  ],
  reason: [
    { key: 'TaskReasonUser', label: 'User task', summary: 'Started by a user' },
    { key: 'TaskReasonAlarm', label: 'Alarm task', summary: 'Started by an alarm' },
    { key: 'TaskReasonSchedule', label: 'Scheduled task', summary: 'Started by a scheduled task' },
    { key: 'TaskReasonSystem', label: 'System task', summary: 'Started by the server' },
  ],
})
