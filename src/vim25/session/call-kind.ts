// What a method means to the vCenter and to us, said once: whether its calls are counted, and whether they change something.

import type { MethodArgs, MethodName } from '../../soap/envelope.ts'

/**
 * `read` looks at the inventory and can be many or heavy: it waits for its turn.
 * `write` does something to the world: it waits behind no read, and what was read before it is of another time.
 * `control` is light and of the session alone, or stands open on purpose, or ends something: it waits for nothing.
 */
export type CallKind = 'read' | 'write' | 'control'

const kinds: { readonly [M in MethodName]?: CallKind } = {
  // The others that change something end in _Task.
  RenameSnapshot: 'write',
  CancelTask: 'write',

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
}

export const kindOf = (method: MethodName): CallKind =>
  kinds[method] ?? (method.endsWith('_Task') ? 'write' : 'read')

/** Whether a call creates an object of the session that only its response names. A filter ends with its collector. */
export const createsServerObject = (method: MethodName): boolean =>
  method === 'CreateContainerView' || method === 'CreateListView' || method === 'CreatePropertyCollector'

/**
 * Whether a call that failed may be made again: it only looks. To go on with a retrieval is no such call, for its token is
 * good for one. A long poll is: what a lost answer told is told again to who asks with the same version. Not so by vcsim, whose
 * versions stay the same and hold no number.
 */
export function isRetryable<M extends MethodName>(method: M, args: MethodArgs<M>): boolean {
  if (method !== 'WaitForUpdatesEx')
    return kindOf(method) === 'read' && method !== 'ContinueRetrievePropertiesEx'
  const { version } = args as MethodArgs<'WaitForUpdatesEx'>
  return !version || /\d/.test(version)
}
