// Tag and TagCategory. vAPI returns definitions one by one; they are kept for 60 seconds (vapi/tag-definitions.ts).

import { builder } from '../builder.ts'
import { encodeId } from '../core/nodes/ids.ts'
import { type DecodedId, registerNode } from '../core/nodes/node-registry.ts'
import type { RequestVCenter } from '../vcenters.ts'
import { categoryType, compareNames, Tag, TagCategory, tagType } from './tag-model.ts'

declare module '../builder.ts' {
  interface ObjectTypes {
    Tag: Tag
    TagCategory: TagCategory
  }
}

/** Loads the targets of ids by their URNs. A failure concerns these ids only, not the other ids of `nodes`. */
async function load<Definition, Value>(
  ids: readonly DecodedId[],
  read: (vcenter: RequestVCenter, urns: readonly string[]) => Promise<ReadonlyMap<string, Definition>>,
  create: (vcenter: RequestVCenter, definition: Definition) => Value,
): Promise<(Value | Error | undefined)[]> {
  const [{ vcenter } = {}] = ids
  if (!vcenter) return []
  try {
    const found = await read(
      vcenter,
      ids.map(({ ref }) => ref.value),
    )
    return ids.map(({ ref }) => {
      const definition = found.get(ref.value)
      return definition && create(vcenter, definition)
    })
  } catch (error) {
    if (!(error instanceof Error)) throw error
    return ids.map(() => error)
  }
}

registerNode<Tag>({
  name: 'Tag',
  managedTypes: [],
  resourceType: tagType,
  isTypeOf: (value) => value instanceof Tag,
  load: (ids) =>
    load(
      ids,
      ({ tags, callOptions }, urns) => tags.tags(urns, callOptions),
      (vcenter, definition) => new Tag(vcenter, definition),
    ),
})

registerNode<TagCategory>({
  name: 'TagCategory',
  managedTypes: [],
  resourceType: categoryType,
  isTypeOf: (value) => value instanceof TagCategory,
  load: (ids) =>
    load(
      ids,
      ({ tags, callOptions }, urns) => tags.categories(urns, callOptions),
      (vcenter, definition) => new TagCategory(vcenter, definition),
    ),
})

const TagCardinality = builder.enumType('TagCardinality', {
  description: 'How many tags of a category an object can have.',
  values: {
    SINGLE: { description: 'At most one tag of the category.' },
    MULTIPLE: { description: 'Any number of tags of the category.' },
  } as const,
})

const vcenterField = {
  derives: { nothing: 'root fields take the names of vCenters as an argument' },
  type: 'VCenter',
  nullable: false,
} as const

const noText = { nothing: 'tags are selected by their names' } as const

builder.objectType('Tag', {
  description:
    'A vSphere tag: a label that can be attached to objects of the inventory. Linked vCenters each have it, under ids of their own. vAPI: `com.vmware.cis.tagging.tag`.',
  interfaces: ['Node'],
  fields: (t) => ({
    id: t.id({
      nullable: false,
      description: 'Global id, made from the vCenter and the URN of the tag.',
      resolve: (tag, _args, { vcenters }) =>
        encodeId(vcenters.of(tag), { type: tagType, value: tag.definition.id }),
    }),
    name: t.string({
      nullable: false,
      description: 'Name of the tag, which is unique within its category. Source: `name`.',
      resolve: ({ definition }) => definition.name,
    }),
    description: t.string({
      derives: noText,
      description: 'Description of the tag. Source: `description`.',
      resolve: ({ definition }) => definition.description,
    }),
    category: t.field({
      type: 'TagCategory',
      nullable: false,
      description: 'The category that the tag belongs to. Source: `category_id`.',
      resolve: ({ category }) => category,
    }),
    vcenter: t.field({
      ...vcenterField,
      description: 'The vCenter that reported the tag.',
      resolve: (tag, _args, { vcenters }) => vcenters.of(tag),
    }),
  }),
})

builder.objectType('TagCategory', {
  description:
    'A category of vSphere tags, such as the environment that an object is used in. vAPI: `com.vmware.cis.tagging.category`.',
  interfaces: ['Node'],
  fields: (t) => ({
    id: t.id({
      nullable: false,
      description: 'Global id, made from the vCenter and the URN of the category.',
      resolve: (category, _args, { vcenters }) =>
        encodeId(vcenters.of(category), { type: categoryType, value: category.definition.id }),
    }),
    name: t.string({
      nullable: false,
      description: 'Name of the category, which is unique within the vCenter. Source: `name`.',
      resolve: ({ definition }) => definition.name,
    }),
    description: t.string({
      derives: noText,
      description: 'Description of the category. Source: `description`.',
      resolve: ({ definition }) => definition.description,
    }),
    cardinality: t.field({
      derives: noText,
      type: TagCardinality,
      nullable: false,
      description: 'How many of its tags an object can have. Source: `cardinality`.',
      resolve: ({ definition }) => definition.cardinality,
    }),
    associableTypes: t.stringList({
      derives: noText,
      nullable: false,
      description:
        'The vim25 types whose objects can have its tags; empty for all types. Source: `associable_types`.',
      resolve: ({ definition }) => [...definition.associableTypes],
    }),
    tags: t.field({
      derives: { nothing: 'leads back to the tags' },
      type: ['Tag'],
      description: 'The tags of the category, by name. Costs one call. Source: `list-tags-for-category`.',
      resolve: async (category, _args, { vcenters }) => {
        const vcenter = vcenters.of(category)
        const { tags, callOptions } = vcenter
        const ids = await tags.tagging.tagIdsOfCategory(category.definition.id, callOptions)
        const found = await tags.tags(ids, callOptions)
        return [...found.values()].map((each) => new Tag(vcenter, each)).sort(compareNames)
      },
    }),
    vcenter: t.field({
      ...vcenterField,
      description: 'The vCenter that reported the category.',
      resolve: (category, _args, { vcenters }) => vcenters.of(category),
    }),
  }),
})
