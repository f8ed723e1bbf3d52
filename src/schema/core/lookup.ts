// Finds one object by id, moid, name, path or another key. Returns nothing if no object matches, and fails with AMBIGUOUS if several
// do.

import type { GraphQLResolveInfo } from 'graphql'
import { ancestors } from '../../planner/ancestors.ts'
import { type ManagedObject, readOr } from '../../planner/managed-object.ts'
import { PlanNode } from '../../planner/plan-node.ts'
import { planSelection } from '../../planner/selection.ts'
import { hasSubtypes } from '../../soap/type-registry.ts'
import type { ManagedObjectReference, ManagedObjectType } from '../../soap/vim-types.ts'
import { builder, type EntityType } from '../builder.ts'
import type { Context } from '../context.ts'
import { badInput, maxCandidates } from '../errors/api-error.ts'
import type { RequestVCenter } from '../vcenters.ts'
import { displayName, inventoryPath } from './names.ts'
import { decodeId, encodeId, isMoid } from './nodes/ids.ts'
import { baseTypeOf } from './nodes/node-registry.ts'
import { onlyMatch } from './only-match.ts'
import { findAllByInventoryPath } from './search-index.ts'

/** A key by which objects are looked up, and the search for all objects that have it. */
interface LookupKey {
  readonly description: string
  readonly findAll: (value: string, vcenter: RequestVCenter) => Promise<readonly ManagedObjectReference[]>
}

/** Exactly one key and its value. */
export type LookupInput = Readonly<Record<string, string>>

export interface LookupOptions {
  readonly type: EntityType
  /** The type's name in descriptions, in the singular. */
  readonly label: string
  /** An example of an inventory path. */
  readonly example: string
  /** An example of a moid. */
  readonly moidExample?: string
  /** Keys beside id, moid, name and path. */
  readonly lookupKeys?: Readonly<Record<string, LookupKey>>
}

/** Creates the lookup of one object of an inventory type: its input type, and the function that finds the object. */
export function inventoryLookup({ type, label, example, moidExample, lookupKeys }: LookupOptions) {
  const keys: Readonly<Record<string, LookupKey>> = {
    moid: {
      description: `Managed object id, ${moidExample ? `such as \`${moidExample}\`, ` : ''}as govc and PowerCLI show it.`,
      findAll: (moid, vcenter) => findAllByMoid(moid, type, vcenter),
    },
    name: {
      description:
        'Exact display name. Several objects can share it. The lookup reads all names, so id, moid and path are cheaper. Only ids and moids are unique.',
      findAll: (name, vcenter) => findAllByName(name, type, vcenter),
    },
    path: {
      description: `Inventory path, such as "${example}", with escapes (%2f, %5c, %25) as vSphere writes them. Several objects can share it.`,
      findAll: (path, vcenter) => findAllByInventoryPath(path, type, vcenter),
    },
    ...lookupKeys,
  }

  const Input = builder.inputType(`${type}By` as string, {
    description: `Identifies a ${label} by exactly one of these keys.`,
    isOneOf: true,
    fields: (t) => ({
      id: t.id({ description: 'Global id.' }),
      ...Object.fromEntries(
        Object.entries(keys).map(([key, { description }]) => [key, t.string({ description })]),
      ),
    }),
  })

  /**
   * @returns undefined if no object matches
   * @throws ApiError AMBIGUOUS if several objects match
   */
  async function find(by: LookupInput, context: Context): Promise<FoundObject | undefined> {
    await context.vcenters.ensureLogins()
    const [key, value] = Object.entries(by).find(([, each]) => each != null) ?? []
    if (key === undefined || value === undefined)
      throw badInput('`by` must have a value', 'Pass one of its fields, such as the name.')
    if (key === 'id')
      return decodeId(context, value, [type], 'Pass a moid as moid, and a name as name, not as id.')
    const vcenter = context.vcenters.only()
    const refs = await keys[key]?.findAll(value, vcenter)
    return (
      refs &&
      exactlyOne(refs, (count) => `the ${key} ${JSON.stringify(value)} matches ${count} objects`, vcenter)
    )
  }

  return { Input, find }
}

/** An object that a lookup has found. */
export interface FoundObject {
  readonly ref: ManagedObjectReference
  readonly vcenter: RequestVCenter
}

/**
 * Returns the only object of a list; undefined if the list is empty.
 *
 * @param message - returns the error message for a number of references
 * @throws ApiError AMBIGUOUS if there are several references
 */
export async function exactlyOne(
  refs: readonly ManagedObjectReference[],
  message: (count: number) => string,
  vcenter: RequestVCenter,
): Promise<FoundObject | undefined> {
  const [ref] = refs
  if (refs.length <= 1) return ref && { ref, vcenter }
  const sorted = [...refs].sort((a, b) => (a.value < b.value ? -1 : 1))
  const node = new PlanNode(baseTypeOf(sorted[0] as ManagedObjectReference) as ManagedObjectType, 'name')
  node.follow(ancestors)
  const { reader } = vcenter
  await reader.objects(sorted.slice(0, maxCandidates), node)
  const found = sorted.map((each) => ({ ref: each, vcenter }))
  return onlyMatch(found, message, (each) => ({
    id: encodeId(vcenter, each.ref),
    // A path that cannot be read must not hide the candidates.
    path: readOr(() => inventoryPath(reader.objectCache.get(each.ref)), undefined) ?? null,
  }))
}

/** Retrieves an object with the properties that the selection needs; null if none was found, or it does not exist. */
export async function loadSelected<M extends ManagedObjectType>(
  found: FoundObject | undefined,
  type: M,
  context: Context,
  info: GraphQLResolveInfo,
): Promise<ManagedObject<M> | null> {
  if (!found) return null
  const node = new PlanNode(type)
  planSelection(info, type, node, context)
  return (await found.vcenter.reader.object(found.ref, node)) ?? null
}

/** A moid does not include the subtype. For a type with subtypes, all references of the type are read to find it. */
async function findAllByMoid(
  moid: string,
  type: EntityType,
  vcenter: RequestVCenter,
): Promise<ManagedObjectReference[]> {
  if (hasSubtypes(type)) return (await allRefs(type, vcenter)).filter(({ value }) => value === moid)
  const ref = { type, value: moid }
  return isMoid(moid) && (await vcenter.reader.object(ref, new PlanNode(type))) ? [ref] : []
}

/** Returns the references of all objects of a type. */
export async function allRefs(
  type: ManagedObjectType,
  { reader }: RequestVCenter,
): Promise<ManagedObjectReference[]> {
  return (await reader.all(new PlanNode(type))).map(({ ref }) => ref)
}

/** Returns all objects of a type with exactly this display name. Reads all names, because vSphere has no search by name. */
async function findAllByName(
  name: string,
  type: ManagedObjectType,
  { reader }: RequestVCenter,
): Promise<ManagedObjectReference[]> {
  const all = await reader.all(new PlanNode(type, 'name'))
  return all.filter((object) => displayName(object) === name).map(({ ref }) => ref)
}
