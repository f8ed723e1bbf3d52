// Classifies the vim25 methods: which ones read, which ones change the inventory, and which calls may be retried.

import type { MethodArgs, MethodName } from '../../soap/envelope.ts'

/**
 * - `read` reads the inventory. Such calls can be frequent or expensive, so they are queued.
 * - `write` changes the inventory. It is never queued, and it increments the write version, so that data read before it is
 *   not shared with later reads.
 * - `control` is cheap and only affects the session, is a long poll, or ends something. It is never queued.
 */
export type CallKind = 'read' | 'write' | 'control'

const kinds: { readonly [M in MethodName]?: CallKind } = {
  // The names of all other write methods end in _Task.
  ShutdownGuest: 'write',
  RebootGuest: 'write',
  StandbyGuest: 'write',
  TerminateVM: 'write',
  AnswerVM: 'write',
  RenameSnapshot: 'write',
  CancelTask: 'write',
  SetField: 'write',
  AddCustomFieldDef: 'write',
  RenameCustomFieldDef: 'write',
  RemoveCustomFieldDef: 'write',
  AcknowledgeAlarm: 'write',
  ClearTriggeredAlarms: 'write',
  PostEvent: 'write',
  LogUserEvent: 'write',
  AddAuthorizationRole: 'write',
  UpdateAuthorizationRole: 'write',
  RemoveAuthorizationRole: 'write',
  SetEntityPermissions: 'write',
  ResetEntityPermissions: 'write',
  RemoveEntityPermission: 'write',

  RetrieveServiceContent: 'control',
  CurrentTime: 'control',
  Login: 'control',
  Logout: 'control',
  SessionIsActive: 'control',
  TerminateSession: 'control',
  CancelRetrievePropertiesEx: 'control',
  CreatePropertyCollector: 'control',
  DestroyPropertyCollector: 'control',
  CreateFilter: 'control',
  DestroyPropertyFilter: 'control',
  WaitForUpdatesEx: 'control',
  WaitForUpdates: 'control',
  CheckForUpdates: 'control',
  CancelWaitForUpdates: 'control',
  CreateContainerView: 'control',
  CreateListView: 'control',
  ModifyListView: 'control',
  ResetListView: 'control',
  DestroyView: 'control',
  CreateCollectorForEvents: 'control',
  CreateCollectorForTasks: 'control',
  CreateCollectorWithInfoFilterForTasks: 'control',
  SetCollectorPageSize: 'control',
  RewindCollector: 'control',
  ResetCollector: 'control',
  DestroyCollector: 'control',
}

export const kindOf = (method: MethodName): CallKind =>
  kinds[method] ?? (method.endsWith('_Task') ? 'write' : 'read')

/**
 * Whether a call creates a session-scoped object whose reference is only in the response. A filter is not such an object,
 * because it is destroyed with its collector.
 */
export const createsServerObject = (method: MethodName): boolean =>
  method === 'CreateContainerView' ||
  method === 'CreateListView' ||
  method === 'CreatePropertyCollector' ||
  method.startsWith('CreateCollector')

/** Whether a read changes what the next call returns: a token that is valid for one call, or the position of a history collector. */
const readsOnce = (method: MethodName): boolean =>
  method === 'ContinueRetrievePropertiesEx' || /^Read(Next|Previous)/.test(method)

/**
 * Whether a failed call may be sent again, because it only reads and changes nothing that the next call depends on.
 * WaitForUpdatesEx may: a request with the same version returns the same updates again. vcsim does not do that; its
 * versions never change and contain no digit.
 */
export function isRetryable<M extends MethodName>(method: M, args: MethodArgs<M>): boolean {
  if (method !== 'WaitForUpdatesEx') return kindOf(method) === 'read' && !readsOnce(method)
  const { version } = args as MethodArgs<'WaitForUpdatesEx'>
  return !version || /\d/.test(version)
}
