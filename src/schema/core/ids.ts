// Global ids. An id encodes the vCenter's identity, the type and moid of the managed object, and the key of a disk. Clients treat
// it as opaque.

import { isManagedSubtype } from '../../soap/type-registry.ts'
import type { ManagedObjectReference, ManagedObjectType } from '../../soap/vim-types.ts'
import { isXmlText } from '../../soap/xml.ts'
import type { Context } from '../context.ts'
import { ApiError, badInput } from '../errors/api-error.ts'

/** The target of an id: a managed object, or with a key a disk of a virtual machine or of a snapshot. */
export interface DecodedId {
  readonly ref: ManagedObjectReference
  readonly diskKey?: number
}

/**
 * The managed object types that have ids, each with the GraphQL type of its objects and subclasses. The id of a disk has the
 * type of the disk's owner.
 */
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

/**
 * Returns the base type that plans use, such as ComputeResource for a ClusterComputeResource; undefined for a type outside the
 * schema.
 */
export const baseTypeOf = ({ type }: ManagedObjectReference): keyof typeof typeNames | undefined =>
  (Object.keys(typeNames) as (keyof typeof typeNames)[]).find((base) => isManagedSubtype(type, base))

/** Returns the GraphQL type of the target of an id; undefined for a managed object type outside the schema. */
export function typeNameOf({ ref, diskKey }: DecodedId): string | undefined {
  if (diskKey !== undefined) return 'VirtualDisk'
  const base = baseTypeOf(ref)
  return base && typeNames[base]
}

/** Encodes the global id of an object of the request's vCenter, or of a disk of that object. */
export const encodeId = (context: Context, ref: ManagedObjectReference, diskKey?: number): string =>
  encodeManagedObjectId(identityOf(context), ref, diskKey)

/** Encodes a global id outside a request, from the identity of the vCenter. */
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
 * Decodes a global id. The session must have logged in to the vCenter once, so that its identity is known.
 *
 * @param expected - the GraphQL types that are accepted; all of them if omitted
 * @throws ApiError BAD_USER_INPUT if the id is malformed or of another type; NOT_FOUND if it belongs to another vCenter
 */
export function decodeId(context: Context, id: string, expected?: readonly string[]): DecodedId {
  const decoded = parse(id)
  const typeName = decoded && typeNameOf(decoded)
  if (!decoded || !typeName)
    throw badInput(
      `${truncated(id)} is not an id of this API`,
      /^[a-z]+-[a-z]?\d+$/i.test(id)
        ? 'This has the form of a moid: look it up with by: { moid }. Global ids are returned by the field id.'
        : 'Pass a value of the field id, unchanged.',
    )
  if (expected && !expected.includes(typeName))
    throw badInput(`the id belongs to a ${typeName}, but must belong to a ${expected.join(' or a ')}`)
  if (decoded.identity !== identityOf(context)) {
    throw new ApiError('NOT_FOUND', 'the id belongs to another vCenter', {
      remedy: 'Send the request to the gateway that serves that vCenter.',
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
  // No vCenter creates a moid that XML cannot carry. Requesting one would fail the whole retrieval, with the other objects in it.
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
      `the gateway has not connected to ${vcenter.name} yet, so its objects have no ids`,
      { retryable: true },
    )
  return identity
}
