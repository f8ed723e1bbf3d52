// The fields `disks` and `disk` of virtual machines and snapshots: all disks by label and key, and one by id, key, UUID or label.

import type { ManagedObject } from '../../../planner/managed-object.ts'
import { builder } from '../../builder.ts'
import type { Context } from '../../context.ts'
import { filterArg, filteredList } from '../../core/connections/filtered-list.ts'
import type { ArgBuilder } from '../../core/connections/pagination-args.ts'
import { requiresPaths } from '../../core/field-requirements.ts'
import { decodeId } from '../../core/nodes/ids.ts'
import { refersTo } from '../../core/nodes/node-registry.ts'
import { onlyMatch } from '../../core/only-match.ts'
import { badInput } from '../../errors/api-error.ts'
import { backingOf, type Disk, diskDevices, diskId, diskOwnerNode } from './disk.ts'

const VirtualDiskLookup = builder.inputType('VirtualDiskBy', {
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

/** Returns the options of the field `disks`, except its description. */
export const disksOptions = <Owner extends object>(
  arg: ArgBuilder,
  ownerType: 'VirtualMachine' | 'VirtualMachineSnapshot',
  disksOf: (owner: Owner) => readonly Disk[] | undefined,
) =>
  ({
    ...filteredList<Owner, Disk>({
      typeName: 'VirtualDisk',
      plan: (node) => node.read(diskDevices),
      newOwner: () => diskOwnerNode(ownerType),
      itemsOf: disksOf,
    }),
    type: ['VirtualDisk'] as ['VirtualDisk'],
    nullable: { list: true, items: false },
    args: { filter: filterArg(arg, 'VirtualDisk') },
  }) as const

/** Returns the options of the field `disk`, except its description. */
export const diskOptions = <Owner>(
  arg: ArgBuilder,
  disksOf: (owner: Owner) => readonly Disk[] | undefined,
  objectOf: (owner: Owner) => ManagedObject,
) =>
  ({
    ...requiresPaths(diskDevices),
    type: 'VirtualDisk',
    args: { by: arg({ type: VirtualDiskLookup, required: true, description: 'The disk to look up.' }) },
    resolve: (
      owner: Owner,
      { by }: { readonly by: typeof VirtualDiskLookup.$inferInput },
      context: Context,
    ) => findDisk(disksOf(owner), objectOf(owner), by, context) ?? null,
  }) as const

/**
 * Finds one disk.
 *
 * @param owner - the virtual machine or snapshot of the disks
 * @returns undefined if no disk matches
 * @throws ApiError AMBIGUOUS if several disks have the label or the UUID
 */
function findDisk(
  disks: readonly Disk[] | undefined,
  owner: ManagedObject,
  by: typeof VirtualDiskLookup.$inferInput,
  context: Context,
): Disk | undefined {
  const { id, key, uuid, label } = by
  if (id != null) {
    const decoded = decodeId(context, id, ['VirtualDisk'])
    if (!refersTo(decoded, owner))
      throw badInput(
        'the id belongs to a disk of another virtual machine or snapshot',
        'Pass the id of a disk of this object, or its key.',
      )
    return disks?.find(({ device }) => device.key === decoded.key)
  }
  const matching = disks?.filter(
    (disk) =>
      disk.device.key === key ||
      (uuid != null && backingOf(disk).uuid === uuid) ||
      (label != null && disk.device.deviceInfo?.label === label),
  )
  const condition = Object.entries(by).map(([name, value]) => `the ${name} ${JSON.stringify(value)}`)
  return onlyMatch(
    matching ?? [],
    (count) => `${condition.join()} matches ${count} disks`,
    (disk) => ({
      id: diskId(context, disk),
      path: null,
    }),
  )
}
