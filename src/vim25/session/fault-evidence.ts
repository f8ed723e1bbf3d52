// What a fault proves about a write call: the only evidence that a call was not executed. A lost connection, an HTTP status of a
// proxy, or the absence of an effect never is. See docs/errors.md.

import type { VimFaultError } from '../vim-fault-error.ts'

/**
 * Faults by which a server says that it rejected a call before executing it, subtypes included. Each is the result of a check of
 * the caller, the arguments or the current state, so it is raised before anything changes, whatever the method.
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
 * Faults that name why the operation itself failed. A call that starts a task returns as soon as the task exists, and what fails
 * later is the error of the task; so a call that raises one of these has started none, and a task that ends with one has failed.
 * From a method that works synchronously (RenameSnapshot) they prove nothing: it may have failed halfway.
 */
const failures = {
  SnapshotFault: 'the snapshot could not be taken, removed or reverted to',
  FileFault: 'a file could not be accessed, or there is no space for it',
  VmConfigFault: 'the configuration does not allow it',
  InsufficientResourcesFault: 'a host or resource pool has not enough resources',
  InvalidDatastore: 'a datastore is not accessible',
  AlreadyExists: 'an object of that name exists',
  ToolsUnavailable: 'VMware Tools do not run',
} as const

/** What raised the fault: the call of a method that works synchronously, the call of one that starts a task, or the task. */
export type FaultSource = 'synchronous' | 'task-call' | 'task'

/**
 * Whether the fault proves that the operation was not carried out. False for faults that say only that a reply of a lower layer
 * is missing (SystemError, HostCommunication and its subtypes, Timedout, RequestCanceled), for MethodFault, RuntimeFault and
 * VimFault themselves, and for every fault that is in neither table: the operation may then have been executed, or still be.
 */
export function provesNotExecuted(fault: VimFaultError, source: FaultSource): boolean {
  const isOneOf = (table: object) => Object.keys(table).some((name) => fault.is(name))
  return isOneOf(rejections) || (source !== 'synchronous' && isOneOf(failures))
}
