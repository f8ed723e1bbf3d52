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
        'Your request is valid. The operator of the gateway must correct the configured user name or password; see the log of the gateway.',
    },
  ],
  [
    'NotAuthenticated',
    'VCENTER_UNAVAILABLE',
    { retryable: true, remedy: 'The session with the vCenter ended twice in a row. Retry the request.' },
  ],
  [
    'NoPermission',
    'FORBIDDEN',
    {
      remedy:
        'Grant the named privilege on the named object to the account that made the call (the account of the gateway, or the caller’s with --auth vsphere).',
    },
  ],
  [
    'RestrictedVersion',
    'FORBIDDEN',
    { remedy: 'The license of the vCenter or host does not include the operation.' },
  ],
  ['SecurityError', 'FORBIDDEN'],
  [
    'ManagedObjectNotFound',
    'NOT_FOUND',
    { remedy: 'It was removed, or the account lacks the privilege to read it. Look it up again.' },
  ],
  [
    'NotFound',
    'NOT_FOUND',
    {
      remedy:
        'An object that the operation needs was removed, or the account lacks the privilege to read it. Look it up again.',
    },
  ],
  [
    'TaskInProgress',
    'CONFLICT',
    { retryable: true, remedy: 'Wait until the other task has ended, then retry the request.' },
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
      remedy: 'The virtual machine is blocked by a pending question. Answer it in the vSphere Client.',
    },
  ],
  [
    'InvalidHostState',
    'CONFLICT',
    { remedy: 'Check the state of the host (connection, power and maintenance mode).' },
  ],
  [
    'InvalidDatastoreState',
    'CONFLICT',
    { remedy: 'Check that the datastore is accessible and not in maintenance mode.' },
  ],
  [
    'InvalidState',
    'CONFLICT',
    {
      remedy:
        'Check the state of the object (connectionState and powerState of a virtual machine). Its field can shows which actions its state rules out (blockedByState).',
    },
  ],
  [
    'ConcurrentAccess',
    'CONFLICT',
    { retryable: true, remedy: 'Another client changed the object at the same time. Retry the request.' },
  ],
  ['DuplicateName', 'CONFLICT', { remedy: 'Choose another name.' }],
  ['InvalidName', 'BAD_USER_INPUT', { remedy: 'Choose another name.' }],
  ['InvalidArgument', 'BAD_USER_INPUT'],
  [
    'HostCommunication',
    'VSPHERE_FAULT',
    {
      retryable: true,
      remedy:
        'The vCenter cannot reach the host. Check the connection state of the host, then retry the request.',
    },
  ],
  ['SystemError', 'VSPHERE_FAULT', { retryable: true }],
  ['RequestCanceled', 'VSPHERE_FAULT', { retryable: true }],
  [
    'ApplicationQuiesceFault',
    'VSPHERE_FAULT',
    {
      remedy:
        'The guest could not be quiesced. Take the snapshot with quiesce: false, or check VMware Tools in the guest.',
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
        'VMware Tools is not running in the guest. Start or install it, or take the snapshot with quiesce: false.',
    },
  ],
  [
    'TooManySnapshotLevels',
    'VSPHERE_FAULT',
    { remedy: 'The snapshot chain has reached the vSphere limit of 32 snapshots. Remove some.' },
  ],
  [
    'InvalidSnapshotFormat',
    'VSPHERE_FAULT',
    {
      remedy:
        'The snapshot configuration of the virtual machine is invalid. Check its snapshot files. If the snapshots are not needed, remove all of them (removeAllSnapshots) and consolidate the disks (consolidateDisks).',
    },
  ],
  [
    'MemorySnapshotOnIndependentDisk',
    'VSPHERE_FAULT',
    {
      remedy: 'A disk is independent, so snapshots do not include it. Take the snapshot with memory: false.',
    },
  ],
  [
    'FileLocked',
    'VSPHERE_FAULT',
    {
      retryable: true,
      remedy:
        'Another program, such as a backup, or another host has locked a file of the virtual machine. Retry the request when it has finished.',
    },
  ],
  [
    'InsufficientResourcesFault',
    'VSPHERE_FAULT',
    {
      remedy:
        'The host, the cluster or the resource pool lacks a resource, which the message may name. Free some of that resource, or use another host, cluster or pool.',
    },
  ],
  [
    'Timedout',
    'VSPHERE_FAULT',
    { remedy: 'vSphere timed out, but the operation may still complete. Check the object before you retry.' },
  ],
  [
    'MultipleSnapshotsNotSupported',
    'VSPHERE_FAULT',
    { remedy: 'The virtual machine can have only one snapshot. Remove the existing one.' },
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
        'The operation does not support a disk controller that shares its bus with other virtual machines. Set its bus sharing to none, or exclude its disks.',
    },
  ],
  [
    'MultiWriterNotSupported',
    'VSPHERE_FAULT',
    { remedy: 'The operation does not support a disk in multi-writer mode.' },
  ],
  [
    'DeviceNotSupported',
    'VSPHERE_FAULT',
    { remedy: 'The operation does not support the device that the message names.' },
  ],
  [
    'NotSupported',
    'VSPHERE_FAULT',
    {
      remedy:
        'The object does not allow the operation, or its host or vCenter does not support it. The message may give the reason, and the field can of the object shows which actions its state rules out (blockedByState).',
    },
  ],
  [
    'MethodNotFound',
    'VSPHERE_FAULT',
    {
      remedy:
        'This server does not support the method that the message names. An ESXi host has fewer methods than a vCenter.',
    },
  ],
  [
    'SnapshotIncompatibleDeviceInVm',
    'VSPHERE_FAULT',
    {
      remedy:
        'A device of the virtual machine does not allow this snapshot; the message may name it. Snapshots do not include independent disks.',
    },
  ],
  ['NoDiskSpace', 'VSPHERE_FAULT', { remedy: 'Free space on the datastore.' }],
]

const otherFaults: FaultRule = ['MethodFault', 'VSPHERE_FAULT']

/** Returns the first rule that matches a fault. */
export const faultRuleOf = (error: VimFaultError): FaultRule =>
  faultRules.find(([name]) => error.is(name)) ?? otherFaults
