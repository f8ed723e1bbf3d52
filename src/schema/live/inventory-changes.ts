// The subscription inventoryChanges and the types of its events. inventory-change-stream.ts finds the changes.

import type { GraphQLResolveInfo } from 'graphql'
import type { ManagedObject } from '../../planner/managed-object.ts'
import { PlanNode } from '../../planner/plan-node.ts'
import { planSelection } from '../../planner/selection.ts'
import { builder, type EntityType } from '../builder.ts'
import type { Context } from '../context.ts'
import { ChangeKind } from '../core/changes/change-kind.ts'
import { compileFilter } from '../core/criteria/conditions.ts'
import { filterInput } from '../core/criteria/connection-registry.ts'
import { assertFollowable } from '../core/criteria/membership.ts'
import type { FilterInput } from '../core/criteria/three-valued.ts'
import { EntityTypeEnum, entityTypes } from '../core/entity-type.ts'
import { postponedFields, postponesPlan } from '../core/field-requirements.ts'
import { encodeId } from '../core/nodes/ids.ts'
import { batchCost } from '../cost/cost-estimate.ts'
import { badInput } from '../errors/api-error.ts'
import { assertFollowableSelection } from './followable-selection.ts'
import { FollowedType, type InventoryChange } from './followed-type.ts'
import { type InventoryChangeBatch, InventoryChangeStream } from './inventory-change-stream.ts'

const changedAreasDisabledReason = 'changed areas cannot be selected in inventoryChanges'

/** The key of a type in the filter: `virtualMachine`. */
const filterKeyOf = (type: EntityType): string => `${type[0]?.toLowerCase()}${type.slice(1)}`

const InventoryFilter = builder.inputType('InventoryFilter', {
  description:
    'The types to follow, at least one, each with its conditions; `{}` follows all objects of a type. Conditions may use only what vCenter reports as a change of the object itself: its own properties, and the ids of objects that it refers to, such as `host: { id: { eq: $id } }`, `folder: { id: … }` or `datastores: { some: { id: … } }`. Other properties of these objects, objects that are reached over others (`cluster` of a virtual machine, `datacenter`, `path`), lists, tags, large properties (`disks`, `snapshots` except `some: {}` and `none: {}`) and values that vCenter need not report (usage, `overallStatus`) are errors.',
  fields: (t) =>
    Object.fromEntries(
      entityTypes.map((type) => [
        filterKeyOf(type),
        t.field({
          type: filterInput(builder, type),
          description: `Follows the objects of the type ${type} that meet these conditions.`,
        }),
      ]),
    ),
})

const InventoryChangeBatchType = builder.objectRef<InventoryChangeBatch>('InventoryChangeBatch').implement({
  extensions: { size: batchCost },
  description: 'Changes that are sent together.',
  fields: (t) => ({
    initial: t.exposeBoolean('initial', {
      nullable: false,
      description:
        'Whether the batch is part of the state at the start. The first batch that is not initial shows that the initial state is complete; it is sent at once, even if it has no changes.',
    }),
    changes: t.field({
      type: [InventoryChangeType],
      nullable: { list: false, items: false },
      description: 'The changes, each object at most once.',
      resolve: ({ changes }) => changes,
    }),
    coverage: t.field({
      extensions: { length: () => 1 },
      type: ['Coverage'],
      nullable: { list: false, items: false },
      description:
        'Which vCenters are followed at present. When this changes, a batch without changes is sent: `isComplete` is false while a vCenter cannot be reached, and true again once all its changes since then were found. `undecidedCount` is the number of objects that are not followed because a value that the filter needs cannot be read.',
      resolve: ({ coverage }) => coverage,
    }),
  }),
})

const InventoryChangeType = builder.objectRef<InventoryChange>('InventoryChange').implement({
  description: 'A change of one object.',
  fields: (t) => ({
    kind: t.field({
      type: ChangeKind,
      nullable: false,
      description: 'The kind of change.',
      resolve: ({ kind }) => kind,
    }),
    type: t.field({
      type: EntityTypeEnum,
      nullable: false,
      description: 'The type of the object.',
      resolve: ({ type }) => type,
    }),
    entityId: t.id({
      nullable: false,
      description: 'Global id of the object, even if it no longer exists.',
      resolve: (change, _args, { vcenters }) => encodeId(vcenters.of(change), change.ref),
    }),
    entity: t.field({
      ...postponesPlan,
      type: 'ManagedEntity',
      description: 'The object after the change. Null for LEAVE.',
      resolve: ({ entity }) => (entity as ManagedObject<EntityType> | undefined) ?? null,
    }),
  }),
})

type InventoryFilterInput = Readonly<Partial<Record<string, FilterInput | null>>>

/**
 * Returns the types to follow, each with its conditions.
 *
 * @throws ApiError BAD_USER_INPUT if there are none, or if a condition cannot be followed
 */
function followedFilters(
  filter: InventoryFilterInput,
  context: Context,
): readonly (readonly [EntityType, FilterInput])[] {
  const filters = entityTypes.flatMap((type) => {
    const input = filter[filterKeyOf(type)]
    return input ? [[type, input] as const] : []
  })
  if (filters.length === 0)
    throw badInput(
      'the filter of inventoryChanges is empty',
      'Name the types to follow, such as { virtualMachine: {} } for all virtual machines.',
    )
  for (const [type, input] of filters) assertFollowable(type, input, `filter.${filterKeyOf(type)}`, context)
  return filters
}

function followedType(
  type: EntityType,
  input: FilterInput,
  context: Context,
  info: GraphQLResolveInfo,
): FollowedType {
  const filter = compileFilter(type, input, context, { newOwner: () => new PlanNode(type) })
  const fieldNodes = postponedFields(info, 'InventoryChangeBatch', context)
  return new FollowedType(type, filter, () => {
    const node = new PlanNode(type)
    planSelection({ ...info, fieldNodes }, type, node, context)
    return node
  })
}

builder.subscriptionField('inventoryChanges', (t) =>
  t.field({
    type: InventoryChangeBatchType,
    nullable: false,
    args: {
      filter: t.arg({
        type: InventoryFilter,
        required: true,
        description: 'The types to follow, each with its conditions.',
      }),
    },
    description:
      'Follows objects of one or several types: sends all that match the filter in batches (`initial`), then each change of a property of an object that the selection reads. Properties of other objects, such as the name of its host or the disks of its snapshots, are read again with each change, but their own changes do not cause a batch: follow these types in the same subscription. The same applies to values that vCenter need not report: usage (`cpuUsage`, `memoryUsage`, `storage` of virtual machines, all usage of resource pools), `overallStatus`, triggered alarms, recent tasks, tags and file sizes. An object that is removed, that no longer matches or that may no longer be read is sent as LEAVE. If vCenter is unreachable at the start, the subscription fails with VCENTER_UNAVAILABLE. After a later outage it resumes with the differences to what was sent. The selection cannot have changed areas, nor what takes calls of its own and what vCenter does not report: `can`, `events`, `createdBy` of snapshots, `eligibility`.',
    subscribe: async (_root, { filter }, context, info) => {
      assertFollowableSelection(info)
      const followedContext = { ...context, changedAreasDisabledReason }
      const filters = followedFilters(filter as InventoryFilterInput, followedContext)
      // The update stream waits for an unreachable vCenter. A new subscriber would receive nothing and conclude that nothing changes,
      // so the subscription fails at the start instead.
      const vcenter = context.vcenters.only()
      await vcenter.session.ping(context.callOptions)
      const types = filters.map(([type, input]) => followedType(type, input, followedContext, info))
      return new InventoryChangeStream(types, vcenter, context).batches()
    },
    resolve: (batch) => batch,
  }),
)
