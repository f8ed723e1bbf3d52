// Creates container views. A view lists all objects of a type, so that the property collector reaches them in one cheap hop.

import type { ManagedObjectReference, ManagedObjectType } from '../../soap/vim-types.ts'
import type { CallOptions } from '../session/call-options.ts'
import type { Login } from '../session/login.ts'
import { VimFaultError } from '../vim-fault-error.ts'

/** Returns the view of all objects of a type below the root folder. vCenter keeps it up to date; it exists until the login ends. */
export function getContainerView(
  login: Login,
  type: ManagedObjectType,
  callOptions: CallOptions,
): Promise<ManagedObjectReference> {
  // The call has no abort signal, because concurrent callers share it.
  return login.memoize(`ContainerView ${type}`, () => {
    const args = { container: login.content.rootFolder, type: [type], recursive: true }
    return login.call('CreateContainerView', viewManagerOf(login), args, { onCall: callOptions.onCall })
  })
}

/** @throws VimFaultError NotSupported if the server has no ViewManager */
export function viewManagerOf({ content: { viewManager } }: Login): ManagedObjectReference {
  if (viewManager) return viewManager
  throw new VimFaultError({ _typeName: 'NotSupported' }, 'the server has no ViewManager')
}
