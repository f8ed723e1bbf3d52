// The tag that a mutation attaches or detaches: named by its id, or by its exact category and name.

import type { TagWithCategory } from '../../../vapi/tag-definitions.ts'
import { builder } from '../../builder.ts'
import type { Context } from '../../context.ts'
import { decodeId } from '../../core/nodes/ids.ts'
import { ApiError, badInput, notFoundError } from '../../errors/api-error.ts'
import { allTags, hasTags } from '../../tags/tag-model.ts'
import type { RequestVCenter } from '../../vcenters.ts'

const TagNameInput = builder.inputType('TagName', {
  description: 'The exact names of a tag and its category.',
  fields: (t) => ({
    category: t.string({ required: true, description: 'Name of the category.' }),
    name: t.string({ required: true, description: 'Name of the tag in the category.' }),
  }),
})

export const TagByInput = builder.inputType('TagBy', {
  description: 'Identifies a tag by exactly one of these keys.',
  isOneOf: true,
  fields: (t) => ({
    id: t.id({ description: 'Global id.' }),
    name: t.field({ type: TagNameInput, description: 'Its exact names. Case counts.' }),
  }),
})

export interface TagBy {
  readonly id?: string | null | undefined
  readonly name?: { readonly category: string; readonly name: string } | null | undefined
}

/**
 * Returns the tag in a vCenter, as it is now: the definitions that lists use can be a minute old.
 *
 * @throws ApiError BAD_USER_INPUT, NOT_FOUND, NOT_SUPPORTED
 */
export async function requireTag(
  by: TagBy,
  vcenter: RequestVCenter,
  context: Context,
): Promise<TagWithCategory> {
  if (!(await hasTags(vcenter)))
    throw new ApiError('NOT_SUPPORTED', 'this server has no tags', {
      remedy: 'An ESXi host has none. Use the gateway of the vCenter that manages it.',
    })
  const id = by.id == null ? await idOfName(by, vcenter) : idIn(by.id, vcenter, context)
  const { tagging } = vcenter.tags
  const tag = id === undefined ? undefined : await tagging.tag(id, vcenter.callOptions)
  const category = tag && (await tagging.category(tag.categoryId, vcenter.callOptions))
  const isNamed = by.name == null || (tag?.name === by.name.name && category?.name === by.name.category)
  if (!tag || !category || !isNamed) throw notFoundError(`the tag ${JSON.stringify(by.name ?? by.id)}`)
  return { ...tag, category }
}

function idIn(id: string, vcenter: RequestVCenter, context: Context): string {
  const decoded = decodeId(context, id, ['Tag'], 'Pass the field id of the tag, or its category and name.')
  if (decoded.vcenter === vcenter) return decoded.ref.value
  throw badInput(
    'the tag belongs to another vCenter than an object',
    'Name the tag by its category and name, or send one mutation for each vCenter.',
  )
}

async function idOfName({ name: by }: TagBy, vcenter: RequestVCenter): Promise<string | undefined> {
  if (by == null)
    throw badInput('`tag` must have a value', 'Pass the id of the tag, or its category and name.')
  const found = (await allTags(vcenter)).filter(
    ({ definition, category }) => definition.name === by.name && category.definition.name === by.category,
  )
  if (found.length > 1)
    throw new ApiError('AMBIGUOUS', `${found.length} tags have the names ${JSON.stringify(by)}`, {
      remedy: 'Name the tag by its id.',
    })
  return found[0]?.definition.id
}
