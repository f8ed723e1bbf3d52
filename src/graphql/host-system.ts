// HostSystem: the host that a virtual machine runs on.

import { unescapeName } from '../vim25/inventory-path.ts'
import { builder } from './builder.ts'
import { fieldsOf } from './field-plan.ts'
import { globalId, moid } from './identity-fields.ts'

const { property } = fieldsOf('HostSystem')

builder.objectType('HostSystem', {
  description: 'An ESXi host. vim25: HostSystem.',
  interfaces: ['Node'],
  fields: (t) => ({
    id: t.id(globalId),
    moid: t.string(moid('host-21')),
    name: t.string({
      description: 'name: usually the DNS name or the address.',
      ...property('name', unescapeName),
    }),
  }),
})
