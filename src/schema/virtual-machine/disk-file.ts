// VirtualDisk.files: the chain of files that a disk is made of. Asked only if it is selected.

import { builder } from '../builder.ts'
import { nodeAt, requires } from '../core/field-requirements.ts'
import { ApiError } from '../errors/api-error.ts'
import { fileSizeOf, filesOf } from './file-layout.ts'
import { virtualMachineNode } from './virtual-disk.ts'

builder.objectType('DiskFile', {
  description: 'A file that a disk is made of. vim25: VirtualMachineFileLayoutExFileInfo.',
  fields: (t) => ({
    name: t.string({
      nullable: false,
      description: 'name: "[datastore] folder/file.vmdk".',
      resolve: ({ file }) => file.name,
    }),
    type: t.string({
      nullable: false,
      description: 'type: diskDescriptor, diskExtent, digestDescriptor, ...',
      resolve: ({ file }) => file.type,
    }),
    size: t.field({
      type: 'BigInt',
      nullable: false,
      description:
        'size in bytes, as vCenter saw it last: of a thin disk or a delta what it takes, not the capacity.',
      resolve: ({ file }) => {
        const size = fileSizeOf(file)
        if (size !== undefined) return size
        throw new ApiError('VSPHERE_FAULT', `the vCenter gave no size of the file ${file.name}`)
      },
    }),
    level: t.exposeInt('level', {
      nullable: false,
      description: 'Its place in the chain: 0 is the base, each snapshot puts another delta on top.',
    }),
  }),
})

builder.objectFields('VirtualDisk', (t) => ({
  files: t.field({
    ...requires((cursor) => {
      virtualMachineNode(nodeAt(cursor)).read('layoutEx')
      return undefined
    }),
    type: ['DiskFile'],
    nullable: { list: true, items: false },
    description:
      'The chain of files that it is made of, now or in its snapshot, base first: layoutEx.disk or layoutEx.snapshot, chain. A chain that is longer than the snapshots explain needs consolidation.',
    resolve: (disk) => filesOf(disk) ?? null,
  }),
}))
