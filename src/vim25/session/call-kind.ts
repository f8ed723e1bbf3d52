// What a method means to the vCenter and to us, said once: whether its calls are counted, and whether they change something.

import type { MethodArgs, MethodName } from '../../soap/envelope.ts'

/**
 * `read` looks at the inventory and can be many or heavy: it waits for its turn.
 * `change` does something to the world: it waits behind no read, and what was read before it is of another time.
 * `upkeep` is light and of the session alone, or stands open on purpose, or ends something: it waits for nothing.
 */
export type CallKind = 'read' | 'change' | 'upkeep'

const kinds: { readonly [M in MethodName]?: CallKind } = {
  // The others that change something end in _Task.
  RenameSnapshot: 'change',
  CancelTask: 'change',

  RetrieveServiceContent: 'upkeep',
  CurrentTime: 'upkeep',
  Login: 'upkeep',
  Logout: 'upkeep',
  SessionIsActive: 'upkeep',
  TerminateSession: 'upkeep',
  CancelRetrievePropertiesEx: 'upkeep',
  CreatePropertyCollector: 'upkeep',
  DestroyPropertyCollector: 'upkeep',
  CreateFilter: 'upkeep',
  DestroyPropertyFilter: 'upkeep',
  WaitForUpdatesEx: 'upkeep',
  WaitForUpdates: 'upkeep',
  CheckForUpdates: 'upkeep',
  CancelWaitForUpdates: 'upkeep',
  CreateContainerView: 'upkeep',
  CreateListView: 'upkeep',
  ModifyListView: 'upkeep',
  ResetListView: 'upkeep',
  DestroyView: 'upkeep',
}

export const kindOf = (method: MethodName): CallKind =>
  kinds[method] ?? (method.endsWith('_Task') ? 'change' : 'read')

/** Whether a call creates an object of the session that only its response names. A filter ends with its collector. */
export const createsUnnamed = (method: MethodName): boolean =>
  method === 'CreateContainerView' || method === 'CreateListView' || method === 'CreatePropertyCollector'

/**
 * Whether a call that failed may be made again: it only looks. To go on with a retrieval is no such call, for its token is
 * good for one. A long poll is: what a lost answer told is told again to who asks with the same version. Not so by vcsim, whose
 * versions stay the same and hold no number.
 */
export function isRepeatable<M extends MethodName>(method: M, args: MethodArgs<M>): boolean {
  if (method !== 'WaitForUpdatesEx')
    return kindOf(method) === 'read' && method !== 'ContinueRetrievePropertiesEx'
  const { version } = args as MethodArgs<'WaitForUpdatesEx'>
  return !version || /\d/.test(version)
}
