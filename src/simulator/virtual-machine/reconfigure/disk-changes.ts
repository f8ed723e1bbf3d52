// What one entry of a reconfiguration does to a machine's disks: larger ones, new ones that are empty, and those that are
// taken away.

import type { DataObject } from '../../../soap/vim-types.ts'
import { createBlankDisk, type Disk, growDisk, liveChangeId } from '../../disk/disk.ts'
import { createRandom, createUuid } from '../../random.ts'
import { VimFault } from '../../vim-fault.ts'
import { diskDevice, scsiControllerKey, scsiDiskKey } from '../devices.ts'
import type { Machine } from '../machine.ts'
import { type DevicesSoFar, type Refuse, refuseUnfulfilled } from './device-spec.ts'

type Device = DataObject<'VirtualDisk'>
type DiskChange = (machine: Machine) => void

/** What the entry does, none if nothing changes; throws what a vCenter refuses it with. */
export function diskChange(
  soFar: DevicesSoFar,
  { operation, fileOperation, device }: DataObject<'VirtualDeviceConfigSpec'>,
  reject: Refuse,
): DiskChange[] {
  const disk = soFar.disks.find(({ key }) => key === device.key)
  if (operation === 'edit' && fileOperation === undefined && disk) {
    refuseUnfulfilled(device, deviceOf(disk), reject, 'capacityInKB', 'capacityInBytes')
    return capacityIncrease(disk, device as Device, reject)
  }
  if (operation === 'remove' && fileOperation !== 'create' && fileOperation !== 'replace' && disk) {
    soFar.disks = soFar.disks.filter((each) => each !== disk)
    return [(machine) => setDisks(machine, (old) => old.filter((other) => other !== disk))]
  }
  if (operation === 'add' && fileOperation === 'create') {
    const added = newDisk({ ...soFar.machine, disks: soFar.disks }, device as Device, reject)
    refuseUnfulfilled(device, deviceOf(added), reject, 'backing.fileName')
    soFar.disks = [...soFar.disks, added]
    return [(machine) => setDisks(machine, (old) => [...old, added])]
  }
  throw new VimFault({ _typeName: 'NotSupported' })
}

const deviceOf = (disk: Disk) => diskDevice({ disk, head: disk.head, changeId: liveChangeId(disk) })

function setDisks(machine: Machine, change: (disks: readonly Disk[]) => readonly Disk[]): void {
  machine.disks = change(machine.disks).toSorted((a, b) => a.key - b.key)
}

const capacityOf = ({ capacityInBytes, capacityInKB }: Device): number =>
  Number(capacityInBytes ?? Number(capacityInKB) * 1024)

/** One that stands on a snapshot does not grow, and none becomes smaller. */
function capacityIncrease(
  disk: Disk,
  { capacityInBytes, capacityInKB }: Device,
  reject: Refuse,
): DiskChange[] {
  // Who changes one of the two sends the other back as it was.
  const wanted = new Set(
    [capacityInBytes, capacityInKB === undefined ? undefined : Number(capacityInKB) * 1024].map((each) =>
      Number(each ?? disk.capacity),
    ),
  )
  wanted.delete(disk.capacity)
  const [capacity, ...others] = wanted
  if (capacity === undefined) return []
  const isPossible = capacity > disk.capacity && capacity % 1024 === 0 && !disk.head.parent && !disk.rawDevice
  if (!isPossible || others.length > 0) throw reject('capacityInBytes')
  return [() => growDisk(disk, capacity)]
}

/** Of the sixteen units on a bus one is the controller's own. */
const controllerUnit = 7

/** An empty disk on the first bus. In the place of another it has that one's key, and nothing else of it. */
function newDisk(machine: Machine, device: Device, reject: Refuse): Disk {
  const { controllerKey, unitNumber = -1 } = device
  const capacity = capacityOf(device)
  const isFree = !machine.disks.some((each) => each.key === scsiDiskKey(0, unitNumber))
  if (controllerKey !== scsiControllerKey(0)) throw reject('controllerKey')
  if (!(unitNumber >= 0 && unitNumber < 16 && unitNumber !== controllerUnit && isFree))
    throw reject('unitNumber')
  if (!(capacity > 0 && capacity % 1024 === 0)) throw reject('capacityInBytes')
  const backing = (device.backing ?? {}) as Partial<DataObject<'VirtualDiskFlatVer2BackingInfo'>>
  const { fileName = '', thinProvisioned = false, diskMode } = backing
  const storage = storageOf(machine, fileName)
  if (!storage) throw reject('backing.fileName')
  const name = machine.context.objects.nextMoid('disk')
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
    createdAt: machine.context.objects.clock.now().getTime(),
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
