// The tags of inventory objects: one call for all objects of a vCenter whose tags are requested in one tick.

import type { InventoryReader } from '../../planner/inventory-reader.ts'
import { createKeyedLoader, type KeyedLoader } from '../../planner/keyed-loader.ts'
import type { ManagedObjectReference } from '../../soap/vim-types.ts'
import { builder } from '../builder.ts'
import type { ListLookup } from '../core/criteria/marks.ts'
import { noRequirements } from '../core/field-requirements.ts'
import { shareCause } from '../errors/repeated-errors.ts'
import type { RequestVCenter } from '../vcenters.ts'
import { allTags, compareNames, hasTags, Tag } from './tag-model.ts'

/** One call for all tags that meet the condition; none if no tag does. */
const objectsWithTags: ListLookup = async (accepts, { vcenters }) => {
  const moids = new Map(
    await Promise.all(
      vcenters.all.map(async (vcenter) => {
        const ids = (await allTags(vcenter)).filter(accepts).map(({ definition }) => definition.id)
        const { tags, callOptions } = vcenter
        return [vcenter.source as object, await tags.tagging.objectsWith(ids, callOptions)] as const
      }),
    ),
  )
  return ({ source, ref }) => moids.get(source)?.has(ref.value) ?? false
}

builder.interfaceField('ManagedEntity', 'tags', (t) =>
  t.field({
    ...noRequirements,
    derives: { lookup: objectsWithTags },
    type: ['Tag'],
    description:
      'The vSphere tags that are attached to the object, by category and name. Empty on an ESXi host. One call for all objects of a response; the definitions of tags that the gateway has not read in the last minute are read one by one, at most 50 a second. Source: vAPI, `list-attached-tags-on-objects`.',
    resolve: (object, _args, { vcenters }) => tagsOf(vcenters.of(object), object.ref),
  }),
)

type TagLoader = KeyedLoader<ManagedObjectReference, Tag[]>

/** By reader, so that tags which are read after a change include the change. */
const loaders = new WeakMap<InventoryReader, TagLoader>()

/** Returns the tags of an object, as its reader sees them. */
function tagsOf(vcenter: RequestVCenter, ref: ManagedObjectReference): Promise<Tag[]> {
  const { reader } = vcenter
  const load =
    loaders.get(reader) ??
    createKeyedLoader<ManagedObjectReference, Tag[]>(
      (refs) => readTags(vcenter, refs),
      ({ type, value }) => `${type} ${value}`,
      reader.scheduler,
    )
  loaders.set(reader, load)
  return load(ref)
}

async function readTags(
  vcenter: RequestVCenter,
  refs: readonly ManagedObjectReference[],
): Promise<readonly Tag[][]> {
  try {
    if (!(await hasTags(vcenter))) return refs.map(() => [])
    const { tags, callOptions } = vcenter
    const idsOf = await tags.tagging.tagsOn(refs, callOptions)
    const definitions = await tags.tags([...idsOf.values()].flat(), callOptions)
    return refs.map(({ value }) =>
      (idsOf.get(value) ?? [])
        .flatMap((id) => {
          const definition = definitions.get(id)
          return definition ? [new Tag(vcenter, definition)] : []
        })
        .sort((a, b) => compareNames(a.category, b.category) || compareNames(a, b)),
    )
  } catch (error) {
    // One error for all objects, not one for each.
    if (error instanceof Error) shareCause(error, `tags of ${vcenter.name}`)
    throw error
  }
}
