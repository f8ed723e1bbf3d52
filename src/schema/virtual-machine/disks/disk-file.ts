// VirtualDisk.files: the chain of files of a disk. `layoutEx` is read only if the field is selected.

import { builder } from '../../builder.ts'
import { nodeAt, requires } from '../../core/field-requirements.ts'
import { ApiError } from '../../errors/api-error.ts'
import type { DiskFile } from './file-layout.ts'
import { fileSizeOf, filesOf } from './file-layout.ts'
import { virtualMachineNode } from './virtual-disk.ts'

const DiskFileType = builder.objectRef<DiskFile>('DiskFile').implement({
  description: 'A file that belongs to a disk. vim25: `VirtualMachineFileLayoutExFileInfo`.',
  fields: (t) => ({
    name: t.string({
      nullable: false,
      description: 'Path of the file, such as "[datastore] folder/file.vmdk". Source: `name`.',
      resolve: ({ file }) => file.name,
    }),
    type: t.string({
      nullable: false,
      description: 'Type of the file, such as `diskDescriptor` or `diskExtent`. Source: `type`.',
      resolve: ({ file }) => file.type,
    }),
    size: t.field({
      type: 'BigInt',
      nullable: false,
      description:
        'Size of the file in bytes, at vCenter’s last refresh. For a thin disk or a delta it is the allocated space, not the capacity. Source: `size`.',
      resolve: ({ file }) => {
        const size = fileSizeOf(file)
        if (size !== undefined) return size
        throw new ApiError('VSPHERE_FAULT', `the vCenter reported no size for the file ${file.name}`)
      },
    }),
    level: t.exposeInt('level', {
      nullable: false,
      description: 'Level in the chain: 0 is the base, and each snapshot adds a delta on top.',
    }),
  }),
})

builder.objectFields('VirtualDisk', (t) => ({
  files: t.field({
    derives: { nothing: 'the file layout is large, and belongs to all disks of a machine' },
    ...requires((position) => {
      virtualMachineNode(nodeAt(position)).read('layoutEx')
      return undefined
    }),
    type: [DiskFileType],
    nullable: { list: true, items: false },
    description:
      'The chain of files of the disk, live or in its snapshot, base first. A chain with more levels than there are snapshots needs consolidation. Source: `chain` in `layoutEx.disk`, or in `layoutEx.snapshot` for a snapshot.',
    resolve: (disk) => filesOf(disk) ?? null,
  }),
}))
