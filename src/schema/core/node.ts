// Node: everything that has an id, and the two ways to ask for it by that.

import type { GraphQLResolveInfo } from 'graphql'
import { ManagedObject } from '../../planner/managed-object.ts'
import { builder, type NodeValue } from '../builder.ts'
import type { Context } from '../context.ts'
import type { ListSize } from '../cost/cost-estimate.ts'
import { type ApiError, badInput, goneError } from '../errors/api-error.ts'
import { isOverBudget, yieldToEventLoop } from '../execution/event-loop.ts'
import { noRequirements } from './field-requirements.ts'
import { type DecodedId, decodeId, typeNameOf } from './ids.ts'
import { loadNodes } from './load-node.ts'

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
const notFound = (decoded: DecodedId): ApiError => {
  const disk = decoded.diskKey === undefined ? '' : ` with disk ${decoded.diskKey}`
  return goneError(`${typeNameOf(decoded)} ${decoded.ref.value}${disk}`)
}

/** Each id that makes no sense, or whose object cannot be read, is an error in its place. */
async function resolveNodes(
  ids: readonly string[],
  context: Context,
  info: GraphQLResolveInfo,
): Promise<(NodeValue | Error)[]> {
  const { maxSize } = context.vcenter.pageSizes
  if (ids.length > maxSize)
    throw badInput(`there are ${ids.length} ids, but at most ${maxSize} can be asked for at once`)
  await context.vcenter.session.ensureLogin(context.callOptions)
  if (isOverBudget()) await yieldToEventLoop()
  context.callOptions.signal?.throwIfAborted()
  const decoded = ids.map((id) => {
    try {
      return decodeId(context, id)
    } catch (error) {
      return error as Error
    }
  })
  const decodedIds = decoded.filter((each): each is DecodedId => !(each instanceof Error))
  const values = new Map(
    (await loadNodes(decodedIds, context, info)).map((value, index) => [decodedIds[index], value]),
  )
  return decoded.map((each) => (each instanceof Error ? each : (values.get(each) ?? notFound(each))))
}

const idCount: ListSize = ({ ids }, { maxSize }) =>
  Math.min((ids as readonly string[] | undefined)?.length ?? 0, maxSize)

builder.queryFields((t) => ({
  node: t.field({
    ...noRequirements,
    type: 'Node',
    args: { id: t.arg.id({ required: true, description: 'Its global id.' }) },
    description: 'Anything by its id. Null with NOT_FOUND when it is gone.',
    resolve: async (_root, { id }, context, info) => {
      const [value] = await resolveNodes([id], context, info)
      return value as NodeValue
    },
  }),
  nodes: t.field({
    extensions: { ...noRequirements.extensions, length: idCount },
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
