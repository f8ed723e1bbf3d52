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
import { badInput } from '../errors/api-error.ts'
import { displayName, inventoryPath } from './names.ts'
import { decodeId, encodeId, isMoid } from './nodes/ids.ts'
import { baseTypeOf } from './nodes/node-registry.ts'
import { maxCandidates, onlyMatch } from './only-match.ts'
import { findAllByInventoryPath } from './search-index.ts'

/** A key by which objects are looked up, and the search for all objects that have it. */
interface LookupKey {
  readonly description: string
  readonly findAll: (value: string, context: Context) => Promise<readonly ManagedObjectReference[]>
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

/** The keys that every inventory type has beside the id. */
const inventoryKeys = ({ type, example, moidExample }: LookupOptions) =>
  ({
    moid: {
      description: `Managed object id, ${moidExample ? `such as \`${moidExample}\`, ` : ''}as govc and PowerCLI show it.`,
      findAll: (moid, context) => findAllByMoid(moid, type, context),
    },
    name: {
      description:
        'Exact display name. Several objects can share it. The lookup reads all names, so id, moid and path are cheaper. Only ids and moids are unique.',
      findAll: (name, context) => findAllByName(name, type, context),
    },
    path: {
      description: `Inventory path, such as "${example}", with escapes (%2f, %5c, %25) as vSphere writes them. Several objects can share it.`,
      findAll: (path, context) => findAllByInventoryPath(path, type, context),
    },
  }) as const satisfies Record<string, LookupKey>

/** Creates the lookup of one object of an inventory type: its input type, and the function that finds the object. */
export function inventoryLookup(options: LookupOptions) {
  const { type, label, lookupKeys } = options
  const keys: Readonly<Record<string, LookupKey>> = { ...inventoryKeys(options), ...lookupKeys }

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
  async function find(by: LookupInput, context: Context): Promise<ManagedObjectReference | undefined> {
    await context.vcenter.session.ensureLogin(context.callOptions)
    const [key, value] = Object.entries(by).find(([, each]) => each != null) ?? []
    if (key === undefined || value === undefined) throw badInput('`by` must have a value')
    if (key === 'id') return decodeId(context, value, [type]).ref
    const refs = await keys[key]?.findAll(value, context)
    return refs && exactlyOne(refs, `the ${key} ${JSON.stringify(value)}`, context)
  }

  return { Input, find }
}

/**
 * Returns the only reference of a list; undefined if the list is empty.
 *
 * @param label - the search condition, for the error message
 * @throws ApiError AMBIGUOUS if there are several references
 */
export async function exactlyOne(
  refs: readonly ManagedObjectReference[],
  label: string,
  context: Context,
): Promise<ManagedObjectReference | undefined> {
  if (refs.length <= 1) return refs[0]
  const sorted = [...refs].sort((a, b) => (a.value < b.value ? -1 : 1))
  const node = new PlanNode(baseTypeOf(sorted[0] as ManagedObjectReference) as ManagedObjectType, 'name')
  node.follow(ancestors)
  await context.reader.objects(sorted.slice(0, maxCandidates), node)
  return onlyMatch(sorted, label, 'objects', (ref) => ({
    id: encodeId(context, ref),
    // A path that cannot be read must not hide the candidates.
    path: readOr(() => inventoryPath(context.reader.objectCache.get(ref)), undefined) ?? null,
  }))
}

/** Retrieves an object with the properties that the selection needs; null if there is no reference, or no such object. */
export async function loadSelected<M extends ManagedObjectType>(
  ref: ManagedObjectReference | undefined,
  type: M,
  context: Context,
  info: GraphQLResolveInfo,
): Promise<ManagedObject<M> | null> {
  if (!ref) return null
  const node = new PlanNode(type)
  planSelection(info, type, node, context)
  return (await context.reader.object(ref, node)) ?? null
}

/** A moid does not include the subtype. For a type with subtypes, all references of the type are read to find it. */
async function findAllByMoid(
  moid: string,
  type: EntityType,
  context: Context,
): Promise<ManagedObjectReference[]> {
  if (hasSubtypes(type)) return (await allRefs(type, context)).filter(({ value }) => value === moid)
  const ref = { type, value: moid }
  return isMoid(moid) && (await context.reader.object(ref, new PlanNode(type))) ? [ref] : []
}

/** Returns the references of all objects of a type. */
export async function allRefs(type: ManagedObjectType, context: Context): Promise<ManagedObjectReference[]> {
  return (await context.reader.all(new PlanNode(type))).map(({ ref }) => ref)
}

/** Returns all objects of a type with exactly this display name. Reads all names, because vSphere has no search by name. */
async function findAllByName(
  name: string,
  type: ManagedObjectType,
  context: Context,
): Promise<ManagedObjectReference[]> {
  const all = await context.reader.all(new PlanNode(type, 'name'))
  return all.filter((object) => displayName(object) === name).map(({ ref }) => ref)
}
