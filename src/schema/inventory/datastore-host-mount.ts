// DatastoreHostMount: how a host has mounted a datastore, and Datastore.hostMounts.

import type { ManagedObject } from '../../planner/managed-object.ts'
import { PlanNode } from '../../planner/plan-node.ts'
import { knownEnumValue } from '../../soap/type-registry.ts'
import type { DataObject } from '../../soap/vim-types.ts'
import { builder } from '../builder.ts'
import { filterArg, filteredList } from '../core/connections/filtered-list.ts'
import { noRequirements, requiresPaths } from '../core/field-requirements.ts'
import { nestedReferences } from '../core/nested-references.ts'
import { required } from '../core/units.ts'
import { vimEnum } from '../core/vim-enum.ts'

/** A mount and the datastore that it belongs to. */
interface HostMount {
  readonly datastore: ManagedObject<'Datastore'>
  readonly mount: DataObject<'DatastoreHostMount'>
}

declare module '../builder.ts' {
  interface ObjectTypes {
    DatastoreHostMount: HostMount
  }
}

const infoOf = ({ mountInfo }: HostMount['mount']) =>
  required(mountInfo, 'a mount of a datastore without its state')

const hostOf = ({ key }: HostMount['mount']) => required(key, 'a mount of a datastore without its host')

const MountAccessMode = vimEnum('MountAccessMode', {
  vimType: 'HostMountMode',
  description: 'What a host can do on a datastore.',
  values: {
    readWrite: ['READ_WRITE', 'The host can read and write.'],
    readOnly: ['READ_ONLY', 'The host can only read.'],
  },
})

builder.objectType('DatastoreHostMount', {
  description: 'How a host has mounted a datastore. vim25: `DatastoreHostMount`, `HostMountInfo`.',
  fields: (t) => ({
    host: t.field({
      derives: { nothing: 'the host is a reference inside a data object, which a scan cannot follow' },
      ...noRequirements,
      type: 'HostSystem',
      description:
        'The host. Null if it is not visible. Selecting it costs one additional retrieval for all datastores together. Source: `key`.',
      resolve: async ({ datastore, mount }, _args, context, info) =>
        (await nestedReferences('HostSystem', datastore, [hostOf(mount)], context, info))?.[0] ?? null,
    }),
    path: t.string({
      description:
        'Where the host has mounted the datastore, such as `/vmfs/volumes/5f3a…`. Source: `mountInfo.path`.',
      resolve: ({ mount }) => infoOf(mount).path ?? null,
    }),
    accessMode: t.field({
      type: MountAccessMode.type,
      description: 'Whether the host can write to the datastore. Source: `mountInfo.accessMode`.',
      resolve: ({ mount }) => knownEnumValue('HostMountMode', infoOf(mount).accessMode) ?? null,
    }),
    mounted: t.boolean({
      description:
        'Whether the datastore is mounted on the host. Older hosts do not report it, and have it mounted. Source: `mountInfo.mounted`.',
      resolve: ({ mount }) => infoOf(mount).mounted ?? true,
    }),
    accessible: t.boolean({
      ...requiresPaths('summary.accessible'),
      description:
        'Whether the host can access the datastore now. Source: `mountInfo.accessible`, else `summary.accessible` of the datastore.',
      resolve: ({ datastore, mount }) =>
        infoOf(mount).accessible ?? datastore.read('summary.accessible') ?? null,
    }),
    inaccessibleReason: t.string({
      description:
        'Why the host cannot access the datastore: `AllPathsDown_Start`, `AllPathsDown_Timeout` or `PermanentDeviceLoss`. Null if it can, or if the reason is not known. Source: `mountInfo.inaccessibleReason`.',
      resolve: ({ mount }) => infoOf(mount).inaccessibleReason ?? null,
    }),
  }),
})

builder.objectField('Datastore', 'hostMounts', (t) =>
  t.field({
    ...filteredList({
      typeName: 'DatastoreHostMount',
      plan: (node) => node.read('host'),
      newOwner: () => new PlanNode('Datastore'),
      itemsOf: (datastore: ManagedObject<'Datastore'>) =>
        datastore.read('host')?.map((mount) => ({ datastore, mount })),
    }),
    type: ['DatastoreHostMount'],
    nullable: { list: true, items: false },
    args: { filter: filterArg(t.arg, 'DatastoreHostMount') },
    description: 'Each host that has the datastore, with how it is mounted there. Source: `host`.',
  }),
)
