// Datastore: where the files of virtual machines are.

import { unescapeName } from '../vim25/inventory-path.ts'
import { builder } from './builder.ts'
import { fieldsOf } from './field-plan.ts'
import { globalId, moid } from './identity-fields.ts'

const { property } = fieldsOf('Datastore')

builder.objectType('Datastore', {
  description: 'A datastore. vim25: Datastore.',
  interfaces: ['Node'],
  fields: (t) => ({
    id: t.id(globalId),
    moid: t.string(moid('datastore-11')),
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
