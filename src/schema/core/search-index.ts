// Lookups through vSphere's SearchIndex. FindByInventoryPath returns one object even where several match, so its result
// is compared with the names beside it: whoever changes an object must not get one of two by chance.

import { siblings } from '../../planner/edges.ts'
import { type ManagedObject, readOr } from '../../planner/managed-object.ts'
import { PlanNode } from '../../planner/plan-node.ts'
import {
  isManagedSubtype,
  type ManagedObjectReference,
  type ManagedObjectType,
} from '../../soap/vim-types.ts'
import type { Login } from '../../vim25/session/login.ts'
import { VimFaultError } from '../../vim25/vim-fault-error.ts'
import type { EntityType } from '../builder.ts'
import type { Context } from '../context.ts'
import { ApiError } from '../errors/api-error.ts'
import { baseTypeOf } from './ids.ts'

/** All objects of a type at an inventory path such as "/Frankfurt/vm/web/web-01". */
export async function findAllByInventoryPath(
  path: string,
  type: EntityType,
  context: Context,
): Promise<readonly ManagedObjectReference[]> {
  const inventoryPath = path.replace(/^\/+/, '')
  const { session } = context.vcenter
  if (inventoryPath === '') {
    // The root folder is above all paths.
    const { rootFolder } = (await session.ensureLogin(context.callOptions)).content
    return isManagedSubtype(rootFolder.type, type) ? [rootFolder] : []
  }
  const found = await session.withLogin(
    (login) => login.call('FindByInventoryPath', searchIndex(login), { inventoryPath }, context.callOptions),
    context.callOptions,
  )
  return found ? siblingsWithSameName(found, type, context) : []
}

/** The objects of a type that have an object's name and are where it is; with it, if it is of the type. */
async function siblingsWithSameName(
  found: ManagedObjectReference,
  type: EntityType,
  { reader }: Context,
): Promise<readonly ManagedObjectReference[]> {
  const matches = isManagedSubtype(found.type, type)
  const node = new PlanNode<ManagedObjectType>(baseTypeOf(found) ?? 'ManagedEntity', 'name')
  const traversal = siblings[type]
  node.follow(traversal).read('name')
  const object = await reader.object(found, node)
  if (!object) return []
  const name = nameOf(object)
  const beside = readOr(() => traversal.follow(object), [])
  const isProven = !matches || beside.some(({ ref }) => ref.value === found.value)
  // Where what it is in may not be read, all objects of the type that may be read are compared with it.
  const candidates = isProven ? beside : await reader.all(new PlanNode(type, 'name', ...parentPaths(type)))
  const namesakes = candidates
    .filter((each) => each !== object && nameOf(each) === name && (isProven || mayBeBeside(each, object)))
    .map(({ ref }) => ref)
  return matches ? [found, ...namesakes] : namesakes
}

const nameOf = (object: ManagedObject): string | undefined =>
  (object as ManagedObject<'ManagedEntity'>).tryRead('name')

const parentPaths = (type: ManagedObjectType): readonly string[] =>
  type === 'VirtualMachine' ? ['parent', 'parentVApp'] : ['parent']

/** False only where both parents are known and differ. */
function mayBeBeside(a: ManagedObject, b: ManagedObject): boolean {
  const [one, other] = [a, b].map((object) =>
    readOr(
      () => parentPaths(object.ref.type as ManagedObjectType).flatMap((path) => object.references(path))[0],
      undefined,
    ),
  )
  return !one || !other || one === other
}

/** All virtual machines with a BIOS uuid (several may share one), or with an instance uuid. */
export async function findAllByUuid(
  uuid: string,
  instanceUuid: boolean,
  context: Context,
): Promise<readonly ManagedObjectReference[]> {
  // Searched for as it is written, and vSphere writes it in lower case.
  const lowerCaseUuid = uuid.toLowerCase()
  const args = { uuid: lowerCaseUuid, vmSearch: true, instanceUuid }
  try {
    return await context.vcenter.session.withLogin(
      (login) => login.call('FindAllByUuid', searchIndex(login), args, context.callOptions),
      context.callOptions,
    )
  } catch (error) {
    // vcsim only has FindByUuid, which returns one of several.
    if (!(error instanceof VimFaultError) || !error.is('MethodNotFound')) throw error
  }
  const paths = instanceUuid
    ? (['config.instanceUuid', 'summary.config.instanceUuid'] as const)
    : (['config.uuid', 'summary.config.uuid'] as const)
  const all = (await context.reader.all(
    new PlanNode('VirtualMachine', ...paths),
  )) as ManagedObject<'VirtualMachine'>[]
  return all
    .filter((vm) => (vm.tryRead(paths[0]) ?? vm.tryRead(paths[1]))?.toLowerCase() === lowerCaseUuid)
    .map(({ ref }) => ref)
}

function searchIndex({ content }: Login): ManagedObjectReference {
  if (content.searchIndex) return content.searchIndex
  throw new ApiError('VSPHERE_FAULT', 'the server has no SearchIndex')
}
