// SearchIndex: lookup by path, UUID, address and name. If nothing matches, the reply has no returnval; it is not a
// fault.

import type { DataObject, ManagedObjectReference } from '../../soap/vim-types.ts'
import type { SimulatedInventory, SimulatedObject } from '../simulated-inventory.ts'
import { childrenOf } from './container-contents.ts'
import { rootFolder } from './service-content.ts'
import { findOrFault, type ServiceCall, type ServiceMethodTable } from './service-method.ts'

export const searchIndexMethods: ServiceMethodTable = {
  FindByInventoryPath({ args, objects, find }) {
    let at = find(rootFolder)
    const names = args.inventoryPath.split('/').filter((name) => name !== '')
    for (const name of names) at = at && childNamed({ objects, find }, at, name)
    return names.length === 0 ? undefined : at?.ref
  },

  FindChild: ({ args, objects, find }) =>
    childNamed({ objects, find }, findOrFault({ find }, args.entity), args.name)?.ref,

  FindByUuid: (call) => findAllByUuid(call).next().value,

  FindAllByUuid: (call) => [...findAllByUuid(call)],

  FindAllByIp: (call) => {
    const { ip, vmSearch } = call.args
    return findAll(call, (object) =>
      vmSearch ? guestOf(object)?.ipAddress === ip : kernelAddressesOf(object).includes(ip),
    )
  },

  FindAllByDnsName: (call) => {
    const { dnsName, vmSearch } = call.args
    const requested = dnsName.toLowerCase()
    return findAll(call, (object) => {
      const name = vmSearch ? guestOf(object)?.hostName : String(object.get('name'))
      return name?.toLowerCase() === requested
    })
  },
}

/** Returns all virtual machines or hosts that match, optionally within a datacenter. */
function findAll(
  {
    args: { datacenter, vmSearch },
    objects,
    find,
  }: Pick<ServiceCall<'FindAllByIp' | 'FindAllByDnsName'>, 'objects' | 'find'> & {
    readonly args: { readonly datacenter?: ManagedObjectReference | undefined; readonly vmSearch: boolean }
  },
  matches: (object: SimulatedObject) => boolean,
): ManagedObjectReference[] {
  if (datacenter) findOrFault({ find }, datacenter)
  return [...objects.ofType(vmSearch ? 'VirtualMachine' : 'HostSystem')]
    .filter(
      (object) =>
        matches(object) && find(object.ref) && (!datacenter || isInside(objects, object, datacenter)),
    )
    .map(({ ref }) => ref)
}

const guestOf = (object: SimulatedObject) => object.get('guest') as DataObject<'GuestInfo'> | undefined

/** The addresses of a host's VMkernel adapters. */
function kernelAddressesOf(host: SimulatedObject): (string | undefined)[] {
  const config = host.get('config') as
    | {
        readonly network?: {
          readonly vnic?: readonly { readonly spec: { readonly ip?: { readonly ipAddress?: string } } }[]
        }
      }
    | undefined
  return (config?.network?.vnic ?? []).map(({ spec }) => spec.ip?.ipAddress)
}

function childNamed(
  { objects, find }: Pick<ServiceCall<'FindChild'>, 'objects' | 'find'>,
  parent: SimulatedObject,
  name: string,
): SimulatedObject | undefined {
  const requested = normalized(name)
  for (const child of childrenOf(objects, parent))
    if (normalized(String(child.get('name'))) === requested && find(child.ref)) return child
  return undefined
}

// The three escape sequences of entity names can be in either case.
const normalized = (name: string): string => name.replace(/%(2f|5c|25)/gi, (escaped) => escaped.toLowerCase())

function* findAllByUuid({
  args: { datacenter, uuid, vmSearch, instanceUuid },
  objects,
  find,
}: Pick<ServiceCall<'FindByUuid'>, 'args' | 'objects' | 'find'>): Generator<ManagedObjectReference> {
  if (datacenter) findOrFault({ find }, datacenter)
  const requested = uuid.toLowerCase()
  for (const object of objects.ofType(vmSearch ? 'VirtualMachine' : 'HostSystem')) {
    if (uuidOf(object, instanceUuid ?? false)?.toLowerCase() !== requested || !find(object.ref)) continue
    if (!datacenter || isInside(objects, object, datacenter)) yield object.ref
  }
}

function uuidOf(object: SimulatedObject, instanceUuid: boolean): string | undefined {
  if (object.type === 'HostSystem') {
    return (object.get('summary') as DataObject<'HostListSummary'> | undefined)?.hardware?.uuid
  }
  const config = object.get('config') as DataObject<'VirtualMachineConfigInfo'> | undefined
  return instanceUuid ? config?.instanceUuid : config?.uuid
}

function isInside(
  objects: SimulatedInventory,
  object: SimulatedObject,
  ancestor: ManagedObjectReference,
): boolean {
  let at: SimulatedObject | undefined = object
  while (at) {
    if (at.moid === ancestor.value) return true
    const parent = (at.get('parent') ?? at.get('parentVApp')) as ManagedObjectReference | undefined
    at = parent && objects.find(parent)
  }
  return false
}
