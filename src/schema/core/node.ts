// Node: everything that has an id, and the two ways to ask for it by that.

import type { GraphQLResolveInfo } from 'graphql'
import { ManagedObject } from '../../planner/managed-object.ts'
import type { ListLength } from '../cost/cost-estimate.ts'
import { type ApiError, badInput, noLongerThere } from '../errors/api-error.ts'
import { builder, type NodeValue } from '../builder.ts'
import type { Context } from '../context.ts'
import { needsNothing } from './field-requirements.ts'
import { decodeId, type Identified, typeNameOf } from './ids.ts'
import { loadNodes } from './load-node.ts'
import { isHeld, nextTurn } from '../execution/event-loop.ts'

builder.interfaceType('Node', {
  description: 'Everything that can be asked for by its id.',
  fields: (t) => ({
    id: t.id({
      nullable: false,
      description:
        'Opaque, stable, global: the vCenter’s instanceUuid, the managed object’s type and its moid. Never take it apart.',
    }),
  }),
  resolveType: typeNameOfValue,
})

function typeNameOfValue(value: NodeValue): string | undefined {
  if (value instanceof ManagedObject) return typeNameOf({ ref: value.ref })
  if ('device' in value) return 'VirtualDisk'
  if ('tree' in value) return 'Snapshot'
  return 'session' in value ? 'VCenter' : 'Task'
}

/** Null without an error would say that vSphere kept silent; that a thing is gone is worth a word. */
const gone = (identified: Identified): ApiError => {
  const disk = identified.diskKey === undefined ? '' : ` with disk ${identified.diskKey}`
  return noLongerThere(`${typeNameOf(identified)} ${identified.ref.value}${disk}`)
}

/** Each id that makes no sense, or whose object cannot be read, is an error in its place. */
async function resolveNodes(
  ids: readonly string[],
  context: Context,
  info: GraphQLResolveInfo,
): Promise<(NodeValue | Error)[]> {
  const { maximum } = context.vcenter.pageSizes
  if (ids.length > maximum)
    throw badInput(`there are ${ids.length} ids, but at most ${maximum} can be asked for at once`)
  await context.vcenter.session.loggedIn(context.scope)
  if (isHeld()) await nextTurn()
  context.scope.signal?.throwIfAborted()
  const decoded = ids.map((id) => {
    try {
      return decodeId(context, id)
    } catch (error) {
      return error as Error
    }
  })
  const known = decoded.filter((each): each is Identified => !(each instanceof Error))
  const values = new Map((await loadNodes(known, context, info)).map((value, index) => [known[index], value]))
  return decoded.map((each) => (each instanceof Error ? each : (values.get(each) ?? gone(each))))
}

const numberOfIds: ListLength = ({ ids }, { maximum }) =>
  Math.min((ids as readonly string[] | undefined)?.length ?? 0, maximum)

builder.queryFields((t) => ({
  node: t.field({
    ...needsNothing,
    type: 'Node',
    args: { id: t.arg.id({ required: true, description: 'Its global id.' }) },
    description: 'Anything by its id. Null with NOT_FOUND when it is gone.',
    resolve: async (_root, { id }, context, info) => {
      const [value] = await resolveNodes([id], context, info)
      return value as NodeValue
    },
  }),
  nodes: t.field({
    extensions: { ...needsNothing.extensions, length: numberOfIds },
    type: ['Node'],
    nullable: { list: false, items: true },
    args: {
      ids: t.arg.idList({
        required: true,
        description: 'Their global ids, as many as a page has at most; all are retrieved together.',
      }),
    },
    description: 'Several things by their ids, in that order. Each that is gone is null with NOT_FOUND.',
    // GraphQL takes an Error in a list for the error of that item.
    resolve: async (_root, { ids }, context, info) => (await resolveNodes(ids, context, info)) as NodeValue[],
  }),
}))
