// Vlan: the VLAN of a port group, of a distributed or a standard switch.

import { isOfType, type ManagedObject } from '../../planner/managed-object.ts'
import type { PlanNode } from '../../planner/plan-node.ts'
import { isInstance } from '../../soap/type-registry.ts'
import type { DataObject } from '../../soap/vim-types.ts'
import { builder } from '../builder.ts'
import { nonNegativeInt } from './units.ts'

export interface Vlan {
  readonly kind: 'ACCESS' | 'TRUNK' | 'PRIVATE'
  /** Undefined for a trunk. */
  readonly vlanId?: number
  /** Undefined for other kinds than a trunk. */
  readonly ranges?: readonly string[]
}

declare module '../builder.ts' {
  interface ObjectTypes {
    Vlan: Vlan
  }
}

/** The VLAN of a standard port group that passes all tagged frames on to the guests. */
const guestTagging = 4095

const VlanKind = builder.enumType('VlanKind', {
  description: 'What the VLAN of a port group consists of. Source: the vim25 type of the specification.',
  values: {
    ACCESS: {
      description: 'One VLAN, or none. vim25: `VmwareDistributedVirtualSwitchVlanIdSpec`.',
    },
    TRUNK: {
      description:
        'Ranges of VLANs, whose tags reach the guests. vim25: `VmwareDistributedVirtualSwitchTrunkVlanSpec`, or the id 4095 of a standard port group.',
    },
    PRIVATE: { description: 'A private VLAN. vim25: `VmwareDistributedVirtualSwitchPvlanSpec`.' },
  } as const,
})

builder.objectType('Vlan', {
  description:
    'The VLAN of a port group. vim25: `VmwareDistributedVirtualSwitchVlanSpec`, or `vlanId` of `HostPortGroupSpec`.',
  fields: (t) => ({
    kind: t.field({
      type: VlanKind,
      nullable: false,
      description:
        'Whether it is one VLAN or none, ranges of VLANs, or a private VLAN. Source: the vim25 type of the specification.',
      resolve: ({ kind }) => kind,
    }),
    vlanId: t.int({
      description:
        'The VLAN id, from 1 to 4094; 0 for no VLAN. For a private VLAN the secondary id. Null for a trunk, so that conditions on it do not find what is on a trunk with this VLAN. Source: `vlanId`, or `pvlanId` of a private VLAN.',
      resolve: ({ vlanId }) => (vlanId === undefined ? null : nonNegativeInt(vlanId)),
    }),
    ranges: t.stringList({
      nullable: { list: true, items: false },
      description:
        'The ranges of VLAN ids of a trunk, such as "100-199", or "30" for a single one. Null for other kinds. Source: `vlanId`.',
      resolve: ({ ranges }) => ranges?.slice() ?? null,
    }),
  }),
})

/** Converts the VLAN id of a standard port group. */
export const standardVlan = (vlanId: number): Vlan =>
  vlanId === guestTagging ? { kind: 'TRUNK', ranges: ['0-4094'] } : { kind: 'ACCESS', vlanId }

/** The VLAN is a property of a subtype of the declared type of the configuration, so that only all of it can be read. */
export const planPortgroupVlan = (network: PlanNode): PlanNode =>
  network.readSubtype('DistributedVirtualPortgroup', 'config.defaultPortConfig')

/** Returns the VLAN of a distributed port group; null for other networks, and for a specification of an unknown type. */
export function portgroupVlanOf(network: ManagedObject): Vlan | null {
  if (!isOfType(network, 'DistributedVirtualPortgroup')) return null
  const setting = network.read('config.defaultPortConfig') as
    | Partial<DataObject<'VMwareDVSPortSetting'>>
    | undefined
  const spec = setting?.vlan
  if (!spec) return null
  if (isInstance(spec, 'VmwareDistributedVirtualSwitchVlanIdSpec'))
    return { kind: 'ACCESS', vlanId: spec.vlanId }
  if (isInstance(spec, 'VmwareDistributedVirtualSwitchPvlanSpec'))
    return { kind: 'PRIVATE', vlanId: spec.pvlanId }
  if (!isInstance(spec, 'VmwareDistributedVirtualSwitchTrunkVlanSpec')) return null
  const ranges = (spec.vlanId ?? []).map(({ start, end }) => (start === end ? `${start}` : `${start}-${end}`))
  return { kind: 'TRUNK', ranges }
}
