// Finding one object: by id, by name, by path, by uuid. None is null; several is AMBIGUOUS, with the candidates.

import type { GraphQLResolveInfo } from 'graphql'
import { ancestors } from '../plan/ancestors.ts'
import { type ManagedObject, whereReadable } from '../plan/managed-object.ts'
import { PlanNode } from '../plan/plan-node.ts'
import { planSelection } from '../plan/selection.ts'
import {
  hasSubtypes,
  isManagedSubtype,
  type ManagedObjectReference,
  type ManagedObjectType,
} from '../soap/vim-types.ts'
import type { Login } from '../vim25/login.ts'
import { VimFaultError } from '../vim25/vim-fault-error.ts'
import { ApiError, badInput } from './api-error.ts'
import type { EntityType } from './builder.ts'
import type { Context } from './context.ts'
import { baseTypeOf, decodeId, encodeId, isMoid } from './ids.ts'
import { inventoryPath, shownName } from './names.ts'

const mostCandidates = 20

/** The one of these references; undefined when there is none. */
export async function theOnly(
  refs: readonly ManagedObjectReference[],
  wanted: string,
  context: Context,
): Promise<ManagedObjectReference | undefined> {
  if (refs.length <= 1) return refs[0]
  const first = [...refs].sort((a, b) => (a.value < b.value ? -1 : 1)).slice(0, mostCandidates)
  const node = new PlanNode(baseTypeOf(first[0] as ManagedObjectReference) as ManagedObjectType, 'name')
  node.follow(ancestors)
  await context.reader.objects(first, node)
  const candidates = first.map((ref) => ({
    id: encodeId(context, ref),
    // The candidates matter more than why one of their paths cannot be told.
    path: whereReadable(() => inventoryPath(context.reader.bag.get(ref)), undefined) ?? null,
  }))
  throw new ApiError('AMBIGUOUS', `${wanted} fits ${refs.length} objects`, {
    candidates,
    remedy: 'Ask for one of the candidates by its id or its path.',
  })
}

/** Retrieves what the selection below the field needs of an object; undefined when vSphere does not know the object. */
export async function selected<M extends ManagedObjectType>(
  ref: ManagedObjectReference,
  type: M,
  context: Context,
  info: GraphQLResolveInfo,
): Promise<ManagedObject<M> | undefined> {
  const node = new PlanNode(type)
  planSelection(info, type, node, context)
  return context.reader.object(ref, node)
}

/** Finds the object that is told by its id, moid, name or path; undefined when nothing fits. AMBIGUOUS when several do. */
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
  await context.vcenter.session.loggedIn(context.scope)
  if (id != null) return decodeId(context, id, [type]).ref
  if (moid != null) return findByMoid(moid, type, context)
  if (path != null) return findByInventoryPath(path, type, context)
  if (name != null)
    return theOnly(await namesakes(type, name, context), `the name ${JSON.stringify(name)}`, context)
  throw badInput('`by` needs a value')
}

/** A moid alone does not say of which subtype its object is, so it is looked for where there are some. */
async function findByMoid(
  moid: string,
  type: EntityType,
  context: Context,
): Promise<ManagedObjectReference | undefined> {
  if (!hasSubtypes(type)) {
    const ref = { type, value: moid }
    return isMoid(moid) && (await context.reader.object(ref, new PlanNode(type))) ? ref : undefined
  }
  return (await everyRef(type, context)).find(({ value }) => value === moid)
}

/** All objects of a type. */
export async function everyRef(type: ManagedObjectType, context: Context): Promise<ManagedObjectReference[]> {
  return (await context.reader.all(new PlanNode(type))).map(({ ref }) => ref)
}

/** The object at an inventory path such as "/Frankfurt/vm/web/web-01", if it is of the type. */
async function findByInventoryPath(
  path: string,
  type: ManagedObjectType,
  context: Context,
): Promise<ManagedObjectReference | undefined> {
  const inventoryPath = path.replace(/^\/+/, '')
  const found = await context.vcenter.session.run(
    async (login) =>
      // The root folder is above all paths.
      inventoryPath === ''
        ? login.content.rootFolder
        : login.call('FindByInventoryPath', searchIndex(login), { inventoryPath }, context.scope),
    context.scope,
  )
  return found && isManagedSubtype(found.type, type) ? found : undefined
}

/** All virtual machines with a BIOS uuid (several may share one), or with an instance uuid. */
export function findByUuid(
  uuid: string,
  instanceUuid: boolean,
  context: Context,
): Promise<readonly ManagedObjectReference[]> {
  // Searched for as it is written, and vSphere writes it small.
  const wanted = { uuid: uuid.toLowerCase(), vmSearch: true, instanceUuid }
  return context.vcenter.session.run(async (login) => {
    try {
      return await login.call('FindAllByUuid', searchIndex(login), wanted, context.scope)
    } catch (error) {
      // vcsim only knows the older method, which gives one of them.
      if (!(error instanceof VimFaultError) || !error.is('MethodNotFound')) throw error
      const found = await login.call('FindByUuid', searchIndex(login), wanted, context.scope)
      return found ? [found] : []
    }
  }, context.scope)
}

function searchIndex({ content }: Login): ManagedObjectReference {
  if (content.searchIndex) return content.searchIndex
  throw new ApiError('VSPHERE_FAULT', 'the server has no SearchIndex')
}

/** All objects of a type whose name (as shown) is exactly this: a scan of names, as vSphere cannot search for them. */
async function namesakes(
  type: ManagedObjectType,
  name: string,
  context: Context,
): Promise<ManagedObjectReference[]> {
  const all = await context.reader.all(new PlanNode(type, 'name'))
  return all.filter((object) => shownName(object) === name).map(({ ref }) => ref)
}
