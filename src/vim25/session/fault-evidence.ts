// Decides whether a fault proves that a write call was not executed. Only a fault can prove that; a lost connection, an HTTP
// status of a proxy, or the absence of an effect cannot. See docs/errors.md.

import { TaskError, type VimFaultError } from '../vim-fault-error.ts'

/**
 * Faults that mean that the server rejected the call before executing it, including their subtypes. Each is the result of a
 * check of the caller, the arguments or the current state, so every method raises it before it changes anything.
 */
const rejections = {
  // Checks of the caller. NotAuthenticated is a NoPermission, which is a SecurityError, as is RestrictedVersion.
  SecurityError: 'the session, a privilege or the license is checked first',
  NotEnoughLicenses: 'the license is checked first',
  // Checks of the request.
  InvalidRequest: 'the request could not be dispatched: MethodNotFound, InvalidType',
  NotImplemented: 'the server has no such method',
  NotSupported: 'the object does not support the method',
  ManagedObjectNotFound: 'the object that the call names does not exist',
  NotFound: 'an object that the arguments name does not exist',
  InvalidArgument: 'an argument is not valid',
  InvalidName: 'an argument is not valid',
  InvalidProperty: 'an argument is not valid',
  OutOfBounds: 'an argument is not valid',
  DuplicateName: 'the name is in use',
  // Checks of the state.
  InvalidState: 'the state is checked first: InvalidPowerState, InvalidVmState, QuestionPending, ...',
  TaskInProgress: 'the object is locked by another task',
  ConcurrentAccess: 'the object was changed since the version that the call names',
  ResourceInUse: 'the object is in use',
} as const

/**
 * Faults that give the reason why the operation itself failed. A call that starts a task returns as soon as the task exists, and
 * later failures are errors of the task. So a call that raises one of these faults has started no task, and a task that ends
 * with one has failed. From a synchronous method (RenameSnapshot) they prove nothing: it may have failed halfway.
 */
const failures = {
  SnapshotFault: 'the snapshot could not be taken, removed or reverted to',
  FileFault: 'a file could not be accessed, or there is no space for it',
  VmConfigFault: 'the configuration does not allow it',
  InsufficientResourcesFault: 'a host or resource pool does not have enough resources',
  InvalidDatastore: 'a datastore is not accessible',
  AlreadyExists: 'an object with that name exists',
  ToolsUnavailable: 'VMware Tools is not running',
} as const

/**
 * The source of a fault: a synchronous call, a request to the guest, which returns once VMware Tools has accepted it, a call that
 * starts a task, or the task.
 */
export type FaultSource = 'synchronous' | 'guest-request' | 'task-call' | 'task'

/** Whether a task with this `descriptionId` reverts a virtual machine to a snapshot, the current one or another. */
export const isRevert = (descriptionId: string): boolean => /revert/i.test(descriptionId)

/**
 * Whether the fault proves that the operation was not executed. False for faults that only mean that a lower layer did not
 * reply (SystemError, HostCommunication and its subtypes, Timedout, RequestCanceled), for MethodFault, RuntimeFault and VimFault
 * themselves, and for every fault in neither table. The operation may then have been executed, or may still be running.
 */
export function provesNotExecuted(fault: VimFaultError, source: FaultSource): boolean {
  const isOneOf = (table: object) => Object.keys(table).some((name) => fault.is(name))
  if (isOneOf(rejections)) return true
  // A revert powers the virtual machine on after it has reverted the disks, and that can fail.
  if (fault instanceof TaskError && isRevert(fault.operation)) return false
  if (source === 'guest-request') return fault.is('ToolsUnavailable')
  return source !== 'synchronous' && isOneOf(failures)
}
