// The one table from what can go wrong below to the codes of the contract. gateway/ makes GraphQL errors of it, and a
// failed task's `error` field reads the same.

import { WindowError } from '../plan/page.ts'
import { SelectionTooDeepError } from '../plan/selection.ts'
import { SoapError, UnwritableError } from '../soap/soap-error.ts'
import type { DataObject, ManagedObjectReference } from '../soap/vim-types.ts'
import { TransportError } from '../transport/transport-error.ts'
import { CoverageError } from '../vim25/changed-disk-areas.ts'
import { provesNotCarriedOut } from '../vim25/fault-evidence.ts'
import { TooManyFiltersError } from '../vim25/inventory-watcher.ts'
import { OutageError } from '../vim25/reachability.ts'
import { faultChain, TaskError, VimFaultError } from '../vim25/vim-fault-error.ts'
import { ApiError, type ErrorCode, type ErrorDetails } from './api-error.ts'

export interface Classified extends ErrorDetails {
  readonly code: ErrorCode
  /** Safe to show; undefined when the cause is a bug of ours, which is nobody's business but ours. */
  readonly message: string | undefined
  /** The task that ended with the fault, or that is in the way; whoever tells it knows its global id. */
  readonly taskRef?: ManagedObjectReference
}

/** Puts any error into the contract's terms. */
export function classifyError(error: unknown): Classified {
  if (error instanceof ApiError) return { code: error.code, message: error.message, ...error.details }
  if (error instanceof SelectionTooDeepError) {
    return {
      code: 'QUERY_TOO_COMPLEX',
      message: error.message,
      figure: error.figure,
      limit: error.limit,
      remedy: 'Leave out the innermost levels: they repeat what is selected further out.',
    }
  }
  if (error instanceof TooManyFiltersError) {
    return {
      code: 'QUERY_TOO_COMPLEX',
      message: error.message,
      figure: error.figure,
      limit: error.limit,
      retryable: true,
      remedy: 'Select what other subscriptions select, and filter by the same, or end some of them.',
    }
  }
  if (error instanceof WindowError) return { code: 'BAD_USER_INPUT', message: error.message }
  if (error instanceof VimFaultError) {
    const message = error.is('InvalidLogin') ? loginRefused : error.message
    return { ...classifyFault(error), message, fault: error.faultName }
  }
  if (error instanceof OutageError) return classifyOutage(error)
  if (error instanceof TransportError) return { ...classifyTransport(error), message: error.message }
  if (error instanceof UnwritableError) return { code: 'BAD_USER_INPUT', message: error.message }
  if (error instanceof SoapError || error instanceof CoverageError) {
    return {
      code: 'VSPHERE_FAULT',
      message: error.message,
      retryable: true,
      remedy:
        'Nothing of this answer was used. Ask again; if it stays, look at what answers in place of the vCenter.',
    }
  }
  return { code: 'INTERNAL', message: undefined }
}

/** vSphere's own "Login failure" would be taken for the caller's; in the log it stands beside this. */
const loginRefused =
  'the gateway cannot log in to the vCenter, which refuses the user name or the password of its account'

type FaultRule = readonly [faultName: string, code: ErrorCode, details?: ErrorDetails]

/** By nearest ancestor: the first row whose type the fault is of. */
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

/** The code of a fault, whether a call raised it or a task ended with it. */
function classifyFault(error: VimFaultError): Omit<Classified, 'message'> {
  const [, code, details] =
    faultRules.find(([name]) => error.is(name)) ?? (['', 'VSPHERE_FAULT'] as FaultRule)
  const { taskRef, ...facts } = faultFacts(error)
  // Of a task that failed because another one ran that one is named: it is what must be waited for.
  const named = taskRef ?? (error instanceof TaskError ? error.task : undefined)
  const ofChange = error instanceof TaskError ? whereChangeMayGoOn(error) : undefined
  return { code, ...details, ...ofChange, ...facts, ...(named && { taskRef: named }) }
}

/**
 * What is reported otherwise of a task that ended with a fault that proves nothing, such as HostCommunication: the host may still
 * carry it out, so it must not be sent again blindly, as a read may. A call that fails so is no error of its own: lost-answer.ts.
 */
const whereChangeMayGoOn = (error: TaskError): ErrorDetails | undefined =>
  provesNotCarriedOut(error, 'task')
    ? undefined
    : {
        retryable: false,
        remedy:
          'It may still be carried out, or have been. Look at the recent tasks, the snapshots of the virtual machine and the host’s connection state before you try again.',
      }

/** What a fault's own fields add: the privilege, the state, the task in the way. */
function faultFacts(error: VimFaultError): Partial<Classified> {
  if (error.is('TaskInProgress')) return { taskRef: (error.fault as DataObject<'TaskInProgress'>).task }
  if (error.is('NoPermission')) {
    const { privilegeId, object } = error.fault as DataObject<'NoPermission'>
    return { privilege: privilegeId, object: object && `${object.type} ${object.value}` }
  }
  if (error.is('InvalidPowerState'))
    return { state: (error.fault as DataObject<'InvalidPowerState'>).existingState }
  return {}
}

function classifyTransport(error: TransportError): Omit<Classified, 'message'> {
  switch (error.code) {
    case 'TIMEOUT':
      return {
        code: 'VCENTER_TIMEOUT',
        retryable: true,
        remedy: 'The vCenter did not answer in time. Ask again, or for less.',
      }
    case 'TLS_THUMBPRINT':
    case 'TLS_UNTRUSTED':
      return {
        code: 'VCENTER_UNAVAILABLE',
        remedy: 'Tell whoever runs the gateway, whose log says which certificate it is and what to do.',
      }
    case 'TOO_LARGE':
      return { code: 'QUERY_TOO_COMPLEX', remedy: 'Ask for fewer objects or fewer fields.' }
    default:
      return {
        code: 'VCENTER_UNAVAILABLE',
        retryable: true,
        remedy: isElsewhere(error)
          ? 'See that the URL of the vCenter is right (--url, VSPHERE_URL), whose SDK is at /sdk, and that no other server answers in its place.'
          : 'See that the vCenter runs and can be reached from the gateway, then ask again.',
      }
  }
}

/** A server is there, and has nothing of vSphere at that path; what breaks on the way is 500 and more. */
const isElsewhere = ({ status }: TransportError): boolean => status !== undefined && status < 500

/** Nothing was sent; what went wrong last says what to do. */
function classifyOutage(error: OutageError): Classified {
  const { cause } = error
  const { remedy, fault } = classifyError(cause)
  // A certificate does not become trusted by asking again. What a login was answered with may be over soon.
  const isTrust = cause instanceof TransportError && cause.code.startsWith('TLS_')
  const message = isTrust ? cause.message : error.message
  return { code: 'VCENTER_UNAVAILABLE', message, retryable: !isTrust, remedy, fault }
}

/** The keys of all messages of a fault and its causes: the only exact word that a FileFault has. */
export function faultMessageKeys(error: VimFaultError): string[] {
  return [...faultChain(error.fault)].flatMap(({ faultMessage }) => faultMessage?.map(({ key }) => key) ?? [])
}
