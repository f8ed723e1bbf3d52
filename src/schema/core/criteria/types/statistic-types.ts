// Creates the types of aggregates and groups, and adds their fields to the connections.

import type { SchemaTypes } from '@pothos/core'
import type { ConnectionPlan } from '../../../../planner/connections/connection-plan.ts'
import type { Page } from '../../../../planner/connections/page.ts'
import type { PlanNode } from '../../../../planner/plan-node.ts'
import type { FieldPlan } from '../../../../planner/selection.ts'
import { formatNumber } from '../../../../text/format-number.ts'
import { pluralOf } from '../../../../text/plural.ts'
import type { Context } from '../../../context.ts'
import type { ConnectionType } from '../connection-registry.ts'
import { constantCase, type DerivedType, derivedType, type FieldPath } from '../derived-types.ts'
import { checkGroupArguments, type Group, type GroupArgs, groupItems, maxGroups } from '../groups.ts'
import { type ItemSet, statisticsOf } from '../statistics.ts'

type Builder = PothosSchemaTypes.SchemaBuilder<SchemaTypes>
type FieldsBuilder = PothosSchemaTypes.ObjectFieldBuilder<SchemaTypes, object>

/** Plans the statistics of a connection: every matching item is needed, and the selection is planned on all of them. */
const planStatistics: FieldPlan<Context> = (position) => {
  const connection = position as ConnectionPlan
  connection.needsMatching = true
  return connection.statistics
}

const planPath =
  (path: FieldPath): FieldPlan<Context> =>
  (position, _args, context) =>
    path.plan(position as PlanNode, context)

/** Returns the matching items; null if some could not be read, because no number describes only a part. */
const itemsOf = ({ matching = [], unreadableCount }: Page): ItemSet | null =>
  unreadableCount > 0 ? null : { items: matching }

export function addStatisticTypes(builder: Builder, { typeName, label }: ConnectionType): void {
  const type = derivedType(typeName)
  const object = (name: string, description: string, fields: (t: FieldsBuilder) => object) =>
    builder.objectRef(`${typeName}${name}`).implement({ description, fields: fields as never })
  const Aggregate =
    type.statistics.size > 0 &&
    object('Aggregate', `Statistics of a set of ${pluralOf(label)}, each in the unit of its field.`, (t) =>
      aggregateFields(type, t),
    )
  const Key = object(
    'GroupKey',
    `The values of a group of ${pluralOf(label)}. Null for what they are not grouped by.`,
    (t) => keyFields(type, t),
  )
  const GroupBy = builder.enumType(`${typeName}GroupBy`, {
    description: `What ${pluralOf(label)} can be grouped by.`,
    values: Object.fromEntries(
      [...type.groupPaths].map(([name, path]) => [
        constantCase(name),
        { value: name, description: path.description },
      ]),
    ),
  })
  const aggregateField = {
    type: Aggregate as never,
    description: `Statistics of the ${pluralOf(label)} of the group.`,
  }
  const GroupType = object('Group', `A group of ${pluralOf(label)} that have the same values.`, (t) => ({
    key: t.field({
      type: Key as never,
      nullable: false,
      description: 'The common values. A null value makes a group of its own.',
      resolve: (group) => group as never,
    }),
    count: t.int({
      nullable: false,
      description: `Number of ${pluralOf(label)} in the group.`,
      resolve: (group) => (group as Group).items.length,
    }),
    ...(Aggregate && {
      aggregate: t.field({ ...aggregateField, nullable: false, resolve: (group: object) => group } as never),
    }),
  }))
  builder.objectFields(
    `${typeName}Connection` as never,
    ((t: FieldsBuilder) => ({
      ...(Aggregate && {
        aggregate: t.field({
          ...aggregateField,
          description: `Statistics of all ${pluralOf(label)} that match the filter, on any page. They are computed in the scan that finds the page. Null if \`coverage\` is not complete.`,
          extensions: { plan: planStatistics },
          resolve: (page: object) => itemsOf(page as Page),
        } as never),
      }),
      groups: t.field({
        type: [GroupType],
        nullable: { list: true, items: false },
        args: {
          by: t.arg({
            type: [GroupBy] as never,
            required: true,
            description: 'The values that the items of a group have in common: 1 to 4 keys.',
          }),
          first: t.arg.int({
            description: `Maximum number of groups, at most ${formatNumber(maxGroups)}. Without it all groups are returned, and more than ${formatNumber(maxGroups)} are an error.`,
          }),
        },
        description: `All ${pluralOf(label)} that match the filter, on any page, grouped by values: the largest group first, then by key. Null if \`coverage\` is not complete.`,
        extensions: {
          plan: ((position, args, context, field) => {
            checkGroupArguments(args as unknown as GroupArgs)
            const node = planStatistics(position, args, context, field) as PlanNode
            for (const name of args.by as readonly string[])
              (type.groupPaths.get(name) as FieldPath).plan(node, context)
            return node
          }) satisfies FieldPlan<Context>,
          length: ({ first }: { readonly first?: number | null }) =>
            Math.min(Math.max(first ?? maxGroups, 0), maxGroups),
        },
        resolve: (page: object, args: never, context: object) => {
          const items = itemsOf(page as Page)
          return items && groupItems(typeName, items, args, context as Context)
        },
      } as never),
    })) as never,
  )
}

const aggregateFields = (type: DerivedType, t: FieldsBuilder): object =>
  Object.fromEntries(
    [...type.statistics].map(([name, { path, unit }]) => [
      name,
      t.field({
        type: (unit === '%' ? 'PercentStats' : 'NumberStats') as never,
        description: path.description,
        extensions: {
          plan: ((position, _args, context) => {
            path.plan(position as PlanNode, context)
            return undefined
          }) satisfies FieldPlan<Context>,
        },
        resolve: (items: object, _args: object, context: object) =>
          statisticsOf(path, items as ItemSet, context as Context),
      } as never),
    ]),
  )

const keyFields = (type: DerivedType, t: FieldsBuilder): object =>
  Object.fromEntries(
    [...type.groupPaths].map(([name, path]) => [
      name,
      t.field({
        type: path.last.typeName as never,
        description: path.description,
        extensions: { plan: planPath(path) },
        resolve: (group: object, _args: object, context: object) => {
          const { by, sample } = group as Group
          return by.includes(name) ? path.value(sample, context as Context) : null
        },
      } as never),
    ]),
  )
