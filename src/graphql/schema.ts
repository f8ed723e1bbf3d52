// Brings the nouns together into the schema. Importing a noun's file adds it to the builder.

import { GraphQLSchema, isObjectType } from 'graphql'
import './scalars.ts'
import './connection.ts'
import './node.ts'
import './vcenter.ts'
import './managed-entity.ts'
import './datacenter.ts'
import './folder.ts'
import './virtual-machine.ts'
import './virtual-machine-by.ts'
import './guest.ts'
import './virtual-machine-changes.ts'
import './change-tracking.ts'
import './virtual-disk.ts'
import './changed-areas/area-connection.ts'
import './changed-areas/fields.ts'
import './changed-areas/area-batches.ts'
import './snapshot.ts'
import './compute-resource.ts'
import './host-system.ts'
import './resource-pool.ts'
import './datastore.ts'
import './network.ts'
import './disk-file.ts'
import './task.ts'
import './mutations/create-snapshot.ts'
import './mutations/remove-snapshots.ts'
import './mutations/revert-to-snapshot.ts'
import './mutations/rename-snapshot.ts'
import './mutations/consolidate-disks.ts'
import './mutations/set-change-tracking.ts'
import './mutations/cancel-task.ts'
import { builder } from './builder.ts'

builder.queryType({ description: 'What can be read.' })
builder.subscriptionType({ description: 'What can be followed, over server-sent events.' })

/** Builds the schema; read-only, it has no mutations at all, nor the types that only they have. */
export function buildSchema({ readOnly = false }: { readOnly?: boolean } = {}): GraphQLSchema {
  const schema = builder.toSchema()
  if (!readOnly) return schema
  const { query, subscription, directives, description, types } = schema.toConfig()
  // Types that are only reached through an interface must be named; all others follow from the queries.
  const implementations = types.filter((type) => isObjectType(type) && type.getInterfaces().length > 0)
  return new GraphQLSchema({ query, subscription, directives, description, types: implementations })
}
