// Node: the interface of all types that have an id, and the root fields node and nodes.

import type { GraphQLResolveInfo } from 'graphql'
import { isOverBudget } from '../../../concurrency/event-loop.ts'
import { formatNumber } from '../../../text/format-number.ts'
import { builder } from '../../builder.ts'
import type { Context } from '../../context.ts'
import type { ListSize } from '../../cost/cost-estimate.ts'
import { type ApiError, badInput, notFoundError } from '../../errors/api-error.ts'
import { noRequirements } from '../field-requirements.ts'
import { decodeId, isVCenterId } from './ids.ts'
import { loadNodes } from './load-node.ts'
import { type DecodedId, typeNameOfValue } from './node-registry.ts'

builder.interfaceType('Node', {
  description: 'An object with a global id. `node` and `nodes` load it by that id.',
  fields: (t) => ({
    id: t.id({
      nullable: false,
      description:
        'Global id: opaque, stable, and unique across vCenters. It is made from the vCenter’s instanceUuid and the type and moid of the managed object. Do not parse it.',
    }),
  }),
  resolveType: typeNameOfValue,
})

/** Null without an error means that vSphere reported no value. So an object that no longer exists gets the error NOT_FOUND. */
const notFound = ({ nodeType, ref, key }: DecodedId): ApiError =>
  notFoundError(`${nodeType.name} ${key === undefined ? '' : `${key} of `}${ref.value}`)

/** Loads the object of each id. An invalid id, or an object that cannot be read, gives an error in its place. */
async function resolveNodes(
  ids: readonly string[],
  context: Context,
  info: GraphQLResolveInfo,
): Promise<(object | Error)[]> {
  const { maxSize } = context.pageSizes
  if (ids.length > maxSize)
    throw badInput(
      `nodes has ${formatNumber(ids.length)} ids, but the limit is ${formatNumber(maxSize)}`,
      'Send the ids in several requests.',
    )
  if (!ids.every(isVCenterId)) await context.vcenters.ensureLogins()
  if (isOverBudget()) await context.batchScheduler.yieldToEventLoop()
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
    args: { id: t.arg.id({ required: true, description: 'Global id of the object.' }) },
    description: 'Loads any object by its id. Null with the error NOT_FOUND if it no longer exists.',
    resolve: async (_root, { id }, context, info) => {
      const [value] = await resolveNodes([id], context, info)
      return value as object
    },
  }),
  nodes: t.field({
    extensions: { ...noRequirements.extensions, length: idCount },
    type: ['Node'],
    nullable: { list: true, items: true },
    args: {
      ids: t.arg.idList({
        required: true,
        description:
          'Global ids, at most as many as the maximum page size. All objects are retrieved together.',
      }),
    },
    description:
      'Loads several objects by their ids, in the order of the ids. An object that no longer exists is null with the error NOT_FOUND.',
    // graphql-js reports an Error in a list as the error of that item.
    resolve: async (_root, { ids }, context, info) => (await resolveNodes(ids, context, info)) as object[],
  }),
}))
