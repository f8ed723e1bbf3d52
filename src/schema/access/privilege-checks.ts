// Which privileges the session has on objects: one HasPrivilegeOnEntities for all objects of a vCenter that are checked in one tick.

import type { InventoryReader } from '../../planner/inventory-reader.ts'
import { createKeyedLoader, type KeyedLoader } from '../../planner/keyed-loader.ts'
import type { DataObject, ManagedObjectReference } from '../../soap/vim-types.ts'
import type { CallOptions } from '../../vim25/session/call-options.ts'
import type { Login } from '../../vim25/session/login.ts'
import { VimFaultError } from '../../vim25/vim-fault-error.ts'
import { notFoundError } from '../errors/api-error.ts'
import { shareCause } from '../errors/repeated-errors.ts'
import type { RequestVCenter } from '../vcenters.ts'

/** Privileges to check on an object that the session may read. */
interface PrivilegeCheck {
  readonly ref: ManagedObjectReference
  readonly privileges: readonly string[]
}

/** The privileges of a check that the session lacks; undefined on a server that cannot check them. */
type Missing = readonly string[] | undefined

/** How many objects that no longer exist are left out. vCenter names one for each call. */
const maxRemoved = 3

/** Privileges that older vCenters do not know and do not need. */
const optionalPrivileges: readonly string[] = ['InventoryService.Tagging.ObjectAttachable']

/** By reader, so that a check after a change is not answered from before it. */
const loaders = new WeakMap<InventoryReader, KeyedLoader<PrivilegeCheck, Missing | Error>>()

/**
 * Returns the privileges that the session lacks on an object.
 *
 * @returns undefined if the server cannot check privileges, as an ESXi host
 * @throws ApiError NOT_FOUND if the object was removed in the meantime
 */
export async function missingPrivileges(vcenter: RequestVCenter, check: PrivilegeCheck): Promise<Missing> {
  const { reader } = vcenter
  const load =
    loaders.get(reader) ??
    createKeyedLoader<PrivilegeCheck, Missing | Error>(
      (checks) => checkAll(vcenter, checks),
      ({ ref, privileges }) => [ref.type, ref.value, ...privileges].join(' '),
      reader.scheduler,
    )
  loaders.set(reader, load)
  const missing = await load(check)
  if (missing instanceof Error) throw missing
  return missing
}

async function checkAll(
  vcenter: RequestVCenter,
  checks: readonly PrivilegeCheck[],
): Promise<readonly (Missing | Error)[]> {
  try {
    return await vcenter.session.withLogin(
      (login) => checkWith(login, checks, vcenter.callOptions),
      vcenter.callOptions,
    )
  } catch (error) {
    // One error for all objects, not one for each.
    if (error instanceof Error) shareCause(error, `privileges on ${vcenter.name}`)
    throw error
  }
}

async function checkWith(
  login: Login,
  checks: readonly PrivilegeCheck[],
  callOptions: CallOptions,
): Promise<readonly (Missing | Error)[]> {
  const { authorizationManager, about } = login.content
  if (!authorizationManager || about.apiType === 'HostAgent') return checks.map(() => undefined)
  const refs = new Map(checks.map(({ ref }) => [keyOf(ref), ref]))
  let privileges = [...new Set(checks.flatMap((check) => check.privileges))]
  const check = () =>
    callForReadable(login, authorizationManager, [...refs.values()], privileges, callOptions)
  const granted = await check().catch(async (error) => {
    // What a vCenter does with privileges that it does not know is undocumented.
    if (!(error instanceof VimFaultError && error.is('InvalidArgument'))) throw error
    const known = await knownPrivileges(login, authorizationManager, callOptions)
    privileges = privileges.filter((each) => known.has(each))
    return check()
  })
  const isDenied = (privilege: string) => [...granted.values()].some((each) => !each.has(privilege))
  if (privileges.some((each) => optionalPrivileges.includes(each) && isDenied(each))) {
    const known = await knownPrivileges(login, authorizationManager, callOptions)
    privileges = privileges.filter((each) => known.has(each))
  }
  return checks.map(({ ref, privileges: checked }) => {
    const ofObject = granted.get(keyOf(ref))
    if (!ofObject) return notFoundError(`${ref.type} ${ref.value}`)
    return checked.filter((each) => privileges.includes(each) && !ofObject.has(each))
  })
}

/**
 * Checks privileges on several objects. An object that no longer exists, or the root folder if it may not be read, fails the call as a
 * whole, so it is left out.
 *
 * @returns the granted privileges by object: none on a root folder that may not be read, and no entry for objects that were removed
 */
async function callForReadable(
  login: Login,
  manager: ManagedObjectReference,
  refs: readonly ManagedObjectReference[],
  privileges: readonly string[],
  callOptions: CallOptions,
): Promise<Map<string, ReadonlySet<string>>> {
  const left = new Map(refs.map((ref) => [keyOf(ref), ref]))
  const denied = new Map<string, ReadonlySet<string>>()
  for (let removed = 0; left.size > 0; removed += 1) {
    try {
      const args = { entity: [...left.values()], sessionId: login.key, privId: [...privileges] }
      const reply = await login.call('HasPrivilegeOnEntities', manager, args, callOptions)
      const granted = reply.map(
        ({ entity, privAvailability = [] }) =>
          [
            keyOf(entity),
            new Set(privAvailability.filter(({ isGranted }) => isGranted).map(({ privId }) => privId)),
          ] as const,
      )
      return new Map([...denied, ...granted])
    } catch (error) {
      // The root folder cannot be removed. An account that may not read it has no privileges on it.
      const root = keyOf(login.content.rootFolder)
      const isRoot = isObjectOf(error, root) && left.delete(root)
      if (isRoot) {
        denied.set(root, new Set())
        continue
      }
      const ref = removed < maxRemoved ? removedObject(error) : undefined
      if (!ref || !left.delete(keyOf(ref))) throw error
    }
  }
  return denied
}

/** Whether a fault says that an object does not exist for the account, or that it may not read it. */
function isObjectOf(error: unknown, key: string): boolean {
  if (!(error instanceof VimFaultError)) return false
  const { obj, object } = error.fault as Partial<
    DataObject<'ManagedObjectNotFound'> & DataObject<'NoPermission'>
  >
  const ref = error.is('ManagedObjectNotFound') ? obj : error.is('NoPermission') ? object : undefined
  return ref !== undefined && keyOf(ref) === key
}

/** Returns the object that a call has failed for because it does not exist. */
const removedObject = (error: unknown): ManagedObjectReference | undefined =>
  error instanceof VimFaultError && error.is('ManagedObjectNotFound')
    ? (error.fault as DataObject<'ManagedObjectNotFound'>).obj
    : undefined

/** Reads the privileges that the vCenter knows, once for each login. */
const knownPrivileges = (
  login: Login,
  manager: ManagedObjectReference,
  callOptions: CallOptions,
): Promise<ReadonlySet<string>> =>
  login.memoize('privilegeList', async () => {
    const reply = await login.call(
      'RetrievePropertiesEx',
      login.content.propertyCollector,
      {
        specSet: [
          {
            propSet: [{ type: 'AuthorizationManager', pathSet: ['privilegeList'] }],
            objectSet: [{ obj: manager }],
          },
        ],
        options: {},
      },
      { onCall: callOptions.onCall },
    )
    const [property] = reply?.objects?.[0]?.propSet ?? []
    return new Set(
      (property?.val as readonly DataObject<'AuthorizationPrivilege'>[] | undefined)?.map(
        ({ privId }) => privId,
      ),
    )
  })

const keyOf = ({ type, value }: ManagedObjectReference): string => `${type} ${value}`
