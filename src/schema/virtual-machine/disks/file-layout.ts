// Computes the files of disks and the sizes of snapshots from `layoutEx`. vCenter refreshes the sizes only from time to time, so
// they may be some minutes old.

import type { DataObject } from '../../../soap/vim-types.ts'
import { nonNegative } from '../../core/units.ts'
import type { SnapshotNode } from '../snapshots/snapshot-tree.ts'
import type { Disk } from './disk.ts'

type Layout = DataObject<'VirtualMachineFileLayoutEx'>
type DiskLayout = DataObject<'VirtualMachineFileLayoutExDiskLayout'>

/** A file of a disk, and its level in the chain: 0 is the base, and each snapshot adds a delta on top. */
export interface DiskFile {
  readonly file: DataObject<'VirtualMachineFileLayoutExFileInfo'>
  readonly level: number
}

/** Returns the files of a disk, base first; undefined if the layout does not list the disk. Needs the path `layoutEx`. */
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
 * Returns the size of a snapshot in bytes: its own data file, its memory file, and the delta files that were written between
 * its parent and it. The current snapshot also includes the delta files that are being written now. So each delta file belongs
 * to exactly one snapshot. The base of a disk belongs to none: that is its first file, and for a linked clone all files below
 * its own.
 *
 * govmomi's SnapshotSize differs only in the memory, the files of linked clones, and whole disks that are in no snapshot.
 * Needs the path `layoutEx`.
 *
 * @returns undefined if the layout does not list the snapshot, or lacks the size of one of its files
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
    // A partial sum would be wrong.
    if (size === undefined) return undefined
    bytes += Number(size)
  }
  return bytes
}

/** Returns the size of a file in bytes. vim25 requires it of each file; undefined if a server leaves it out. */
export function fileSizeOf({ size }: DiskFile['file']): number | bigint | undefined {
  const reported: number | bigint | undefined = size
  return reported === undefined ? undefined : (nonNegative(reported) ?? undefined)
}

const snapshotLayoutOf = (layout: Layout | undefined, { tree }: SnapshotNode) =>
  layout?.snapshot?.find(({ key }) => key.value === tree.snapshot.value)

/**
 * Returns the part of a disk's chain that no snapshot of this machine created. The base of a linked clone includes the files in the
 * directory of another machine, up to and including the clone's own first file. A link that is not in every chain of the disk is a
 * delta in any case.
 */
function baseFileOf({ key, chain = [] }: DiskLayout, layout: Layout): DiskLayout {
  const names = new Map(layout.file?.map(({ key, name }) => [key, name]))
  const directoryOf = (link: Link | undefined) => {
    const name = names.get(link?.fileKey?.[0] ?? -1) ?? ''
    return name.slice(0, name.lastIndexOf('/') + 1)
  }
  const homeDirectory = directoryOf(chain.at(-1))
  const ownLength = 1 + chain.findIndex((link) => directoryOf(link) === homeDirectory)
  const allLayouts = [...(layout.disk ?? []), ...(layout.snapshot ?? []).flatMap(({ disk }) => disk ?? [])]
  const chains = allLayouts.flatMap((each) =>
    each.key === key && isSameLink(each.chain?.[0], chain[0]) ? [each.chain ?? []] : [],
  )
  const firstDifference = chain.findIndex(
    (link, level) => !chains.every((each) => isSameLink(each[level], link)),
  )
  const length = Math.max(1, Math.min(ownLength, firstDifference < 0 ? chain.length : firstDifference))
  return { key, chain: chain.slice(0, length) }
}

type Link = NonNullable<DiskLayout['chain']>[number]

const isSameLink = (a: Link | undefined, b: Link | undefined): boolean =>
  a?.fileKey?.join() === b?.fileKey?.join()

const fileKeysOf = (disks: readonly DiskLayout[] | undefined): ReadonlySet<number> =>
  new Set(disks?.flatMap(({ chain }) => chain ?? []).flatMap(({ fileKey }) => fileKey ?? []))
