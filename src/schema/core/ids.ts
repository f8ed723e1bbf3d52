// Global ids: the vCenter's identity, the managed object's type and its moid, and for a disk its key. Opaque to clients.

import {
  isManagedSubtype,
  type ManagedObjectReference,
  type ManagedObjectType,
} from '../../soap/vim-types.ts'
import { isXmlText } from '../../soap/xml.ts'
import type { Context } from '../context.ts'
import { ApiError, badInput } from '../errors/api-error.ts'

/** What an id names: a managed object, or a disk (key) of a virtual machine or of a snapshot. */
export interface DecodedId {
  readonly ref: ManagedObjectReference
  readonly diskKey?: number
}

/** The managed object types that have ids, and the GraphQL type of each and of its subclasses (a disk's is its owner's). */
const typeNames = {
  Datacenter: 'Datacenter',
  Folder: 'Folder',
  VirtualMachine: 'VirtualMachine',
  VirtualMachineSnapshot: 'Snapshot',
  ComputeResource: 'ComputeResource',
  HostSystem: 'HostSystem',
  ResourcePool: 'ResourcePool',
  Datastore: 'Datastore',
  Network: 'Network',
  Task: 'Task',
  ServiceInstance: 'VCenter',
} as const satisfies Partial<Record<ManagedObjectType, string>>

/** The type that plans name: of a ClusterComputeResource, ComputeResource. Undefined for what the schema does not have. */
export const baseTypeOf = ({ type }: ManagedObjectReference): keyof typeof typeNames | undefined =>
  (Object.keys(typeNames) as (keyof typeof typeNames)[]).find((base) => isManagedSubtype(type, base))

/** The GraphQL type of what an id names; undefined for managed objects that the schema does not have. */
export function typeNameOf({ ref, diskKey }: DecodedId): string | undefined {
  if (diskKey !== undefined) return 'VirtualDisk'
  const base = baseTypeOf(ref)
  return base && typeNames[base]
}

export const encodeId = (context: Context, ref: ManagedObjectReference, diskKey?: number): string =>
  encodeManagedObjectId(identityOf(context), ref, diskKey)

/** The same where there is no request, but the vCenter's identity. */
export function encodeManagedObjectId(
  identity: string,
  ref: ManagedObjectReference,
  diskKey?: number,
): string {
  const parts = [identity, ref.type, ref.value]
  return Buffer.from(JSON.stringify(diskKey === undefined ? parts : [...parts, diskKey])).toString(
    'base64url',
  )
}

/**
 * Reads an id. The vCenter must have been reached, so that its identity is known.
 * @throws ApiError BAD_USER_INPUT when it is none of ours or names another type; NOT_FOUND when it is of another vCenter.
 */
export function decodeId(context: Context, id: string, expected?: readonly string[]): DecodedId {
  const decoded = parse(id)
  const typeName = decoded && typeNameOf(decoded)
  if (!decoded || !typeName)
    throw badInput(
      `${truncated(id)} is not an id of this API`,
      /^[a-z]+-[a-z]?\d+$/i.test(id)
        ? 'That looks like a moid: look it up with by: { moid }. Ids come from the field id and hold more.'
        : 'Use what the field id gave you, unchanged.',
    )
  if (expected && !expected.includes(typeName))
    throw badInput(`the id is that of a ${typeName}, but a ${expected.join(' or a ')} is needed`)
  if (decoded.identity !== identityOf(context)) {
    throw new ApiError('NOT_FOUND', 'the id belongs to another vCenter', {
      remedy: 'Ask the gateway that serves that vCenter.',
    })
  }
  return decoded
}

function parse(id: string): (DecodedId & { identity: string }) | undefined {
  let parts: unknown
  try {
    parts = JSON.parse(Buffer.from(id, 'base64url').toString())
  } catch {
    return undefined
  }
  if (!Array.isArray(parts)) return undefined
  const [identity, type, value, diskKey, ...rest] = parts as unknown[]
  if (
    typeof identity !== 'string' ||
    typeof type !== 'string' ||
    typeof value !== 'string' ||
    rest.length > 0
  )
    return undefined
  // What XML cannot carry no vCenter has made; asked for, it would take what is asked beside it down with it.
  if (!isMoid(value) || (type === 'ServiceInstance' && value !== 'ServiceInstance')) return undefined
  if (diskKey === undefined) return { identity, ref: { type, value } }
  if (!Number.isInteger(diskKey) || !(type === 'VirtualMachine' || type === 'VirtualMachineSnapshot'))
    return undefined
  return { identity, ref: { type, value }, diskKey: diskKey as number }
}

export const isMoid = (value: string): boolean => isXmlText(value) && value !== '' && value.length <= 256

const truncated = (id: string): string => JSON.stringify(id.length > 80 ? `${id.slice(0, 80)}…` : id)

function identityOf({ vcenter }: Context): string {
  const identity = vcenter.session.lastLogin?.identity
  if (identity === undefined)
    throw new ApiError(
      'VCENTER_UNAVAILABLE',
      `${vcenter.name} has not been reached yet, so its objects have no ids`,
      { retryable: true },
    )
  return identity
}
