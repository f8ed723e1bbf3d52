// Lookups through vSphere's SearchIndex. FindByInventoryPath returns one object even if several match. So its result is compared
// with the siblings that have the same name: a mutation must not change an arbitrary one of two.

import { siblings } from '../../planner/edges.ts'
import type { InventoryReader } from '../../planner/inventory-reader.ts'
import { type ManagedObject, readOr } from '../../planner/managed-object.ts'
import { PlanNode } from '../../planner/plan-node.ts'
import type { MethodArgs } from '../../soap/envelope.ts'
import { isManagedSubtype } from '../../soap/type-registry.ts'
import type { ManagedObjectReference, ManagedObjectType } from '../../soap/vim-types.ts'
import type { Login } from '../../vim25/session/login.ts'
import { VimFaultError } from '../../vim25/vim-fault-error.ts'
import type { EntityType } from '../builder.ts'
import { ApiError } from '../errors/api-error.ts'
import type { RequestVCenter } from '../vcenters.ts'
import { baseTypeOf, nodeTypeOf } from './nodes/node-registry.ts'

/** Returns all objects of a type at an inventory path such as "/Frankfurt/vm/web/web-01". */
export async function findAllByInventoryPath(
  path: string,
  type: EntityType,
  { session, reader, callOptions }: RequestVCenter,
): Promise<readonly ManagedObjectReference[]> {
  const inventoryPath = path.replace(/^\/+/, '')
  if (inventoryPath === '') {
    // The empty path is that of the root folder.
    const { rootFolder } = (await session.ensureLogin(callOptions)).content
    return isManagedSubtype(rootFolder.type, type) ? [rootFolder] : []
  }
  const found = await session.withLogin(
    (login) => login.call('FindByInventoryPath', searchIndex(login), { inventoryPath }, callOptions),
    callOptions,
  )
  return found ? siblingsWithSameName(found, type, reader) : []
}

/** Returns the objects of a type with the same name and parent as the found object, and that object itself if it is of the type. */
async function siblingsWithSameName(
  found: ManagedObjectReference,
  type: EntityType,
  reader: InventoryReader,
): Promise<readonly ManagedObjectReference[]> {
  const matches = nodeTypeOf(found)?.name === type
  const node = new PlanNode<ManagedObjectType>(baseTypeOf(found) ?? 'ManagedEntity', 'name')
  const traversal = siblings(type)
  node.follow(traversal).read('name')
  const object = await reader.object(found, node)
  if (!object) return []
  const name = nameOf(object)
  const siblingObjects = readOr(() => traversal.follow(object), [])
  const isListed = !matches || siblingObjects.some(({ ref }) => ref.value === found.value)
  // If the parent may not be read, all readable objects of the type are candidates.
  const candidates = isListed
    ? siblingObjects
    : await reader.all(new PlanNode(type, 'name', ...parentPaths(type)))
  const sameNamed = candidates
    .filter((each) => each !== object && nameOf(each) === name && (isListed || mayShareParent(each, object)))
    .map(({ ref }) => ref)
  return matches ? [found, ...sameNamed] : sameNamed
}

const nameOf = (object: ManagedObject): string | undefined =>
  (object as ManagedObject<'ManagedEntity'>).tryRead('name')

const parentPaths = (type: ManagedObjectType): readonly string[] =>
  type === 'VirtualMachine' ? ['parent', 'parentVApp'] : ['parent']

/** Returns false only if both parents are known and differ. */
function mayShareParent(a: ManagedObject, b: ManagedObject): boolean {
  const [parentOfA, parentOfB] = [a, b].map((object) =>
    readOr(
      () => parentPaths(object.ref.type as ManagedObjectType).flatMap((path) => object.references(path))[0],
      undefined,
    ),
  )
  return !parentOfA || !parentOfB || parentOfA === parentOfB
}

/** The kinds of UUIDs that SearchIndex finds, each with the type of its objects and the paths that have the UUID. */
const uuidKinds = {
  bios: { type: 'VirtualMachine', paths: ['config.uuid', 'summary.config.uuid'] },
  instance: { type: 'VirtualMachine', paths: ['config.instanceUuid', 'summary.config.instanceUuid'] },
  host: { type: 'HostSystem', paths: ['summary.hardware.uuid'] },
} as const

export type UuidKind = keyof typeof uuidKinds

/**
 * Returns all virtual machines with a BIOS UUID, which several can share, or with an instance UUID, or all hosts with a hardware
 * UUID.
 */
export async function findAllByUuid(
  uuid: string,
  kind: UuidKind,
  vcenter: RequestVCenter,
): Promise<readonly ManagedObjectReference[]> {
  // The search is case-sensitive, and vSphere stores UUIDs in lower case.
  const lowerCaseUuid = uuid.toLowerCase()
  const args = { uuid: lowerCaseUuid, vmSearch: kind !== 'host', instanceUuid: kind === 'instance' }
  // vcsim lacks FindAllByUuid. It has only FindByUuid, which returns one of several matches.
  const found = await findAll('FindAllByUuid', args, vcenter)
  if (found) return found
  const { type, paths } = uuidKinds[kind]
  const all = await vcenter.reader.all(new PlanNode(type, ...paths))
  const uuidOf = (object: ManagedObject): string | undefined =>
    paths
      .map((path) => object.tryRead(path as never) as string | undefined)
      .find((each) => each !== undefined)
  return all.filter((object) => uuidOf(object)?.toLowerCase() === lowerCaseUuid).map(({ ref }) => ref)
}

/** Returns all virtual machines whose primary address is an IP address, or all hosts with it; undefined if the server lacks the search. */
export const findAllByIp = (
  ip: string,
  vmSearch: boolean,
  vcenter: RequestVCenter,
): Promise<readonly ManagedObjectReference[] | undefined> => findAll('FindAllByIp', { ip, vmSearch }, vcenter)

/** Calls a search; undefined if the server lacks it. */
async function findAll<M extends 'FindAllByUuid' | 'FindAllByIp'>(
  method: M,
  args: MethodArgs<M>,
  { session, callOptions }: RequestVCenter,
): Promise<readonly ManagedObjectReference[] | undefined> {
  try {
    return await session.withLogin(
      (login) => login.call(method, searchIndex(login), args, callOptions),
      callOptions,
    )
  } catch (error) {
    if (error instanceof VimFaultError && error.is('MethodNotFound')) return undefined
    throw error
  }
}

function searchIndex({ content }: Login): ManagedObjectReference {
  if (content.searchIndex) return content.searchIndex
  throw new ApiError('VSPHERE_FAULT', 'the vCenter has no SearchIndex')
}
