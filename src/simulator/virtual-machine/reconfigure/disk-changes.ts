// Applies one device entry of a reconfiguration to a machine's disks: growing a disk, adding an empty one, or
// removing one.

import type { DataObject } from '../../../soap/vim-types.ts'
import { createBlankDisk, type Disk, growDisk, liveChangeId } from '../../disk/disk.ts'
import { createRandom, createUuid } from '../../random.ts'
import { VimFault } from '../../vim-fault.ts'
import { diskDevice, scsiControllerKey, scsiDiskKey } from '../devices.ts'
import type { Machine } from '../machine.ts'
import { assertMatchesRequest, type DeviceState, type InvalidDevice } from './device-spec.ts'

type Device = DataObject<'VirtualDisk'>
type DiskChange = (machine: Machine) => void

/**
 * Returns the changes of an entry, empty if there are none.
 * @throws the fault that a vCenter rejects the entry with.
 */
export function diskChange(
  state: DeviceState,
  { operation, fileOperation, device }: DataObject<'VirtualDeviceConfigSpec'>,
  invalidDevice: InvalidDevice,
): DiskChange[] {
  const disk = state.disks.find(({ key }) => key === device.key)
  if (operation === 'edit' && fileOperation === undefined && disk) {
    assertMatchesRequest(device, deviceOf(disk), invalidDevice, 'capacityInKB', 'capacityInBytes')
    return capacityIncrease(disk, device as Device, invalidDevice)
  }
  if (operation === 'remove' && fileOperation !== 'create' && fileOperation !== 'replace' && disk) {
    state.disks = state.disks.filter((each) => each !== disk)
    return [(machine) => setDisks(machine, (old) => old.filter((other) => other !== disk))]
  }
  if (operation === 'add' && fileOperation === 'create') {
    const added = newDisk({ ...state.machine, disks: state.disks }, device as Device, invalidDevice)
    assertMatchesRequest(device, deviceOf(added), invalidDevice, 'backing.fileName')
    state.disks = [...state.disks, added]
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

/** Grows a disk. A disk with a snapshot cannot grow, and no disk can shrink. */
function capacityIncrease(
  disk: Disk,
  { capacityInBytes, capacityInKB }: Device,
  invalidDevice: InvalidDevice,
): DiskChange[] {
  // A client that changes one of the two values sends the other one back unchanged.
  const wanted = new Set(
    [capacityInBytes, capacityInKB === undefined ? undefined : Number(capacityInKB) * 1024].map((each) =>
      Number(each ?? disk.capacity),
    ),
  )
  wanted.delete(disk.capacity)
  const [capacity, ...others] = wanted
  if (capacity === undefined) return []
  const isPossible = capacity > disk.capacity && capacity % 1024 === 0 && !disk.head.parent && !disk.rawDevice
  if (!isPossible || others.length > 0) throw invalidDevice('capacityInBytes')
  return [() => growDisk(disk, capacity)]
}

/** One of the 16 units on a bus is the controller itself. */
const controllerUnit = 7

/** Creates an empty disk on the first bus. A disk that replaces another has the same key, but shares nothing else. */
function newDisk(machine: Machine, device: Device, invalidDevice: InvalidDevice): Disk {
  const { controllerKey, unitNumber = -1 } = device
  const capacity = capacityOf(device)
  const isFree = !machine.disks.some((each) => each.key === scsiDiskKey(0, unitNumber))
  if (controllerKey !== scsiControllerKey(0)) throw invalidDevice('controllerKey')
  if (!(unitNumber >= 0 && unitNumber < 16 && unitNumber !== controllerUnit && isFree))
    throw invalidDevice('unitNumber')
  if (!(capacity > 0 && capacity % 1024 === 0)) throw invalidDevice('capacityInBytes')
  const backing = (device.backing ?? {}) as Partial<DataObject<'VirtualDiskFlatVer2BackingInfo'>>
  const { fileName = '', thinProvisioned = false, diskMode } = backing
  const storage = storageOf(machine, fileName)
  if (!storage) throw invalidDevice('backing.fileName')
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

/**
 * Returns the datastore of `[datastore] folder/file.vmdk` if the machine uses it; its home datastore if none
 * is named.
 */
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
