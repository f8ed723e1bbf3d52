// What a virtual machine's files say of its disks and snapshots, as layoutEx tells them. vCenter looks at the sizes now and
// then, so that they may be some minutes old.

import type { DataObject } from '../../soap/vim-types.ts'
import { unsigned } from '../core/units.ts'
import type { Disk } from './disk.ts'
import type { SnapshotNode } from './snapshot-tree.ts'

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
  const disks = snapshot ? snapshotLayoutOf(layout, snapshot)?.disk : layout?.disk
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
 * The base of a disk is in none: its first file, and for a linked clone all files below its own. govmomi's SnapshotSize counts
 * the same, but for the memory, the files of linked clones, and whole disks that are in no snapshot. Needs `layoutEx`.
 */
export function snapshotSize(snapshot: SnapshotNode): number | undefined {
  const layout = snapshot.vm.read('layoutEx')
  const ownLayout = snapshotLayoutOf(layout, snapshot)
  if (!layout || !ownLayout) return undefined
  const parent = snapshot.parent && snapshotLayoutOf(layout, snapshot.parent)
  const keys = new Set(
    ownLayout.memoryKey === undefined ? [ownLayout.dataKey] : [ownLayout.dataKey, ownLayout.memoryKey],
  )
  const bases = fileKeysOf(ownLayout.disk?.map((disk) => baseFileOf(disk, layout)))
  const add = (disks: readonly DiskLayout[] | undefined, without: ReadonlySet<number>) => {
    for (const key of fileKeysOf(disks)) if (!without.has(key) && !bases.has(key)) keys.add(key)
  }
  add(ownLayout.disk, fileKeysOf(parent?.disk))
  if (snapshot.isCurrent) {
    const frozen = fileKeysOf(layout.snapshot?.flatMap(({ disk }) => disk ?? []))
    add(
      layout.disk?.filter(({ key }) => ownLayout.disk?.some((each) => each.key === key)),
      frozen,
    )
  }
  let bytes = 0
  for (const file of layout.file ?? []) {
    if (!keys.has(file.key)) continue
    const size = fileSizeOf(file)
    // A sum without one of its parts would be a wrong one.
    if (size === undefined) return undefined
    bytes += Number(size)
  }
  return bytes
}

/** The size of a file; undefined where it is not known, though it is required of each. */
export function fileSizeOf({ size }: DiskFile['file']): number | bigint | undefined {
  const given: number | bigint | undefined = size
  return given === undefined ? undefined : (unsigned(given) ?? undefined)
}

const snapshotLayoutOf = (layout: Layout | undefined, { tree }: SnapshotNode) =>
  layout?.snapshot?.find(({ key }) => key.value === tree.snapshot.value)

/**
 * The links of a disk's chain that no snapshot of this machine put there. A linked clone stands on files in the directory of
 * another machine: its base is all up to its own first file. What is not in every chain of the disk is a delta all the same.
 */
function baseFileOf({ key, chain = [] }: DiskLayout, layout: Layout): DiskLayout {
  const names = new Map(layout.file?.map(({ key, name }) => [key, name]))
  const directoryOf = (link: Link | undefined) => {
    const name = names.get(link?.fileKey?.[0] ?? -1) ?? ''
    return name.slice(0, name.lastIndexOf('/') + 1)
  }
  const home = directoryOf(chain.at(-1))
  const own = 1 + chain.findIndex((link) => directoryOf(link) === home)
  const all = [...(layout.disk ?? []), ...(layout.snapshot ?? []).flatMap(({ disk }) => disk ?? [])]
  const others = all.flatMap((each) =>
    each.key === key && isSameLink(each.chain?.[0], chain[0]) ? [each.chain ?? []] : [],
  )
  const common = chain.findIndex((link, level) => !others.every((other) => isSameLink(other[level], link)))
  const length = Math.max(1, Math.min(own, common < 0 ? chain.length : common))
  return { key, chain: chain.slice(0, length) }
}

type Link = NonNullable<DiskLayout['chain']>[number]

const isSameLink = (a: Link | undefined, b: Link | undefined): boolean =>
  a?.fileKey?.join() === b?.fileKey?.join()

const fileKeysOf = (disks: readonly DiskLayout[] | undefined): ReadonlySet<number> =>
  new Set(disks?.flatMap(({ chain }) => chain ?? []).flatMap(({ fileKey }) => fileKey ?? []))
