// The files of disks with snapshots: adding a delta file, and merging the files that no snapshot needs.

import type { Disk, DiskFile } from '../../disk/disk.ts'
import { snapshotsOf } from '../layout.ts'
import type { Machine } from '../machine.ts'

/** Freezes a file and adds a delta file on top, which receives the writes from now on. */
export function addDeltaFile(machine: Machine, disk: Disk, parent: DiskFile): void {
  const names = new Set(filesOf(machine, disk).map(({ name }) => name))
  const since = parent.until ?? disk.history.now
  parent.until = since
  let number = 1
  const named = (): string => disk.fileName.replace(/\.vmdk$/, `-${String(number).padStart(6, '0')}.vmdk`)
  while (names.has(named())) number += 1
  disk.head = { name: named(), parent, since, until: undefined }
}

/** Returns every file of a disk that the machine or one of its snapshots uses. */
function filesOf(machine: Machine, disk: Disk): DiskFile[] {
  const files = new Set<DiskFile>()
  const visit = (head: DiskFile | undefined): void => {
    for (let each = head; each && !files.has(each); each = each.parent) files.add(each)
  }
  for (const head of headsOf(machine, disk)) visit(head)
  return [...files]
}

/** Returns the last file of each chain of the machine and its snapshots. */
function headsOf(machine: Machine, disk: Disk): Set<DiskFile> {
  const frozen = snapshotsOf(machine).flatMap((each) => each.disks.filter((other) => other.disk === disk))
  const heads = new Set(frozen.map(({ head }) => head))
  return machine.disks.includes(disk) ? heads.add(disk.head) : heads
}

/** The machine's disks, and disks that only its snapshots have. */
const everyDisk = (machine: Machine): Set<Disk> =>
  new Set([...machine.disks, ...snapshotsOf(machine).flatMap((each) => each.disks.map(({ disk }) => disk))])

/** Returns files that end no chain and are the parent of exactly one file, each with that child. */
function mergeable(machine: Machine, disk: Disk): { file: DiskFile; child: DiskFile }[] {
  const files = filesOf(machine, disk)
  const heads = headsOf(machine, disk)
  return files.flatMap((file) => {
    if (heads.has(file)) return []
    const children = files.filter((each) => each.parent === file)
    return children.length === 1 && children[0] ? [{ file, child: children[0] }] : []
  })
}

/** Whether consolidation has files to merge. */
export const hasMergeableFiles = (machine: Machine): boolean =>
  [...everyDisk(machine)].some((disk) => mergeable(machine, disk).length > 0)

/** Merges the files of all disks that no snapshot needs separately. */
export function mergeFiles(machine: Machine): void {
  for (const disk of everyDisk(machine)) {
    for (let pair = mergeable(machine, disk)[0]; pair; pair = mergeable(machine, disk)[0]) {
      // The child's blocks are written into its parent file; the merged file keeps the parent's name.
      const { file, child } = pair
      child.name = file.name
      child.parent = file.parent
      child.since = file.since
      delete child.size
    }
  }
  machine.consolidationNeeded = false
}
