// Finds one object by id, moid, name or path. Returns nothing if no object matches, and fails with AMBIGUOUS if several do.

import type { GraphQLResolveInfo } from 'graphql'
import { ancestors } from '../../planner/ancestors.ts'
import { type ManagedObject, readOr } from '../../planner/managed-object.ts'
import { PlanNode } from '../../planner/plan-node.ts'
import { planSelection } from '../../planner/selection.ts'
import { hasSubtypes } from '../../soap/type-registry.ts'
import type { ManagedObjectReference, ManagedObjectType } from '../../soap/vim-types.ts'
import type { EntityType } from '../builder.ts'
import type { Context } from '../context.ts'
import { ApiError, badInput } from '../errors/api-error.ts'
import { displayName, inventoryPath } from './names.ts'
import { decodeId, encodeId, isMoid } from './nodes/ids.ts'
import { baseTypeOf } from './nodes/node-registry.ts'
import { findAllByInventoryPath } from './search-index.ts'

const maxCandidates = 20

/**
 * Returns the only reference of a list; undefined if the list is empty.
 *
 * @param label - the search condition, for the error message
 * @throws ApiError AMBIGUOUS with up to 20 candidates if there are several references
 */
export async function exactlyOne(
  refs: readonly ManagedObjectReference[],
  label: string,
  context: Context,
): Promise<ManagedObjectReference | undefined> {
  if (refs.length <= 1) return refs[0]
  const firstRefs = [...refs].sort((a, b) => (a.value < b.value ? -1 : 1)).slice(0, maxCandidates)
  const node = new PlanNode(baseTypeOf(firstRefs[0] as ManagedObjectReference) as ManagedObjectType, 'name')
  node.follow(ancestors)
  await context.reader.objects(firstRefs, node)
  const candidates = firstRefs.map((ref) => ({
    id: encodeId(context, ref),
    // A path that cannot be read must not hide the candidates.
    path: readOr(() => inventoryPath(context.reader.objectCache.get(ref)), undefined) ?? null,
  }))
  throw new ApiError('AMBIGUOUS', `${label} matches ${refs.length} objects`, {
    candidates,
    // The remedy names ids because a path need not be unique either.
    remedy: 'Send the request again with the id of one of the candidates.',
  })
}

/** Retrieves an object with the properties that the selection needs; undefined if the object does not exist. */
export async function loadSelected<M extends ManagedObjectType>(
  ref: ManagedObjectReference,
  type: M,
  context: Context,
  info: GraphQLResolveInfo,
): Promise<ManagedObject<M> | undefined> {
  const node = new PlanNode(type)
  planSelection(info, type, node, context)
  return context.reader.object(ref, node)
}

/**
 * Finds an object by its id, moid, name or path.
 *
 * @returns undefined if no object matches
 * @throws ApiError AMBIGUOUS if several objects match
 */
export async function findBy(
  {
    id,
    moid,
    name,
    path,
  }: Readonly<Partial<Record<'id' | 'moid' | 'name' | 'path', string | null | undefined>>>,
  type: EntityType,
  context: Context,
): Promise<ManagedObjectReference | undefined> {
  await context.vcenter.session.ensureLogin(context.callOptions)
  if (id != null) return decodeId(context, id, [type]).ref
  if (moid != null) return findByMoid(moid, type, context)
  if (path != null)
    return exactlyOne(
      await findAllByInventoryPath(path, type, context),
      `the path ${JSON.stringify(path)}`,
      context,
    )
  if (name != null)
    return exactlyOne(await findByName(type, name, context), `the name ${JSON.stringify(name)}`, context)
  throw badInput('`by` must have a value')
}

/** A moid does not include the subtype. For a type with subtypes, all references of the type are read to find it. */
async function findByMoid(
  moid: string,
  type: EntityType,
  context: Context,
): Promise<ManagedObjectReference | undefined> {
  if (!hasSubtypes(type)) {
    const ref = { type, value: moid }
    return isMoid(moid) && (await context.reader.object(ref, new PlanNode(type))) ? ref : undefined
  }
  const refs = (await allRefs(type, context)).filter(({ value }) => value === moid)
  return exactlyOne(refs, `the moid ${JSON.stringify(moid)}`, context)
}

/** Returns the references of all objects of a type. */
export async function allRefs(type: ManagedObjectType, context: Context): Promise<ManagedObjectReference[]> {
  return (await context.reader.all(new PlanNode(type))).map(({ ref }) => ref)
}

/** Returns all objects of a type with exactly this display name. Reads all names, because vSphere has no search by name. */
async function findByName(
  type: ManagedObjectType,
  name: string,
  context: Context,
): Promise<ManagedObjectReference[]> {
  const all = await context.reader.all(new PlanNode(type, 'name'))
  return all.filter((object) => displayName(object) === name).map(({ ref }) => ref)
}
