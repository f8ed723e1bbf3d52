// The mutations attachTag and detachTag: one tag, and up to 100 objects with a result for each.

import { type GraphQLInterfaceType, type GraphQLResolveInfo, isInterfaceType } from 'graphql'
import type { ManagedObject } from '../../../planner/managed-object.ts'
import type { AssociationAction } from '../../../vapi/tagging.ts'
import { builder, type EntityType } from '../../builder.ts'
import { type Context, inVCenter } from '../../context.ts'
import { noRequirements } from '../../core/field-requirements.ts'
import { decodeId } from '../../core/nodes/ids.ts'
import { loadNodes } from '../../core/nodes/load-node.ts'
import type { DecodedId } from '../../core/nodes/node-registry.ts'
import { badInput } from '../../errors/api-error.ts'
import type { ClassifiedError } from '../../errors/classify-error.ts'
import type { RequestVCenter } from '../../vcenters.ts'
import { declareMutation } from '../declare-mutation.ts'
import { changeAssociations } from './change-associations.ts'
import { requireTag, type TagBy, TagByInput } from './target-tag.ts'

interface TagResult {
  readonly entityId: string
  readonly target: DecodedId
  readonly error: ClassifiedError | undefined
}

const maxEntities = 100

const TagResultType = builder.objectRef<TagResult>('TagResult').implement({
  description: 'The result for one object of a mutation that attaches or detaches a tag.',
  fields: (t) => ({
    entityId: t.exposeID('entityId', { nullable: false, description: 'The id of the object in the input.' }),
    entity: t.field({
      ...noRequirements,
      type: 'ManagedEntity',
      description: 'The object, read after the change. Null if it does not exist.',
      resolve: async ({ target }, _args, context, info) => {
        const [object] = await loadNodes([target], context, info)
        if (object instanceof Error) throw object
        return (object as ManagedObject<EntityType> | undefined) ?? null
      },
    }),
    error: t.field({
      type: 'ErrorInfo',
      description:
        'Why the object was not changed; null if it was, or had the requested state already. CONFLICT if it has another tag of a category that allows one. OUTCOME_UNKNOWN if the response was lost and the tags of the object do not show the change.',
      resolve: ({ error }) => (error ? { ...error, retryOnly: 'this object' } : null),
    }),
  }),
})

interface TagMutation {
  readonly action: AssociationAction
  readonly description: string
  readonly input: string
  readonly entities: string
}

function tagMutation({ action, description, input, entities }: TagMutation): void {
  declareMutation(`${action}Tag`, {
    description,
    input: {
      description: input,
      fields: (t) => ({
        tag: t.field({ type: TagByInput, required: true, description: 'The tag.' }),
        entities: t.idList({ required: true, description: entities }),
      }),
    },
    resolve: async ({ tag, entities: ids }, context, info) => ({
      results: await changeTag(action, tag as TagBy, ids, context, info),
    }),
    payload: {
      description: 'A result for each object, in the order of the input.',
      fields: (t) => ({
        results: t.field({
          extensions: { ...noRequirements.extensions, length: () => maxEntities },
          type: [TagResultType],
          nullable: { list: false, items: false },
          description: 'The results, in the order of the input.',
          resolve: ({ results }) => results,
        }),
      }),
    },
  })
}

const entitiesNote =
  'Global ids, 1 to 100. By its names, the tag is found in the vCenter of each object; by id, all objects must be of the vCenter of the tag.'

tagMutation({
  action: 'attach',
  description:
    'Attaches a tag to objects. Succeeds for an object that already has it. NOT_SUPPORTED on an ESXi host, which has no tags. Needs the privileges InventoryService.Tagging.AttachTag and InventoryService.Tagging.ObjectAttachable. Source: vAPI, `attach-tag-to-multiple-objects`.',
  input: 'A tag, and the objects to attach it to.',
  entities: entitiesNote,
})

tagMutation({
  action: 'detach',
  description:
    'Detaches a tag from objects. Succeeds for an object that does not have it. NOT_SUPPORTED on an ESXi host, which has no tags. Needs the privileges InventoryService.Tagging.AttachTag and InventoryService.Tagging.ObjectAttachable. Source: vAPI, `detach-tag-from-multiple-objects`.',
  input: 'A tag, and the objects to detach it from.',
  entities: entitiesNote,
})

async function changeTag(
  action: AssociationAction,
  by: TagBy,
  ids: readonly string[],
  context: Context,
  { schema }: GraphQLResolveInfo,
): Promise<readonly TagResult[]> {
  if (ids.length === 0 || ids.length > maxEntities)
    throw badInput(
      `entities has ${ids.length} ids, but must have 1 to ${maxEntities}`,
      'Send more objects in several mutations.',
    )
  await context.vcenters.ensureLogins()
  const entity = schema.getType('ManagedEntity')
  const types = isInterfaceType(entity)
    ? schema.getPossibleTypes(entity as GraphQLInterfaceType).map(({ name }) => name)
    : []
  const targets = ids.map((id) => decodeId(context, id, types))
  // Not the ids: some differ in white space or padding only.
  const distinct = new Set(targets.map(({ vcenter, ref }) => `${vcenter.name} ${ref.type} ${ref.value}`))
  if (distinct.size < targets.length)
    throw badInput('entities contains an object twice', 'Remove one of the two.')
  const byVCenter = new Map<RequestVCenter, DecodedId[]>()
  for (const target of targets)
    byVCenter.set(target.vcenter, [...(byVCenter.get(target.vcenter) ?? []), target])
  // All tags are found before the first call, which changes something.
  const changes = await Promise.all(
    [...byVCenter].map(async ([vcenter, objects]) => ({
      objects,
      vcenter,
      tag: await requireTag(by, vcenter, context),
    })),
  )
  const errors = new Map<DecodedId, ClassifiedError | undefined>()
  for (const { objects, vcenter, tag } of changes) {
    const refs = objects.map(({ ref }) => ref)
    const found = await changeAssociations({ action, tag, refs }, inVCenter(context, vcenter))
    for (const [index, target] of objects.entries()) errors.set(target, found[index])
    vcenter.resetReader()
  }
  return targets.map((target, index) => ({
    entityId: ids[index] as string,
    target,
    error: errors.get(target),
  }))
}
