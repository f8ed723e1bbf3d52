// Creates the disks of a new machine, from a description of their relevant properties.

import { createDisk, type Disk, type Storage } from '../disk/disk.ts'
import { createRandom, createUuid } from '../random.ts'
import { scsiControllerKey, scsiDiskKey } from '../virtual-machine/devices.ts'

export interface DiskDescription {
  readonly capacity: number
  readonly storage?: Storage
  readonly thin?: boolean
  readonly independent?: boolean
  readonly rawDevice?: 'virtualMode' | 'physicalMode'
  /** Sharing between machines: the multi-writer flag of the disk, and the bus of its controller. */
  readonly multiWriter?: boolean
  readonly bus?: number
  readonly sharedBus?: boolean
  /** @default the disk is not encrypted */
  readonly isEncrypted?: boolean
}

/** Creates the disks of a machine in its directory. */
export function createDisks(
  seed: string,
  description: { readonly disks: readonly DiskDescription[]; readonly storage: Storage },
  directory: string,
  createdAt: number,
): Disk[] {
  const units = new Map<number, number>()
  return description.disks.map((each, index) => {
    const bus = each.bus ?? 0
    const next = units.get(bus) ?? 0
    // Unit 7 is the controller itself.
    const unitNumber = next === 7 ? 8 : next
    units.set(bus, unitNumber + 1)
    const key = scsiDiskKey(bus, unitNumber)
    const storage = each.storage ?? description.storage
    const diskSeed = `${seed}/disk-${key}`
    return createDisk({
      seed: diskSeed,
      key,
      label: `Hard disk ${index + 1}`,
      controllerKey: scsiControllerKey(bus),
      unitNumber,
      capacity: each.capacity,
      uuid: createUuid(createRandom(diskSeed), '6000C29'),
      storage,
      fileName: `[${storage.name}] ${directory}/${directory}${index === 0 ? '' : `_${index}`}.vmdk`,
      thin: each.thin ?? true,
      mode: each.independent ? 'independent_persistent' : 'persistent',
      rawDevice: each.rawDevice,
      multiWriter: each.multiWriter ?? false,
      sharedBus: each.sharedBus ?? false,
      keyId: each.isEncrypted ? createKeyId(diskSeed) : undefined,
      createdAt,
    })
  })
}

/** Creates the id of an encryption key. */
export const createKeyId = (seed: string) => ({
  keyId: createUuid(createRandom(seed, 'key'), ''),
  providerId: { id: 'native-key-provider' },
})
