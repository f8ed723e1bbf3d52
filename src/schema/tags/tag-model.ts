// The backing models of tags and categories, and how they are read: an ESXi host has no tags.

import { compareText } from '../../planner/connections/sort.ts'
import type { InventoryReader } from '../../planner/inventory-reader.ts'
import type { TagWithCategory } from '../../vapi/tag-definitions.ts'
import type { CategoryDefinition } from '../../vapi/tagging.ts'
import type { RequestVCenter } from '../vcenters.ts'

/** A category of tags, with the inventory source of the vCenter that reported it. */
export class TagCategory {
  readonly source: object
  readonly definition: CategoryDefinition

  constructor({ source }: Pick<RequestVCenter, 'source'>, definition: CategoryDefinition) {
    this.source = source
    this.definition = definition
  }
}

/** A tag, with the inventory source of the vCenter that reported it. */
export class Tag {
  readonly source: object
  readonly definition: TagWithCategory
  readonly category: TagCategory

  constructor(vcenter: Pick<RequestVCenter, 'source'>, definition: TagWithCategory) {
    this.source = vcenter.source
    this.definition = definition
    this.category = new TagCategory(vcenter, definition.category)
  }
}

/** The types of the references in ids. They are no vim25 types. */
export const tagType = 'InventoryServiceTag'
export const categoryType = 'InventoryServiceCategory'

/** Whether the server can have tags. Logs in if needed. */
export async function hasTags({ session, callOptions }: RequestVCenter): Promise<boolean> {
  const { content } = await session.ensureLogin(callOptions)
  return content.about.apiType !== 'HostAgent'
}

/** By reader, so that several conditions of an operation share the list. */
const listed = new WeakMap<InventoryReader, Promise<readonly Tag[]>>()

/** Returns all tags of a vCenter; none of an ESXi host. */
export function allTags(vcenter: RequestVCenter): Promise<readonly Tag[]> {
  const { reader } = vcenter
  const tags = listed.get(reader) ?? listTags(vcenter)
  listed.set(reader, tags)
  return tags
}

async function listTags(vcenter: RequestVCenter): Promise<readonly Tag[]> {
  if (!(await hasTags(vcenter))) return []
  return (await vcenter.tags.allTags(vcenter.callOptions)).map((each) => new Tag(vcenter, each))
}

/** Returns all categories of a vCenter; none of an ESXi host. */
export async function allCategories(vcenter: RequestVCenter): Promise<readonly TagCategory[]> {
  if (!(await hasTags(vcenter))) return []
  return (await vcenter.tags.allCategories(vcenter.callOptions)).map((each) => new TagCategory(vcenter, each))
}

/** By lower case, then by code unit, then by id. */
export function compareNames(
  one: { readonly definition: { readonly name: string; readonly id: string } },
  other: typeof one,
): number {
  const [a, b] = [one.definition, other.definition]
  return compareText(a.name, b.name) || compareText(a.id, b.id)
}
