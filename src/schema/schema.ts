// Assembles the schema. Importing the file of a type registers it with the builder.

import { GraphQLSchema, isObjectType } from 'graphql'
import './scalars.ts'
import './errors/error-info.ts'
import './core/connections/coverage.ts'
import './core/connections/statistics-types.ts'
import './core/nodes/node.ts'
import './inventory/vcenter.ts'
import './core/managed-entity.ts'
import './inventory/datacenter.ts'
import './inventory/folder.ts'
import './core/resource-allocation.ts'
import './virtual-machine/virtual-machine.ts'
import './virtual-machine/identity.ts'
import './virtual-machine/hardware.ts'
import './virtual-machine/usage.ts'
import './virtual-machine/snapshots/virtual-machine-snapshots.ts'
import './virtual-machine/guest/guest.ts'
import './virtual-machine/guest/guest-network.ts'
import './virtual-machine/guest/guest-file-system.ts'
import './virtual-machine/change-tracking/change-tracking.ts'
import './virtual-machine/disks/virtual-disk.ts'
import './virtual-machine/disks/disk-controller.ts'
import './virtual-machine/network-adapters/network-adapter.ts'
import './changed-areas/area-connection.ts'
import './changed-areas/changed-area-fields.ts'
import './changed-areas/area-batches.ts'
import './changed-areas/areas-export.ts'
import './changed-areas/eligibility.ts'
import './virtual-machine/snapshots/snapshot.ts'
import './virtual-machine/snapshots/snapshot-connection.ts'
import './virtual-machine/snapshots/snapshot-creator.ts'
import './inventory/compute-resource.ts'
import './inventory/cluster.ts'
import './inventory/host-system.ts'
import './inventory/host-network.ts'
import './inventory/resource-pool.ts'
import './inventory/datastore.ts'
import './inventory/datastore-host-mount.ts'
import './inventory/storage-pod.ts'
import './inventory/network.ts'
import './inventory/distributed-virtual-switch.ts'
import './virtual-machine/disks/disk-file.ts'
import './tasks/task-initiator.ts'
import './tasks/recent-tasks.ts'
import './tasks/task-connection.ts'
import './inventory/task.ts'
import './access/viewer.ts'
import './access/can.ts'
import './events/event.ts'
import './events/event-connection.ts'
import './events/event-subscription.ts'
import './tags/tag.ts'
import './tags/object-tags.ts'
import './tags/tag-connections.ts'
import './live/inventory-changes.ts'
import './alarms/triggered-alarm.ts'
import './alarms/object-alarms.ts'
import './alarms/alarm-connection.ts'
import './alarms/alarm-changes.ts'
import './search/search.ts'
import './mutations/create-snapshot.ts'
import './mutations/remove-snapshots.ts'
import './mutations/revert-to-snapshot.ts'
import './mutations/power/change-power.ts'
import './mutations/rename-snapshot.ts'
import './mutations/consolidate-disks.ts'
import './mutations/change-tracking/set-change-tracking.ts'
import './mutations/cancel-task.ts'
import './mutations/tags/tag-mutations.ts'
import './mutations/set-custom-attribute.ts'
import './mutations/acknowledge-alarm.ts'
import './captures/snapshot-capture.ts'
import './captures/capture-changes.ts'
import './captures/release-capture.ts'
import { builder } from './builder.ts'

builder.queryType({ description: 'Reads the inventory, tasks and changed disk areas of vCenter.' })
builder.subscriptionType({ description: 'Streams changes and results over server-sent events.' })

const schemas = new Map<boolean, GraphQLSchema>()

/**
 * Returns the schema. It contains nothing of a gateway, so it is built once per process.
 *
 * @param options.readOnly - leaves out the mutations and the types that only mutations use
 */
export function buildSchema({ readOnly = false }: { readOnly?: boolean } = {}): GraphQLSchema {
  const schema = schemas.get(readOnly) ?? (readOnly ? withoutMutations(buildSchema()) : builder.toSchema())
  schemas.set(readOnly, schema)
  return schema
}

function withoutMutations(schema: GraphQLSchema): GraphQLSchema {
  const { query, subscription, directives, description, types } = schema.toConfig()
  // Types that are reachable only through an interface must be listed. GraphQLSchema collects all others from the root types.
  const implementations = types.filter((type) => isObjectType(type) && type.getInterfaces().length > 0)
  return new GraphQLSchema({ query, subscription, directives, description, types: implementations })
}
