// Finds disks of a virtual machine or of a snapshot by id, key, UUID or label.

import type { ManagedObjectReference } from '../../../soap/vim-types.ts'
import { builder } from '../../builder.ts'
import type { Context } from '../../context.ts'
import { decodeId } from '../../core/nodes/ids.ts'
import { onlyMatch } from '../../core/only-match.ts'
import { badInput } from '../../errors/api-error.ts'
import { backingOf, type Disk, diskId } from './disk.ts'

export const VirtualDiskLookup = builder.inputType('VirtualDiskBy', {
  description: 'Identifies a disk by exactly one of these keys.',
  isOneOf: true,
  fields: (t) => ({
    id: t.id({ description: 'Global id of a disk of the same virtual machine or snapshot.' }),
    key: t.int({ description: 'Device key, such as 2000. Source: `key`.' }),
    uuid: t.string({ description: 'UUID of the disk. Source: `backing.uuid`.' }),
    label: t.string({
      description:
        'Label in the language of the vCenter, such as "Hard disk 1" or "Festplatte 1". Source: `deviceInfo.label`.',
    }),
  }),
})

/** Returns the disks that have the label and the key. Null and undefined match every disk. */
export const filterByLabelAndKey = (
  disks: readonly Disk[] | undefined,
  { label, key }: { label?: string | null | undefined; key?: number | null | undefined },
) =>
  disks?.filter(
    ({ device }) =>
      (label == null || device.deviceInfo?.label === label) && (key == null || device.key === key),
  )

/**
 * Finds one disk.
 *
 * @param owner - the virtual machine or snapshot of the disks
 * @returns undefined if no disk matches
 * @throws ApiError AMBIGUOUS if several disks have the label or the UUID
 */
export function findDisk(
  disks: readonly Disk[] | undefined,
  owner: ManagedObjectReference,
  by: typeof VirtualDiskLookup.$inferInput,
  context: Context,
): Disk | undefined {
  const { id, key, uuid, label } = by
  if (id != null) {
    const { ref, key } = decodeId(context, id, ['VirtualDisk'])
    if (ref.value !== owner.value || ref.type !== owner.type)
      throw badInput('the id belongs to a disk of another virtual machine or snapshot')
    return disks?.find(({ device }) => device.key === key)
  }
  const matching = disks?.filter(
    (disk) =>
      disk.device.key === key ||
      (uuid != null && backingOf(disk).uuid === uuid) ||
      (label != null && disk.device.deviceInfo?.label === label),
  )
  return onlyMatch(matching ?? [], JSON.stringify(label ?? uuid), 'disks', (disk) => ({
    id: diskId(context, disk),
    path: null,
  }))
}
