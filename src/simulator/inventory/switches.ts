// Descriptions of simulated distributed switches and their portgroups, and the data objects that vSphere reports of them.

import type { DataObject, ManagedObjectReference } from '../../soap/vim-types.ts'
import type { Compute } from './containers.ts'

export interface SwitchDescription {
  readonly name: string
  /** @default '8.0.0' */
  readonly version?: string
  readonly description?: string
}

/** One VLAN, the ranges of a trunk, or the secondary id of a private VLAN. */
type VlanDescription =
  | number
  | readonly (readonly [start: number, end: number])[]
  | { readonly private: number }

/** A portgroup. Its key is its moid, unless it was imported with the key that it had elsewhere. */
export interface PortgroupDescription {
  readonly name: string
  readonly key?: string
  /** @default 0, for none */
  readonly vlan?: VlanDescription
  readonly uplink?: true
  readonly segmentId?: string
}

interface SwitchIdentity extends SwitchDescription {
  readonly uuid: string
  readonly hosts: readonly ManagedObjectReference[]
}

export const hostsOf = (computes: readonly Compute[]): ManagedObjectReference[] =>
  computes.flatMap(({ hosts }) => hosts.map(({ ref }) => ref))

export const switchSummary = (
  { name, uuid, version = '8.0.0', description, hosts }: SwitchIdentity,
  numPorts: number,
): DataObject<'DVSSummary'> => ({
  name,
  uuid,
  numPorts,
  productInfo: { name: 'DVS', vendor: 'VMware, Inc.', version, build: '22837322' },
  hostMember: hosts,
  ...(description !== undefined && { description }),
  numHosts: hosts.length,
})

export const switchConfig = (
  { name, uuid, description }: SwitchIdentity,
  numPorts: number,
  uplinkPortgroup: readonly ManagedObjectReference[],
  createTime: Date,
): DataObject<'VMwareDVSConfigInfo'> => ({
  _typeName: 'VMwareDVSConfigInfo',
  uuid,
  name,
  numStandalonePorts: 0,
  numPorts,
  maxPorts: 2_147_483_647,
  uplinkPortgroup,
  configVersion: '7',
  ...(description !== undefined && { description }),
  createTime,
  networkResourceManagementEnabled: true,
  pvlanConfig: [
    { primaryVlanId: 120, secondaryVlanId: 120, pvlanType: 'promiscuous' },
    { primaryVlanId: 120, secondaryVlanId: 121, pvlanType: 'isolated' },
  ],
  maxMtu: 9000,
})

function vlanSpec(vlan: VlanDescription): DataObject<'VmwareDistributedVirtualSwitchVlanSpec'> {
  if (typeof vlan === 'number') {
    const spec: DataObject<'VmwareDistributedVirtualSwitchVlanIdSpec'> = {
      _typeName: 'VmwareDistributedVirtualSwitchVlanIdSpec',
      inherited: false,
      vlanId: vlan,
    }
    return spec
  }
  if ('private' in vlan) {
    const spec: DataObject<'VmwareDistributedVirtualSwitchPvlanSpec'> = {
      _typeName: 'VmwareDistributedVirtualSwitchPvlanSpec',
      inherited: false,
      pvlanId: vlan.private,
    }
    return spec
  }
  const spec: DataObject<'VmwareDistributedVirtualSwitchTrunkVlanSpec'> = {
    _typeName: 'VmwareDistributedVirtualSwitchTrunkVlanSpec',
    inherited: false,
    vlanId: vlan.map(([start, end]) => ({ start, end })),
  }
  return spec
}

/** Each physical card of a host is connected to a port of its own of the uplink portgroup. */
const cardsPerHost = 4

export function portgroupConfig(
  key: string,
  { name, vlan = 0, uplink, segmentId }: PortgroupDescription,
  distributedVirtualSwitch: ManagedObjectReference,
  hosts: number,
): DataObject<'DVPortgroupConfigInfo'> {
  const defaultPortConfig: DataObject<'VMwareDVSPortSetting'> = {
    _typeName: 'VMwareDVSPortSetting',
    vlan: vlanSpec(vlan),
  }
  return {
    key,
    name,
    numPorts: uplink ? cardsPerHost * hosts : 128,
    distributedVirtualSwitch,
    defaultPortConfig,
    type: 'earlyBinding',
    backingType: segmentId === undefined ? 'standard' : 'nsx',
    autoExpand: uplink !== true,
    uplink: uplink === true,
    ...(segmentId !== undefined && { segmentId }),
  }
}
