// The root fields `tags` and `tagCategories`: pages over all tags or categories, which are read as a whole and sorted by name.

import type { Page, PaginationArgs } from '../../planner/connections/page.ts'
import { parsePagination, slicePage } from '../../planner/connections/page.ts'
import type { Order } from '../../planner/connections/sort.ts'
import { PlanNode } from '../../planner/plan-node.ts'
import { builder } from '../builder.ts'
import type { Context } from '../context.ts'
import { connectionTypes } from '../core/connections/connection-types.ts'
import type { ArgBuilder } from '../core/connections/pagination-args.ts'
import { compileFilter } from '../core/criteria/conditions.ts'
import { filterInput } from '../core/criteria/connection-registry.ts'
import { digestOf } from '../core/criteria/order.ts'
import type { FilterInput } from '../core/criteria/three-valued.ts'
import { noRequirements } from '../core/field-requirements.ts'
import type { RequestVCenter } from '../vcenters.ts'
import { allCategories, allTags, compareNames, type Tag, type TagCategory } from './tag-model.ts'

type Kind = 'Tag' | 'TagCategory'

interface TagArgs extends Pick<PaginationArgs, 'first' | 'after'> {
  readonly filter?: FilterInput | null | undefined
}

connectionTypes('Tag', 'tag')
connectionTypes('TagCategory', 'category')

const args = (arg: ArgBuilder, kind: Kind) => ({
  first: arg.int({
    description:
      'Maximum number of items. Without it the page has the configured default size (100 if not configured).',
  }),
  after: arg.string({ description: 'Returns only items after this cursor.' }),
  filter: arg({
    type: filterInput(builder, kind),
    description: 'Returns only items that meet these conditions.',
  }),
})

builder.queryFields((t) => ({
  tags: t.field({
    ...noRequirements,
    type: 'TagConnection',
    args: args(t.arg, 'Tag'),
    description:
      'The vSphere tags, sorted by name. Their definitions are read one by one, at most 50 a second, and kept for a minute: the first page of 500 tags takes ten seconds. Empty on an ESXi host. Source: vAPI.',
    resolve: (_root, args, context) => pageOf('Tag', args, context, allTags),
  }),
  tagCategories: t.field({
    ...noRequirements,
    type: 'TagCategoryConnection',
    args: args(t.arg, 'TagCategory'),
    description: 'The categories of vSphere tags, sorted by name. Empty on an ESXi host. Source: vAPI.',
    resolve: (_root, args, context) => pageOf('TagCategory', args, context, allCategories),
  }),
}))

async function pageOf<T extends Tag | TagCategory>(
  kind: Kind,
  { first, after, filter }: TagArgs,
  context: Context,
  readAll: (vcenter: RequestVCenter) => Promise<readonly T[]>,
): Promise<Page> {
  const vcenter = context.vcenters.only()
  await vcenter.session.ensureLogin(context.callOptions)
  const order: Order = { name: 'NAME ASC', filterDigest: digestOf(filter), keys: [nameKey] }
  const window = parsePagination({ first, after }, order, context.pageSizes)
  const { evaluate } = compileFilter(kind, filter, context, { newOwner: () => new PlanNode('ManagedEntity') })
  const matching = (await readAll(vcenter)).filter((each) => evaluate(each, 'all')).sort(compareNames)
  const byId = new Map(matching.map((each) => [each.definition.id, each]))
  const refs = matching.map(({ definition: { id, name } }) => ({
    ref: { type: kind, value: id },
    keys: [name],
    moid: id,
  }))
  const page = slicePage(
    { id: '', refs, undecidedCount: 0, unreadableCount: 0 },
    order,
    window,
    ({ moid }) => ({ owner: undefined as never, object: byId.get(moid) }),
  )
  return { ...page, source: vcenter.source }
}

const nameKey: Order['keys'][number] = {
  descending: false,
  keyType: 'string',
  plan: () => {},
  of: (item) => (item as Tag | TagCategory).definition.name,
}
