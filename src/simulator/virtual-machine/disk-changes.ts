// What a reconfiguration does to a machine's disks: larger ones, new ones that are empty, and those that are taken away.
// Other devices cannot be changed.

import type { DataObject } from '../../soap/vim-types.ts'
import { createBlankDisk, type Disk, growDisk } from '../disk/disk.ts'
import { createRandom, createUuid } from '../random.ts'
import { VimFault } from '../vim-fault.ts'
import { scsiControllerKey, scsiDiskKey } from './devices.ts'
import type { Machine } from './machine.ts'

type DeviceChange = DataObject<'VirtualDeviceConfigSpec'>
type Device = DataObject<'VirtualDisk'>

/** What one entry of a specification does. */
export type DiskChange = (machine: Machine) => void

/** The fault for an entry that makes no sense, by the property that is wrong. */
type Refuse = (property: string) => VimFault

/** Says what the entries do, in order and without doing it; refuses one that the machine cannot follow. */
export function diskChangesOf(machine: Machine, entries: readonly DeviceChange[] = []): DiskChange[] {
  // An entry sees the machine as those before it leave it.
  let disks = machine.disks
  return entries.flatMap(({ operation, fileOperation, device }, deviceIndex) => {
    const refuse: Refuse = (name) =>
      new VimFault({
        _typeName: 'InvalidDeviceSpec',
        property: `virtualDeviceSpec.device.${name}`,
        deviceIndex,
      })
    const disk = disks.find(({ key }) => key === device.key)
    if (device._typeName === 'VirtualDisk') {
      if (operation === 'edit' && fileOperation === undefined && disk)
        return growth(disk, device as Device, refuse)
      if (operation === 'remove' && fileOperation !== 'create' && disk) {
        disks = disks.filter((each) => each !== disk)
        return [(each) => setDisks(each, (old) => old.filter((other) => other !== disk))]
      }
      if (operation === 'add' && fileOperation === 'create') {
        const added = newDisk({ ...machine, disks }, device as Device, refuse)
        disks = [...disks, added]
        return [(each) => setDisks(each, (old) => [...old, added])]
      }
    }
    throw new VimFault({ _typeName: 'NotSupported' })
  })
}

function setDisks(machine: Machine, change: (disks: readonly Disk[]) => readonly Disk[]): void {
  machine.disks = change(machine.disks).toSorted((a, b) => a.key - b.key)
}

const capacityOf = ({ capacityInBytes, capacityInKB }: Device): number =>
  Number(capacityInBytes ?? Number(capacityInKB) * 1024)

/** One that stands on a snapshot does not grow, and none becomes smaller. */
function growth(disk: Disk, device: Device, refuse: Refuse): DiskChange[] {
  const capacity = capacityOf(device)
  if (capacity === disk.capacity) return []
  if (!(capacity > disk.capacity && capacity % 1024 === 0 && !disk.head.parent && !disk.rawDevice))
    throw refuse('capacityInBytes')
  return [() => growDisk(disk, capacity)]
}

/** Of the sixteen units on a bus one is the controller's own. */
const controllerUnit = 7

/** An empty disk on the first bus. In the place of another it has that one's key, and nothing else of it. */
function newDisk(machine: Machine, device: Device, refuse: Refuse): Disk {
  const { controllerKey, unitNumber = -1 } = device
  const capacity = capacityOf(device)
  const isFree = !machine.disks.some((each) => each.key === scsiDiskKey(0, unitNumber))
  if (controllerKey !== scsiControllerKey(0)) throw refuse('controllerKey')
  if (!(unitNumber >= 0 && unitNumber < 16 && unitNumber !== controllerUnit && isFree))
    throw refuse('unitNumber')
  if (!(capacity > 0 && capacity % 1024 === 0)) throw refuse('capacityInBytes')
  const backing = (device.backing ?? {}) as Partial<DataObject<'VirtualDiskFlatVer2BackingInfo'>>
  const { fileName = '', thinProvisioned = false, diskMode } = backing
  const storage = storageOf(machine, fileName)
  if (!storage) throw refuse('backing.fileName')
  const name = machine.site.world.nextMoid('disk')
  const seed = `${machine.seed}/${name}`
  return createBlankDisk({
    seed,
    key: scsiDiskKey(0, unitNumber),
    label: freeLabel(machine),
    controllerKey,
    unitNumber,
    capacity,
    uuid: createUuid(createRandom(seed), '6000C29'),
    storage,
    fileName: fileName.endsWith('.vmdk') ? fileName : `[${storage.name}] ${machine.directory}/${name}.vmdk`,
    thin: thinProvisioned,
    mode: diskMode === 'independent_persistent' ? diskMode : 'persistent',
    rawDevice: undefined,
    multiWriter: false,
    sharedBus: false,
    createdAt: machine.site.world.clock.now().getTime(),
  })
}

/** The datastore of `[datastore] folder/file.vmdk`, if the machine is on it; where its home is if none is named. */
function storageOf({ home, disks }: Machine, fileName: string): Disk['storage'] | undefined {
  const [, name = home.name] = /^\[([^\]]+)\]/.exec(fileName) ?? []
  return [home, ...disks.map(({ storage }) => storage)].find((each) => each.name === name)
}

function freeLabel({ disks }: Machine): string {
  const labels = new Set(disks.map(({ label }) => label))
  let number = 1
  while (labels.has(`Hard disk ${number}`)) number += 1
  return `Hard disk ${number}`
}
