// The error codes and remedies of vim25 faults. A remedy states only what the fault proves.

import type { VimFaultError } from '../../vim25/vim-fault-error.ts'
import type { ErrorCode, ErrorDetails } from './api-error.ts'

type FaultRule = readonly [faultName: string, code: ErrorCode, details?: ErrorDetails]

/** Sorted from specific to general: the first rule applies whose type is the fault's type or one of its ancestors. */
const faultRules: readonly FaultRule[] = [
  [
    'InvalidLogin',
    'VCENTER_UNAVAILABLE',
    {
      remedy:
        'Nothing is wrong with your request. Whoever runs the gateway must give it the right user name or password; its log says how.',
    },
  ],
  [
    'NotAuthenticated',
    'VCENTER_UNAVAILABLE',
    { retryable: true, remedy: 'The session with the vCenter ended twice in a row. Ask again.' },
  ],
  [
    'NoPermission',
    'FORBIDDEN',
    {
      remedy:
        'Give the account that asked (the gateway’s own, or the caller’s with --auth vsphere) the privilege that is named, on the object that is named.',
    },
  ],
  ['RestrictedVersion', 'FORBIDDEN', { remedy: 'The license of this vCenter or host does not allow it.' }],
  ['SecurityError', 'FORBIDDEN'],
  [
    'ManagedObjectNotFound',
    'NOT_FOUND',
    { remedy: 'It was removed, or the account may not see it. Look it up again.' },
  ],
  [
    'NotFound',
    'NOT_FOUND',
    {
      remedy:
        'Something that the operation needs was removed, or the account may not see it. Look it up again.',
    },
  ],
  [
    'TaskInProgress',
    'CONFLICT',
    { retryable: true, remedy: 'Wait until the task in the way has ended, then ask again.' },
  ],
  [
    'InvalidPowerState',
    'CONFLICT',
    { remedy: 'Bring the virtual machine into the power state that the operation needs.' },
  ],
  [
    'QuestionPending',
    'CONFLICT',
    {
      remedy:
        'The virtual machine waits for the answer to a question, a state that blocks it. Answer it in the vSphere Client.',
    },
  ],
  [
    'InvalidHostState',
    'CONFLICT',
    { remedy: 'Check the state of the host: its connection, its power and maintenance mode.' },
  ],
  [
    'InvalidDatastoreState',
    'CONFLICT',
    { remedy: 'Check the state of the datastore: accessible, and not in maintenance mode.' },
  ],
  [
    'InvalidState',
    'CONFLICT',
    { remedy: 'Check the state of the object (connectionState and powerState of a virtual machine).' },
  ],
  [
    'ConcurrentAccess',
    'CONFLICT',
    { retryable: true, remedy: 'Someone else changed it at the same time. Ask again.' },
  ],
  ['DuplicateName', 'CONFLICT', { remedy: 'Choose another name.' }],
  ['InvalidName', 'BAD_USER_INPUT', { remedy: 'Choose another name.' }],
  ['InvalidArgument', 'BAD_USER_INPUT'],
  [
    'HostCommunication',
    'VSPHERE_FAULT',
    {
      retryable: true,
      remedy: 'The vCenter cannot reach the host. Look at the host’s connection state, then ask again.',
    },
  ],
  ['SystemError', 'VSPHERE_FAULT', { retryable: true }],
  ['RequestCanceled', 'VSPHERE_FAULT', { retryable: true }],
  [
    'ApplicationQuiesceFault',
    'VSPHERE_FAULT',
    {
      remedy:
        'The guest could not be quiesced. Take the snapshot with quiesce: false, or look at VMware Tools in the guest.',
    },
  ],
  [
    'FilesystemQuiesceFault',
    'VSPHERE_FAULT',
    {
      remedy:
        'The guest could not be quiesced in time. Take the snapshot with quiesce: false, or when the guest is less busy.',
    },
  ],
  [
    'ToolsUnavailable',
    'VSPHERE_FAULT',
    {
      remedy:
        'VMware Tools do not run in the guest. Start or install them; a snapshot can be taken with quiesce: false.',
    },
  ],
  [
    'TooManySnapshotLevels',
    'VSPHERE_FAULT',
    { remedy: 'The chain has as many snapshots as vSphere allows (32). Remove some.' },
  ],
  [
    'InvalidSnapshotFormat',
    'VSPHERE_FAULT',
    {
      remedy:
        'The snapshot configuration of the virtual machine is invalid: check its snapshot files. Remove all snapshots (removeAllSnapshots) and consolidate its disks (consolidateDisks) if nobody needs them.',
    },
  ],
  [
    'MemorySnapshotOnIndependentDisk',
    'VSPHERE_FAULT',
    { remedy: 'A disk is independent of snapshots. Take the snapshot with memory: false.' },
  ],
  [
    'FileLocked',
    'VSPHERE_FAULT',
    {
      retryable: true,
      remedy:
        'Another program or host holds a file of the virtual machine, such as a backup. Ask again when that is over.',
    },
  ],
  [
    'InsufficientResourcesFault',
    'VSPHERE_FAULT',
    {
      remedy:
        'The host, the cluster or the resource pool lacks a resource, which the message may name. Free some, or use another one.',
    },
  ],
  [
    'Timedout',
    'VSPHERE_FAULT',
    { remedy: 'It took vSphere too long, and may be done yet. Look at the object before you try again.' },
  ],
  [
    'MultipleSnapshotsNotSupported',
    'VSPHERE_FAULT',
    { remedy: 'The virtual machine can have one snapshot only. Remove the one that it has.' },
  ],
  [
    'SnapshotDisabled',
    'VSPHERE_FAULT',
    {
      remedy: 'Snapshots are disabled for the virtual machine (config.flags.snapshotDisabled). Enable them.',
    },
  ],
  [
    'SnapshotLocked',
    'VSPHERE_FAULT',
    { remedy: 'The snapshots of the virtual machine are locked (config.flags.snapshotLocked). Unlock them.' },
  ],
  [
    'SharedBusControllerNotSupported',
    'VSPHERE_FAULT',
    {
      remedy:
        'A disk controller shares its bus with other virtual machines, which the operation does not support. Set its bus sharing to none, or leave its disks out.',
    },
  ],
  [
    'MultiWriterNotSupported',
    'VSPHERE_FAULT',
    { remedy: 'A disk is in multi-writer mode, which the operation does not support.' },
  ],
  [
    'DeviceNotSupported',
    'VSPHERE_FAULT',
    { remedy: 'The operation does not support a device of the virtual machine, which the message names.' },
  ],
  [
    'NotSupported',
    'VSPHERE_FAULT',
    {
      remedy:
        'The object does not allow the operation, or its host or vCenter does not support it. The message may say why.',
    },
  ],
  [
    'MethodNotFound',
    'VSPHERE_FAULT',
    {
      remedy:
        'This server does not have the method that the message names. An ESXi host has fewer methods than a vCenter.',
    },
  ],
  [
    'SnapshotIncompatibleDeviceInVm',
    'VSPHERE_FAULT',
    {
      remedy:
        'A device of the virtual machine does not allow this snapshot; the message may name it. A disk that is independent is left out of snapshots.',
    },
  ],
  ['NoDiskSpace', 'VSPHERE_FAULT', { remedy: 'Free space on the datastore.' }],
]

const otherFaults: FaultRule = ['MethodFault', 'VSPHERE_FAULT']

/** Returns the first rule that matches a fault. */
export const faultRuleOf = (error: VimFaultError): FaultRule =>
  faultRules.find(([name]) => error.is(name)) ?? otherFaults
