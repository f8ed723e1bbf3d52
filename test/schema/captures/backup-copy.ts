// A backup of a simulated machine that copies what captures list, and compares every copy with the contents of the disks in the
// snapshot.

import { expect } from 'vitest'
import { contentsAt } from '../../../src/simulator/disk/contents.ts'
import type { Machine } from '../../../src/simulator/virtual-machine/machine.ts'
import { snapshotsIn } from './capture-fixture.ts'

export interface CopiedDisk {
  readonly disk: { readonly key: number; readonly uuid: string }
  readonly token: string
  readonly basis: string
  readonly fullReason: string | null
  readonly areas: {
    readonly nodes: readonly { readonly start: number; readonly length: number }[]
    readonly pageInfo: { readonly hasNextPage: boolean }
  }
}

/** The fields of a capture that `store` needs. */
export const copiedFields = `
  snapshot { id moid }
  disks {
    disk { key uuid }
    token basis fullReason
    areas(first: 1000) { nodes { start length } pageInfo { hasNextPage } }
  }`

export class BackupCopy {
  readonly #machine: Machine
  readonly #images = new Map<string, Buffer>()
  /** The tokens of the last capture that was stored. */
  tokens: readonly string[] = []

  constructor(machine: Machine) {
    this.#machine = machine
  }

  /** Copies the areas of a capture, and checks the images of all its disks. Returns the basis, or the reason for FULL, of each. */
  store(snapshot: string, disks: readonly CopiedDisk[]): string[] {
    const frozen = snapshotsIn(this.#machine).find(({ ref }) => ref.value === snapshot)?.disks ?? []
    expect(disks.map(({ disk }) => disk.key)).toEqual(frozen.map(({ disk }) => disk.key))
    for (const { disk: shown, basis, areas } of disks) {
      const { disk, head } = frozen.find((each) => each.disk.key === shown.key) ?? {}
      if (!disk || !head?.until) throw new TypeError(`${snapshot} has no disk ${shown.key}`)
      const contents = contentsAt(disk, head.until, 0, disk.capacity)
      const image = basis === 'FULL' ? Buffer.alloc(disk.capacity) : this.#images.get(shown.uuid)
      if (!image) throw new TypeError(`there is no earlier copy of ${shown.uuid}`)
      expect(areas.pageInfo.hasNextPage).toBe(false)
      for (const { start, length } of areas.nodes) contents.copy(image, start, start, start + length)
      expect(image.equals(contents)).toBe(true)
      this.#images.set(shown.uuid, image)
    }
    this.tokens = disks.map(({ token }) => token)
    return disks.map(({ basis, fullReason }) => fullReason ?? basis)
  }
}
