// A fixture type by the recipes of docs/contributing.md: an inventory type with an id, a connection and root fields.

import { builder } from '../../../src/schema/builder.ts'
import { registerEntity } from '../../../src/schema/core/managed-entity.ts'
import { rootFields } from '../../../src/schema/core/root-fields.ts'

declare module '../../../src/schema/builder.ts' {
  interface EntityTypes {
    DistributedVirtualSwitch: true
  }
}

registerEntity('DistributedVirtualSwitch')

builder.objectType('DistributedVirtualSwitch', {
  description: 'A switch that spans several hosts. vim25: `DistributedVirtualSwitch`.',
  interfaces: ['Node', 'ManagedEntity'],
  fields: (t) => ({
    uuid: t.vimProperty('uuid', { type: 'String', description: 'UUID of the switch. Source: `uuid`.' }),
  }),
})

rootFields({
  type: 'DistributedVirtualSwitch',
  plural: 'distributedVirtualSwitches',
  singular: 'distributedVirtualSwitch',
  label: 'distributed switch',
  example: '/Frankfurt/network/switch',
})
