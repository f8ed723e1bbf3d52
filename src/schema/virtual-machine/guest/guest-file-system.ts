// GuestFileSystem: a file system in a guest with its free space, and Guest.fileSystems.

import type { ManagedObject } from '../../../planner/managed-object.ts'
import type { DataObject } from '../../../soap/vim-types.ts'
import { builder } from '../../builder.ts'
import { requiresPaths } from '../../core/field-requirements.ts'
import { nonNegative, percentOf } from '../../core/units.ts'
import { diskDevices, disksOf } from '../disks/disk.ts'

interface FileSystem {
  readonly vm: ManagedObject<'VirtualMachine'>
  readonly info: DataObject<'GuestDiskInfo'>
}

const sizeOf = (size: number | bigint | undefined): number | bigint | null => nonNegative(size ?? -1)

const GuestFileSystem = builder.objectRef<FileSystem>('GuestFileSystem').implement({
  description: 'A file system in a guest, as VMware Tools reports it. vim25: `GuestDiskInfo`.',
  fields: (t) => ({
    path: t.string({
      description: 'Where it is mounted, such as "/" or "C:\\". Source: `diskPath`.',
      resolve: ({ info }) => info.diskPath ?? null,
    }),
    type: t.string({
      description:
        'Type of the file system, such as `ext4` or `NTFS`. Source: `filesystemType` (vSphere 7.0 and later).',
      resolve: ({ info }) => info.filesystemType ?? null,
    }),
    capacity: t.field({
      type: 'BigInt',
      description: 'Size, in bytes. Source: `capacity`.',
      resolve: ({ info }) => sizeOf(info.capacity),
    }),
    freeSpace: t.field({
      type: 'BigInt',
      description: 'Free space, in bytes. Source: `freeSpace`.',
      resolve: ({ info }) => sizeOf(info.freeSpace),
    }),
    freePercent: t.float({
      description: 'Free space in percent of the size. Source: `freeSpace` and `capacity`.',
      resolve: ({ info }) => percentOf(sizeOf(info.freeSpace), sizeOf(info.capacity)),
    }),
    disks: t.field({
      derives: { nothing: 'virtual machines have their disks' },
      ...requiresPaths(diskDevices),
      type: ['VirtualDisk'],
      nullable: { list: true, items: false },
      description:
        'The virtual disks that it is on. Null if VMware Tools does not report them. Source: `mappings[].key` (vSphere 7.0 and later).',
      resolve: ({ vm, info: { mappings } }) =>
        (mappings && disksOf(vm)?.filter(({ device }) => mappings.some(({ key }) => key === device.key))) ??
        null,
    }),
  }),
})

builder.objectField('Guest', 'fileSystems', (t) =>
  t.field({
    ...requiresPaths('guest.disk'),
    type: [GuestFileSystem],
    nullable: { list: true, items: false },
    description:
      'The file systems in the guest. Virtual machines can be filtered by them, such as by `freePercent`, but not sorted. Null if VMware Tools does not report them. Source: `guest.disk`.',
    resolve: (vm) => vm.read('guest.disk')?.map((info) => ({ vm, info })) ?? null,
  }),
)
