// Messages of faults, in vCenter's wording. They are for people; clients must not match on them.

const messages: ReadonlyMap<string, string> = new Map([
  ['InvalidLogin', 'Cannot complete login due to an incorrect user name or password.'],
  ['InvalidLocale', 'The specified locale is not supported.'],
  ['NotAuthenticated', 'The session is not authenticated.'],
  ['NoPermission', 'Permission to perform this operation was denied.'],
  ['ManagedObjectNotFound', 'The object has already been deleted or has not been completely created'],
  ['InvalidArgument', 'A specified parameter was not correct: '],
  ['InvalidPowerState', 'The attempted operation cannot be performed in the current state.'],
  ['InvalidState', 'The operation is not allowed in the current state.'],
  ['QuestionPending', 'The operation cannot be performed because a question is pending.'],
  [
    'ToolsUnavailable',
    'Cannot complete operation because VMware Tools is not running in this virtual machine.',
  ],
  ['ConcurrentAccess', 'The object has been changed by another client.'],
  [
    'InsufficientMemoryResourcesFault',
    'The available memory resources are not sufficient for the operation.',
  ],
  ['InsufficientCpuResourcesFault', 'The available CPU resources are not sufficient for the operation.'],
  ['NotFound', 'The object or item referred to could not be found.'],
  ['RequestCanceled', 'The task was canceled by a user.'],
  ['TaskInProgress', 'Another task is already in progress.'],
  ['InvalidName', 'The name is not valid.'],
  ['NoDiskSpace', 'Insufficient disk space on the datastore.'],
  ['FileFault', 'Unable to access a file of the virtual machine.'],
  ['CannotAccessFile', 'Unable to access a file of the virtual machine.'],
  ['FileLocked', 'Unable to access a file since it is locked.'],
  ['ApplicationQuiesceFault', 'The guest OS has reported an error during quiescing.'],
  [
    'FilesystemQuiesceFault',
    'Cannot quiesce this virtual machine: its I/O was frozen for longer than is allowed.',
  ],
  ['TooManySnapshotLevels', 'The maximum depth of snapshots has been reached.'],
  ['InvalidSnapshotFormat', 'Detected an invalid snapshot configuration.'],
  ['InvalidDeviceSpec', 'Invalid configuration for a device.'],
  ['InvalidRequest', 'The request refers to an unexpected or unknown type.'],
  ['SystemError', 'A general system error occurred.'],
])

/** Faults without a message in a vCenter: their faultstring is empty. */
const typesWithoutMessage: ReadonlySet<string> = new Set([
  'InvalidProperty',
  'InvalidCollectorVersion',
  'NotSupported',
])

/**
 * Returns a vCenter's message for a fault, which can be empty; for a type not listed here, a message with its
 * name.
 */
export function faultMessage(
  detail: { readonly _typeName: string } & Readonly<Record<string, unknown>>,
): string {
  if (typesWithoutMessage.has(detail._typeName)) return ''
  const text = messages.get(detail._typeName) ?? `A fault of type ${detail._typeName} occurred.`
  if (detail._typeName === 'InvalidArgument') return text + (detail.invalidProperty ?? '')
  if (detail._typeName === 'SystemError') return `${text.slice(0, -1)}: ${detail.reason ?? ''}`
  return text
}

/** Returns a fault as it appears inside data, such as a task's error or a missingSet. */
export const localizedFault = (
  detail: { readonly _typeName: string } & Readonly<Record<string, unknown>>,
  message = '',
) => ({ fault: detail, localizedMessage: message === '' ? faultMessage(detail) : message })
