// ResourceAllocation: a reservation, a limit and shares of CPU or memory, of a virtual machine or a resource pool.

import type { DataObject } from '../../soap/vim-types.ts'
import { builder } from '../builder.ts'
import { finiteLimit, megabytesToBytes, nonNegative, nonNegativeInt } from './units.ts'
import { vimEnum } from './vim-enum.ts'

declare module '../builder.ts' {
  interface ObjectTypes {
    ResourceAllocation: Allocation
  }
}

/** The unit of vSphere. Values in MB are converted to bytes. */
type Unit = 'MHz' | 'MB'

interface Allocation {
  readonly info: DataObject<'ResourceAllocationInfo'>
  readonly unit: Unit
  /** Only a pool can take more from its parent. */
  readonly of: 'machine' | 'pool'
}

/** Returns the `decode` of a property that is an allocation. */
export const allocationIn =
  (unit: Unit, of: Allocation['of']) =>
  (info: DataObject<'ResourceAllocationInfo'>): Allocation => ({ info, unit, of })

/** Converts an amount to the unit of the field. Returns null for "no value". */
const amountOf = (value: number | bigint | null | undefined, unit: Unit): number | bigint | null =>
  value === null || value === undefined ? null : unit === 'MB' ? megabytesToBytes(value) : nonNegative(value)

const SharesLevel = vimEnum('SharesLevel', {
  vimType: 'SharesLevel',
  description: 'Relative priority when resources are short.',
  values: {
    low: ['LOW', 'Half of the normal shares.'],
    normal: ['NORMAL', 'The normal shares.'],
    high: ['HIGH', 'Twice the normal shares.'],
    custom: ['CUSTOM', 'The number in `shares`.'],
  },
})

builder.objectType('ResourceAllocation', {
  description:
    'The guaranteed amount of a resource, its limit, and its priority when the resource is short. Amounts are in the unit of the field that has the allocation. vim25: `ResourceAllocationInfo`.',
  fields: (t) => ({
    reservation: t.field({
      type: 'BigInt',
      description: 'The amount that is guaranteed. Source: `reservation`.',
      resolve: ({ info, unit }) => amountOf(info.reservation, unit),
    }),
    limit: t.field({
      type: 'BigInt',
      description:
        'The most that may be used, even if more is available. Null if there is no limit. Source: `limit`.',
      resolve: ({ info, unit }) => amountOf(info.limit === undefined ? null : finiteLimit(info.limit), unit),
    }),
    unlimited: t.boolean({
      description:
        'Whether there is no limit. Source: whether `limit` is -1, or the largest value of its type.',
      resolve: ({ info }) => (info.limit === undefined ? null : finiteLimit(info.limit) === null),
    }),
    expandableReservation: t.boolean({
      description:
        'Whether a pool may reserve more than `reservation` from its parent. Null for virtual machines. Source: `expandableReservation`.',
      resolve: ({ info, of }) => (of === 'pool' ? (info.expandableReservation ?? null) : null),
    }),
    shares: t.int({
      description:
        'Share of the resource in relation to the shares of its siblings when it is short. Source: `shares.shares`.',
      resolve: ({ info }) => nonNegativeInt(info.shares?.shares ?? -1),
    }),
    sharesLevel: t.field({
      type: SharesLevel.type,
      description: 'Level of the shares. Source: `shares.level`.',
      resolve: ({ info }) => SharesLevel.decode(info.shares?.level) ?? null,
    }),
  }),
})
