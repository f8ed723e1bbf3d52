// Identifies a server without an instanceUuid, which is an ESXi host without a vCenter, by the UUID of its hardware.

import type { DataObject } from '../../soap/vim-types.ts'
import { VimFaultError } from '../vim-fault-error.ts'
import type { SoapClient } from './soap-client.ts'

/**
 * Reads the hardware UUID of the server's first host. Requires a login.
 * @throws VimFaultError NotSupported if the server has no ViewManager or no host UUID
 */
export async function hardwareUuid(
  client: SoapClient,
  content: DataObject<'ServiceContent'>,
): Promise<string> {
  const { viewManager, rootFolder, propertyCollector } = content
  if (!viewManager) throw new VimFaultError({ _typeName: 'NotSupported' }, 'the server has no ViewManager')
  const view = await client.call(
    'CreateContainerView',
    viewManager,
    { container: rootFolder, type: ['HostSystem'], recursive: true },
    {},
  )
  const traversal: DataObject<'TraversalSpec'> = {
    _typeName: 'TraversalSpec',
    type: 'ContainerView',
    path: 'view',
    skip: false,
  }
  const specSet = [
    {
      propSet: [{ type: 'HostSystem', pathSet: ['hardware.systemInfo.uuid'] }],
      objectSet: [{ obj: view, skip: true, selectSet: [traversal] }],
    },
  ]
  const found = await client.call('RetrievePropertiesEx', propertyCollector, { specSet, options: {} }, {})
  await client.call('DestroyView', view, {}, {})
  const uuid = found?.objects?.[0]?.propSet?.[0]?.val
  if (typeof uuid !== 'string')
    throw new VimFaultError(
      { _typeName: 'NotSupported' },
      'the server has neither an instanceUuid nor a host UUID',
    )
  return uuid
}
