// Container views: everything of a type in the inventory, one cheap hop for the property collector. Made once a login.

import type { ManagedObjectReference, ManagedObjectType } from '../soap/vim-types.ts'
import type { CallScope } from './call-scope.ts'
import type { Login } from './session.ts'
import { VimFaultError } from './vim-fault-error.ts'

/** The view of all objects of a type below the root folder; live, and kept until the login ends. */
export function inventoryView(
  login: Login,
  type: ManagedObjectType,
  scope: CallScope,
): Promise<ManagedObjectReference> {
  return login.once(`ContainerView ${type}`, () => {
    const { viewManager, rootFolder } = login.content
    if (!viewManager) throw new VimFaultError({ _typeName: 'NotSupported' }, 'the server has no ViewManager')
    // Shared by all who ask meanwhile: the first one's abort must not take it from the others.
    return login.call(
      'CreateContainerView',
      viewManager,
      { container: rootFolder, type: [type], recursive: true },
      { onCall: scope.onCall },
    )
  })
}
