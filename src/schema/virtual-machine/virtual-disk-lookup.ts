// Choosing among the disks of a virtual machine or of a snapshot.

import type { ManagedObjectReference } from '../../soap/vim-types.ts'
import { builder } from '../builder.ts'
import type { Context } from '../context.ts'
import { decodeId, encodeId } from '../core/ids.ts'
import { ApiError, badInput } from '../errors/api-error.ts'
import { backingOf, type Disk } from './disk.ts'

export const VirtualDiskLookup = builder.inputType('VirtualDiskBy', {
  description: 'One way to tell a disk.',
  isOneOf: true,
  fields: (t) => ({
    id: t.id({ description: 'Its global id, of the same virtual machine or snapshot.' }),
    key: t.int({ description: 'VirtualDisk.key, such as 2000.' }),
    uuid: t.string({ description: 'backing.uuid.' }),
    label: t.string({
      description: 'deviceInfo.label, in the language of the vCenter: "Hard disk 1", "Festplatte 1".',
    }),
  }),
})

/** The disks that have the label and the key, where these are given. */
export const filterByLabelAndKey = (
  disks: readonly Disk[] | undefined,
  { label, key }: { label?: string | null | undefined; key?: number | null | undefined },
) =>
  disks?.filter(
    ({ device }) =>
      (label == null || device.deviceInfo?.label === label) && (key == null || device.key === key),
  )

/** The disk that is told; undefined when there is none. Several of one label or uuid are AMBIGUOUS. */
export function findDisk(
  disks: readonly Disk[] | undefined,
  owner: ManagedObjectReference,
  by: typeof VirtualDiskLookup.$inferInput,
  context: Context,
): Disk | undefined {
  const { id, key, uuid, label } = by
  if (id != null) {
    const { ref, diskKey } = decodeId(context, id, ['VirtualDisk'])
    if (ref.value !== owner.value || ref.type !== owner.type)
      throw badInput('the id is that of a disk of another virtual machine or snapshot')
    return disks?.find(({ device }) => device.key === diskKey)
  }
  const matching = disks?.filter(
    (disk) =>
      disk.device.key === key ||
      (uuid != null && backingOf(disk).uuid === uuid) ||
      (label != null && disk.device.deviceInfo?.label === label),
  )
  if (matching && matching.length > 1) {
    throw new ApiError('AMBIGUOUS', `${JSON.stringify(label ?? uuid)} fits ${matching.length} disks`, {
      candidates: matching.map(({ device }) => ({ id: encodeId(context, owner, device.key), path: null })),
      remedy: 'Ask for one of them by its key.',
    })
  }
  return matching?.[0]
}
