// Container views: everything of a type in the inventory, one cheap hop for the property collector.

import type { ManagedObjectReference, ManagedObjectType } from '../../soap/vim-types.ts'
import type { CallOptions } from '../session/call-options.ts'
import type { Login } from '../session/login.ts'
import { VimFaultError } from '../vim-fault-error.ts'

/** The view of all objects of a type below the root folder; live, and kept until the login ends. */
export function inventoryView(
  login: Login,
  type: ManagedObjectType,
  callOptions: CallOptions,
): Promise<ManagedObjectReference> {
  // Shared by all who ask meanwhile: the first one's abort must not take it from the others.
  return login.memoize(`ContainerView ${type}`, () => {
    const args = { container: login.content.rootFolder, type: [type], recursive: true }
    return login.call('CreateContainerView', viewManagerOf(login), args, { onCall: callOptions.onCall })
  })
}

/** @throws VimFaultError NotSupported */
export function viewManagerOf({ content: { viewManager } }: Login): ManagedObjectReference {
  if (viewManager) return viewManager
  throw new VimFaultError({ _typeName: 'NotSupported' }, 'the server has no ViewManager')
}
