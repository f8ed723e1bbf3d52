// Node: everything that has an id, and the two ways to ask for it by that.

import type { GraphQLResolveInfo } from 'graphql'
import { ManagedObject } from '../plan/managed-object.ts'
import { ApiError } from './api-error.ts'
import { builder, type NodeValue } from './builder.ts'
import type { Context } from './context.ts'
import { needsNothing } from './field-plan.ts'
import { decodeId, type Identified, typeNameOf } from './ids.ts'
import { loadNode } from './load-node.ts'

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
async function resolveNode(id: string, context: Context, info: GraphQLResolveInfo): Promise<NodeValue> {
  const identified: Identified = decodeId(context, id)
  const value = await loadNode(identified, context, info)
  if (value) return value
  throw new ApiError(
    'NOT_FOUND',
    `there is no ${typeNameOf(identified)} ${identified.ref.value}${identified.diskKey === undefined ? '' : ` with disk ${identified.diskKey}`} any more`,
    {
      remedy: 'It was removed, or the gateway’s account may not see it. Look it up again.',
    },
  )
}

builder.queryFields((t) => ({
  node: t.field({
    ...needsNothing,
    type: 'Node',
    args: { id: t.arg.id({ required: true, description: 'Its global id.' }) },
    description: 'Anything by its id. Null with NOT_FOUND when it is gone.',
    resolve: async (_root, { id }, context, info) => {
      await context.vcenter.session.run(async () => {}, context.scope)
      return resolveNode(id, context, info)
    },
  }),
  nodes: t.field({
    ...needsNothing,
    type: ['Node'],
    nullable: { list: false, items: true },
    args: {
      ids: t.arg.idList({ required: true, description: 'Their global ids; all are retrieved together.' }),
    },
    description: 'Several things by their ids, in that order. Each that is gone is null with NOT_FOUND.',
    resolve: async (_root, { ids }, context, info) => {
      await context.vcenter.session.run(async () => {}, context.scope)
      return Promise.all(
        ids.map((id) => resolveNode(id, context, info).catch((error: Error) => error as never)),
      )
    },
  }),
}))
