// The model of a network adapter: its device in the configuration of a virtual machine, and its network. network-adapter.ts
// declares the GraphQL type.

import { devicesOf } from '../../../planner/device-path.ts'
import { virtualMachineHost, virtualMachineNetworks } from '../../../planner/edges.ts'
import { isOfType, type ManagedObject, readOr } from '../../../planner/managed-object.ts'
import type { PlanNode } from '../../../planner/plan-node.ts'
import { isInstance } from '../../../soap/type-registry.ts'
import type { DataObject, DataObjectName } from '../../../soap/vim-types.ts'
import { displayName } from '../../core/names.ts'
import { planPortgroupVlan, portgroupVlanOf, standardVlan, type Vlan } from '../../core/vlan.ts'
import { ApiError } from '../../errors/api-error.ts'

/** A network adapter and the virtual machine that it belongs to. */
export interface Adapter {
  readonly vm: ManagedObject<'VirtualMachine'>
  readonly device: DataObject<'VirtualEthernetCard'>
}

/** The devices of a virtual machine that are network adapters. */
export const adapterDevices = devicesOf('VirtualEthernetCard')

/** Returns the network adapters of a virtual machine; undefined if its configuration is unset. */
export const adaptersOf = (vm: ManagedObject<'VirtualMachine'>): readonly Adapter[] | undefined =>
  vm
    .devices(adapterDevices)
    ?.filter(isAdapter)
    .map((device) => ({ vm, device: withKey(device) }))

/** The ancestors of a type that only a newer server has are unknown: its adapters are recognized by what only adapters have. */
function isAdapter(device: DataObject<'VirtualDevice'>): device is DataObject<'VirtualEthernetCard'> {
  return (
    isInstance(device, 'VirtualEthernetCard') ||
    'macAddress' in device ||
    /^VirtualEthernetCard/.test(device.backing?._typeName ?? '')
  )
}

/** Checks that an adapter has a key, which identifies it within its virtual machine. */
function withKey(device: DataObject<'VirtualEthernetCard'>): DataObject<'VirtualEthernetCard'> {
  const key: number | undefined = device.key
  if (key === undefined)
    throw new ApiError('VSPHERE_FAULT', 'the vCenter reported a network adapter without a key')
  return device
}

/** A subtype is before its base type. */
const typesByAncestor = {
  VirtualVmxnet3Vrdma: 'VMXNET3_VRDMA',
  VirtualVmxnet3: 'VMXNET3',
  VirtualVmxnet: 'VMXNET',
  VirtualE1000e: 'E1000E',
  VirtualE1000: 'E1000',
  VirtualPCNet32: 'PCNET32',
  VirtualSriovEthernetCard: 'SRIOV',
} as const satisfies Partial<Record<DataObjectName, string>>

type AdapterType = (typeof typesByAncestor)[keyof typeof typesByAncestor] | 'OTHER'

/** Returns the type of the adapter, by the nearest ancestor that has one. */
export function typeOf({ device }: Adapter): AdapterType {
  for (const [ancestor, type] of Object.entries(typesByAncestor))
    if (isInstance(device, ancestor as DataObjectName)) return type
  return 'OTHER'
}

/** The properties of all types of backings. */
interface Backing {
  readonly network?: { readonly value: string }
  readonly port?: DataObject<'DistributedVirtualSwitchPortConnection'>
  readonly opaqueNetworkId?: string
}

const backingOf = ({ device }: Adapter): Backing => (device.backing ?? {}) as Backing

/** Returns the port of a distributed switch that the adapter is connected to. */
export const portOf = (adapter: Adapter): Backing['port'] => backingOf(adapter).port

/** Requires the networks of a virtual machine, with what backings refer to them by. */
export const planNetworks = (vm: PlanNode): PlanNode =>
  vm
    .follow(virtualMachineNetworks)
    .readSubtype('DistributedVirtualPortgroup', 'key')
    // The id is a property of a subtype of its declared type, so that only the whole summary can be read.
    .readSubtype('OpaqueNetwork', 'summary')

/**
 * Returns the network that the backing names; undefined if it names none, or one that is not visible. The property collector
 * cannot follow references in devices, but the property `network` of the virtual machine has the same networks.
 *
 * @throws VimFaultError if it is unknown which network it is, because the key of one cannot be read
 */
export function networkOf(adapter: Adapter): ManagedObject<'Network'> | undefined {
  const { network, port, opaqueNetworkId } = backingOf(adapter)
  if (network) return networkWith(adapter, network.value, ({ ref }) => ref.value)
  if (port) return networkWith(adapter, port.portgroupKey, portgroupKeyOf)
  return networkWith(adapter, opaqueNetworkId, opaqueNetworkIdOf)
}

function networkWith(
  { vm }: Adapter,
  id: string | undefined,
  idOf: (network: ManagedObject<'Network'>) => string | undefined,
): ManagedObject<'Network'> | undefined {
  if (id === undefined) return undefined
  const networks = virtualMachineNetworks.follow(vm)
  return (
    networks.find((network) => readOr(() => idOf(network), undefined) === id) ??
    // Throws if one cannot be read.
    networks.find((network) => idOf(network) === id)
  )
}

const portgroupKeyOf = (network: ManagedObject): string | undefined =>
  isOfType(network, 'DistributedVirtualPortgroup') ? network.read('key') : undefined

const opaqueNetworkIdOf = (network: ManagedObject): string | undefined =>
  isOfType(network, 'OpaqueNetwork')
    ? (network.read('summary') as Partial<DataObject<'OpaqueNetworkSummary'>> | undefined)?.opaqueNetworkId
    : undefined

/** Requires what `vlanOf` reads: the networks, and the standard port groups of the host. */
export function planVlan(vm: PlanNode): void {
  planPortgroupVlan(planNetworks(vm).read('name'))
  vm.follow(virtualMachineHost).read('config.network.portgroup')
}

/**
 * Returns the VLAN of the network that the adapter is connected to; null if it has none or `isVlanUnknown`. A standard network has a VLAN
 * on each host: that of the port group of its name.
 */
export function vlanOf(adapter: Adapter): Vlan | null {
  const network = networkOf(adapter)
  if (!network || isOfType(network, 'OpaqueNetwork')) return null
  if (isOfType(network, 'DistributedVirtualPortgroup')) return portgroupVlanOf(network)
  const [host] = virtualMachineHost.follow(adapter.vm)
  const name = displayName(network)
  const portgroup = host?.read('config.network.portgroup')?.find(({ spec }) => spec.name === name)
  const vlanId: number | undefined = portgroup?.spec.vlanId
  return vlanId === undefined ? null : standardVlan(vlanId)
}

/**
 * Whether a VLAN that is null is unknown: the network is not visible, or the host does not report the port group of its name, as while
 * it is disconnected. An adapter without a network has no VLAN, and neither has an opaque network.
 */
export function isVlanUnknown(adapter: Adapter): boolean {
  const { network, port, opaqueNetworkId } = backingOf(adapter)
  return opaqueNetworkId === undefined && (network !== undefined || port?.portgroupKey !== undefined)
}
