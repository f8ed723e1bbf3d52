// HostSystem: the host that a virtual machine runs on.

import { unescapeName } from '../vim25/inventory-path.ts'
import { builder } from './builder.ts'
import { fieldsOf } from './field-plan.ts'
import { encodeId } from './ids.ts'

const { property } = fieldsOf('HostSystem')

builder.objectType('HostSystem', {
  description: 'An ESXi host. vim25: HostSystem.',
  interfaces: ['Node'],
  fields: (t) => ({
    id: t.id({
      nullable: false,
      description: 'The global id.',
      resolve: ({ ref }, _, context) => encodeId(context, ref),
    }),
    moid: t.string({
      nullable: false,
      description: 'The managed object id, such as host-21.',
      resolve: ({ ref }) => ref.value,
    }),
    name: t.string({
      description: 'name: usually the DNS name or the address.',
      ...property('name', unescapeName),
    }),
  }),
})
