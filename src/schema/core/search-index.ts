// Lookups through vSphere's SearchIndex. FindByInventoryPath returns one object even if several match. So its result is compared
// with the siblings that have the same name: a mutation must not change an arbitrary one of two.

import { siblings } from '../../planner/edges.ts'
import type { InventoryReader } from '../../planner/inventory-reader.ts'
import { type ManagedObject, readOr } from '../../planner/managed-object.ts'
import { PlanNode } from '../../planner/plan-node.ts'
import { isManagedSubtype } from '../../soap/type-registry.ts'
import type { ManagedObjectReference, ManagedObjectType } from '../../soap/vim-types.ts'
import type { Login } from '../../vim25/session/login.ts'
import { VimFaultError } from '../../vim25/vim-fault-error.ts'
import type { EntityType } from '../builder.ts'
import { ApiError } from '../errors/api-error.ts'
import type { RequestVCenter } from '../vcenters.ts'
import { baseTypeOf } from './nodes/node-registry.ts'

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
  const matches = isManagedSubtype(found.type, type)
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

/** Returns all virtual machines with a BIOS UUID, which several can share, or with an instance UUID. */
export async function findAllByUuid(
  uuid: string,
  instanceUuid: boolean,
  { session, reader, callOptions }: RequestVCenter,
): Promise<readonly ManagedObjectReference[]> {
  // The search is case-sensitive, and vSphere stores UUIDs in lower case.
  const lowerCaseUuid = uuid.toLowerCase()
  const args = { uuid: lowerCaseUuid, vmSearch: true, instanceUuid }
  try {
    return await session.withLogin(
      (login) => login.call('FindAllByUuid', searchIndex(login), args, callOptions),
      callOptions,
    )
  } catch (error) {
    // vcsim lacks FindAllByUuid. It has only FindByUuid, which returns one of several matches.
    if (!(error instanceof VimFaultError) || !error.is('MethodNotFound')) throw error
  }
  const paths = instanceUuid
    ? (['config.instanceUuid', 'summary.config.instanceUuid'] as const)
    : (['config.uuid', 'summary.config.uuid'] as const)
  const all = (await reader.all(
    new PlanNode('VirtualMachine', ...paths),
  )) as ManagedObject<'VirtualMachine'>[]
  return all
    .filter((vm) => (vm.tryRead(paths[0]) ?? vm.tryRead(paths[1]))?.toLowerCase() === lowerCaseUuid)
    .map(({ ref }) => ref)
}

function searchIndex({ content }: Login): ManagedObjectReference {
  if (content.searchIndex) return content.searchIndex
  throw new ApiError('VSPHERE_FAULT', 'the vCenter has no SearchIndex')
}
