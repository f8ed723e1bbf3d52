// The marker of a temporary snapshot: a unique name and description by which any gateway recognizes it later. A snapshot that does
// not match its marker exactly is never removed.

import { randomBytes } from 'node:crypto'
import type { SnapshotNode } from '../../virtual-machine/snapshots/snapshot-tree.ts'

export interface SnapshotMarker {
  readonly id: string
  readonly name: string
  readonly description: string
}

const markerOf = (id: string): SnapshotMarker => ({
  id,
  name: `vsphere-graphql: temporary, for change tracking (${id.slice(0, 8)})`,
  description: `Activates changed block tracking and is removed immediately. Contains nothing of value. [vsphere-graphql temporary snapshot ${id}]`,
})

export const createMarker = (): SnapshotMarker => markerOf(randomBytes(16).toString('hex'))

export const hasMarker = ({ name, tree }: SnapshotNode, marker: SnapshotMarker): boolean =>
  name === marker.name && tree.description === marker.description

/** Returns the marker of a temporary snapshot; undefined for any other snapshot. */
export function findMarker(snapshot: SnapshotNode): SnapshotMarker | undefined {
  const id = /\[vsphere-graphql temporary snapshot ([0-9a-f]{32})\]$/.exec(snapshot.tree.description)?.[1]
  const marker = id === undefined ? undefined : markerOf(id)
  return marker && hasMarker(snapshot, marker) ? marker : undefined
}
