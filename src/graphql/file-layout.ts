// What a virtual machine's files say of its disks and snapshots, as layoutEx tells them. vCenter looks at the sizes now and
// then, so that they may be some minutes old.

import type { DataObject } from '../soap/vim-types.ts'
import type { Disk } from './disk.ts'
import type { SnapshotOnVm } from './snapshot-tree.ts'

type Layout = DataObject<'VirtualMachineFileLayoutEx'>
type DiskLayout = DataObject<'VirtualMachineFileLayoutExDiskLayout'>

/** A file of a disk, and its place in the chain: 0 is the base, each snapshot puts another on top. */
export interface DiskFile {
  readonly file: DataObject<'VirtualMachineFileLayoutExFileInfo'>
  readonly level: number
}

/** The files that a disk is made of, base first; undefined when the layout does not list it. Needs the path `layoutEx`. */
export function filesOf({ vm, snapshot, device }: Disk): DiskFile[] | undefined {
  const layout = vm.read('layoutEx')
  const disks = snapshot ? snapshotIn(layout, snapshot)?.disk : layout?.disk
  const disk = disks?.find(({ key }) => key === device.key)
  if (!layout || !disk) return undefined
  const files = new Map(layout.file?.map((file) => [file.key, file]))
  return (disk.chain ?? []).flatMap(({ fileKey }, level) =>
    (fileKey ?? []).flatMap((key) => {
      const file = files.get(key)
      return file ? [{ file, level }] : []
    }),
  )
}

/**
 * The bytes that are there because of a snapshot: its own data, its memory, and the delta files that were written between
 * its parent and it; of the current one also those that are being written. Every delta file so belongs to one snapshot.
 * govmomi's SnapshotSize counts the same, but for the memory, and for whole disks that are in no snapshot. Needs `layoutEx`.
 */
export function sizeOf(snapshot: SnapshotOnVm): number | undefined {
  const layout = snapshot.vm.read('layoutEx')
  const own = snapshotIn(layout, snapshot)
  if (!layout || !own) return undefined
  const parent = snapshot.parent && snapshotIn(layout, snapshot.parent)
  const keys = new Set(own.memoryKey === undefined ? [own.dataKey] : [own.dataKey, own.memoryKey])
  const add = (disks: readonly DiskLayout[] | undefined, without: ReadonlySet<number>) => {
    for (const key of keysOf(disks)) if (!without.has(key)) keys.add(key)
  }
  add(own.disk, keysOf(parent ? parent.disk : own.disk?.map(baseOf)))
  if (snapshot.isCurrent) {
    const frozen = keysOf(layout.snapshot?.flatMap(({ disk }) => disk ?? []))
    add(
      layout.disk?.filter(({ key }) => own.disk?.some((each) => each.key === key)),
      frozen,
    )
  }
  let bytes = 0
  for (const { key, size } of layout.file ?? []) if (keys.has(key)) bytes += Number(size)
  return bytes
}

const snapshotIn = (layout: Layout | undefined, { tree }: SnapshotOnVm) =>
  layout?.snapshot?.find(({ key }) => key.value === tree.snapshot.value)

const baseOf = ({ key, chain }: DiskLayout): DiskLayout => ({ key, chain: chain?.slice(0, 1) ?? [] })

const keysOf = (disks: readonly DiskLayout[] | undefined): ReadonlySet<number> =>
  new Set(disks?.flatMap(({ chain }) => chain ?? []).flatMap(({ fileKey }) => fileKey ?? []))
