// Global ids. An id encodes the vCenter's identity, the type and moid of the managed object, and for a part of it, such as a disk,
// the GraphQL type and the key. Clients treat it as opaque.

import type { ManagedObjectReference } from '../../../soap/vim-types.ts'
import { isXmlText } from '../../../soap/xml/xml.ts'
import { decodeOpaque, encodeOpaque } from '../../../text/opaque-string.ts'
import type { Context } from '../../context.ts'
import { ApiError, badInput } from '../../errors/api-error.ts'
import type { RequestVCenter } from '../../vcenters.ts'
import { baseTypeWithin, type DecodedId, keyedNodeType, type NodeKey, nodeTypeOf } from './node-registry.ts'

/** Names a part of a managed object, such as a disk of a virtual machine. */
export interface Part {
  /** Name of the GraphQL type. */
  readonly typeName: string
  readonly key: NodeKey
}

/** Encodes the global id of an object of a vCenter, or of a part of that object. */
export const encodeId = (vcenter: RequestVCenter, ref: ManagedObjectReference, part?: Part): string =>
  encodeManagedObjectId(identityOf(vcenter), ref, part)

/**
 * Encodes a global id outside a request, from the identity of the vCenter.
 *
 * @throws Error if the type of the part is not registered, or does not accept the key
 */
export function encodeManagedObjectId(identity: string, ref: ManagedObjectReference, part?: Part): string {
  if (part && !keyedNodeType(part.typeName)?.isKey?.(part.key))
    throw new Error(`${JSON.stringify(part)} is not a part that ids of the schema can name`)
  return encodeOpaque([identity, ref.type, ref.value, ...(part ? [part.typeName, part.key] : [])])
}

/** The type in the ids of vCenters. They contain its configured name, which is known before the vCenter was ever reached. */
export const vcenterIdType = 'VCenter'

export const encodeVCenterId = ({ name }: Pick<RequestVCenter, 'name'>): string =>
  encodeOpaque(['', vcenterIdType, name])

/** Whether an id names a vCenter itself, so that decoding it needs no login. */
export const isVCenterId = (id: string): boolean => parse(id)?.ref.type === vcenterIdType

/**
 * Decodes a global id. The identity of its vCenter must be known (`VCenters.ensureLogins`).
 *
 * @param expected - the GraphQL types that are accepted; all of them if omitted
 * @param moidRemedy - what to do with a value that has the form of a moid
 * @throws ApiError BAD_USER_INPUT if the id is malformed or of another type; NOT_FOUND if it belongs to another vCenter
 */
export function decodeId(
  { vcenters }: Context,
  id: string,
  expected?: readonly string[],
  moidRemedy = 'Pass the field id of the object, not its moid or name.',
): DecodedId {
  const decoded = parse(id)
  if (!decoded)
    throw badInput(
      `${truncated(id)} is not an id of this API`,
      /^[a-z]+-[a-z]?\d+$/i.test(id) ? moidRemedy : 'Pass a value of the field id, unchanged.',
    )
  const { name } = decoded.nodeType
  if (expected && !expected.includes(name))
    throw badInput(
      `the id belongs to a ${name}, but must belong to a ${expected.join(' or a ')}`,
      `Pass the id of a ${expected.join(' or a ')}.`,
    )
  const isVCenter = decoded.ref.type === vcenterIdType
  const vcenter = isVCenter
    ? vcenters.all.find(({ name }) => name === decoded.ref.value)
    : vcenters.withIdentity(decoded.identity)
  if (vcenter) return { ...decoded, vcenter }
  // Throws if the id may belong to a vCenter whose identity is not known yet.
  if (!isVCenter) vcenters.all.forEach(identityOf)
  throw new ApiError('NOT_FOUND', 'the id belongs to another vCenter', {
    remedy: 'Send the request to the gateway that serves that vCenter.',
  })
}

/** Logs in if necessary, and decodes a global id of these types. Does not check whether its object exists. */
export async function decodeIdAfterLogin(
  context: Context,
  id: string,
  expected: readonly string[],
): Promise<DecodedId> {
  await context.vcenters.ensureLogins()
  return decodeId(context, id, expected)
}

function parse(id: string): (Omit<DecodedId, 'vcenter'> & { readonly identity: string }) | undefined {
  const parts = decodeOpaque(id)
  if (!parts) return undefined
  const [identity, type, value, typeName, key, ...rest] = parts
  if (
    typeof identity !== 'string' ||
    typeof type !== 'string' ||
    typeof value !== 'string' ||
    rest.length > 0
  )
    return undefined
  // No vCenter creates a moid that XML cannot carry. Requesting one would fail the whole retrieval, with the other objects in it.
  if (!isMoid(value)) return undefined
  const ref = { type, value }
  if (parts.length === 3) {
    const nodeType = nodeTypeOf(ref)
    return nodeType && { identity, nodeType, ref }
  }
  const nodeType = typeof typeName === 'string' ? keyedNodeType(typeName) : undefined
  return nodeType?.isKey?.(key) && baseTypeWithin(nodeType, type)
    ? { identity, nodeType, ref, key }
    : undefined
}

export const isMoid = (value: string): boolean => isXmlText(value) && value !== '' && value.length <= 256

const truncated = (id: string): string => JSON.stringify(id.length > 80 ? `${id.slice(0, 80)}…` : id)

function identityOf({ name, session }: RequestVCenter): string {
  const identity = session.lastLogin?.identity
  if (identity === undefined)
    throw new ApiError(
      'VCENTER_UNAVAILABLE',
      `the gateway has not connected to ${name} yet, so its objects have no ids`,
      { retryable: true },
    )
  return identity
}
