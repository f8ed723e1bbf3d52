// Datastore: where the files of virtual machines are.

import { unescapeName } from '../vim25/inventory-path.ts'
import { builder } from './builder.ts'
import { fieldsOf } from './field-plan.ts'
import { encodeId } from './ids.ts'

const { property } = fieldsOf('Datastore')

builder.objectType('Datastore', {
  description: 'A datastore. vim25: Datastore.',
  interfaces: ['Node'],
  fields: (t) => ({
    id: t.id({
      nullable: false,
      description: 'The global id.',
      resolve: ({ ref }, _, context) => encodeId(context, ref),
    }),
    moid: t.string({
      nullable: false,
      description: 'The managed object id, such as datastore-11.',
      resolve: ({ ref }) => ref.value,
    }),
    name: t.string({ description: 'name.', ...property('name', unescapeName) }),
    capacity: t.field({
      type: 'BigInt',
      description: 'Size in bytes: summary.capacity. Says nothing while the datastore is not accessible.',
      ...property('summary.capacity'),
    }),
    freeSpace: t.field({
      type: 'BigInt',
      description: 'Free bytes: summary.freeSpace. Says nothing while the datastore is not accessible.',
      ...property('summary.freeSpace'),
    }),
    type: t.string({ description: 'summary.type: VMFS, NFS, vsan, ...', ...property('summary.type') }),
  }),
})
