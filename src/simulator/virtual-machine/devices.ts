// Virtual devices for config.hardware.device: controllers, disks with their backing chains, network cards and
// fixed devices.

import type { DataObject, DataObjectName } from '../../soap/vim-types.ts'
import type { Disk, DiskFile } from '../disk/disk.ts'
import { createRandom } from '../random.ts'
import type { Machine, NetworkCard, NetworkLocation } from './machine.ts'
import { hardwareNumber } from './tracking.ts'

/** A disk as it is attached, now or in a snapshot. */
export interface AttachedDisk {
  readonly disk: Disk
  readonly head: DiskFile
  readonly changeId: string | undefined
}

type Device = DataObject<'VirtualDevice'>

export const scsiControllerKey = (bus: number): number => 1000 + bus
export const networkCardKey = (number: number): number => 4000 + number
export const scsiDiskKey = (bus: number, unit: number): number => 2000 + bus * 16 + unit

export function devicesOf(machine: Machine, attached: readonly AttachedDisk[]): Device[] {
  return [
    ...fixedDevices,
    pciController(machine),
    ...scsiControllers(machine, attached),
    cdrom,
    ...attached.map(diskDevice),
    ...machine.settings.networkCards.map(networkCardDevice),
  ]
}

const described = (label: string, summary = label): DataObject<'Description'> => ({ label, summary })

/** Creates a data object of a subtype of the declared type. */
const ofType = <N extends DataObjectName>(name: N, value: Omit<DataObject<N>, '_typeName'>): DataObject<N> =>
  ({ _typeName: name, ...value }) as DataObject<N>

const fixedDevices: readonly Device[] = [
  ofType('VirtualIDEController', { key: 200, deviceInfo: described('IDE 0'), busNumber: 0, device: [3000] }),
  ofType('VirtualIDEController', { key: 201, deviceInfo: described('IDE 1'), busNumber: 1 }),
  ofType('VirtualPS2Controller', {
    key: 300,
    deviceInfo: described('PS2 controller 0'),
    busNumber: 0,
    device: [600, 700],
  }),
  ofType('VirtualSIOController', { key: 400, deviceInfo: described('SIO controller 0'), busNumber: 0 }),
  ofType('VirtualKeyboard', {
    key: 600,
    deviceInfo: described('Keyboard'),
    controllerKey: 300,
    unitNumber: 0,
  }),
  ofType('VirtualPointingDevice', {
    key: 700,
    deviceInfo: described('Pointing device', 'Pointing device; Device'),
    controllerKey: 300,
    unitNumber: 1,
  }),
  ofType('VirtualMachineVideoCard', {
    key: 500,
    deviceInfo: described('Video card'),
    controllerKey: 100,
    unitNumber: 0,
    videoRamSizeInKB: 4096,
    numDisplays: 1,
    useAutoDetect: false,
    enable3DSupport: false,
    use3dRenderer: 'automatic',
    graphicsMemorySizeInKB: 262_144,
  }),
  ofType('VirtualMachineVMCIDevice', {
    key: 12_000,
    deviceInfo: described('VMCI device', 'Device on the virtual machine PCI bus'),
    controllerKey: 100,
    unitNumber: 17,
    id: -1,
  }),
]

const pciController = ({ settings }: Machine): Device =>
  ofType('VirtualPCIController', {
    key: 100,
    deviceInfo: described('PCI controller 0'),
    busNumber: 0,
    device: [500, 12000, 1000, ...settings.networkCards.map(({ key }) => key)],
  })

const cdrom: Device = ofType('VirtualCdrom', {
  key: 3000,
  deviceInfo: described('CD/DVD drive 1', 'Remote device'),
  backing: ofType('VirtualCdromRemotePassthroughBackingInfo', {
    deviceName: '',
    useAutoDetect: false,
    exclusive: false,
  }),
  connectable: { startConnected: false, allowGuestControl: true, connected: false, status: 'untried' },
  controllerKey: 200,
  unitNumber: 0,
})

function scsiControllers(machine: Machine, attached: readonly AttachedDisk[]): Device[] {
  const attachedTo = [...machine.disks, ...attached.map(({ disk }) => disk)].map((disk) => disk.controllerKey)
  const keys = [...new Set([scsiControllerKey(0), ...attachedTo])]
  const { type, summary } =
    hardwareNumber(machine) < 7
      ? ({ type: 'VirtualBusLogicController', summary: 'BusLogic' } as const)
      : machine.system.family === 'linuxGuest'
        ? ({ type: 'ParaVirtualSCSIController', summary: 'VMware paravirtual SCSI' } as const)
        : ({ type: 'VirtualLsiLogicSASController', summary: 'LSI Logic SAS' } as const)
  return keys.map((key) => {
    const disks = attached.filter(({ disk }) => disk.controllerKey === key)
    const isShared = machine.disks.some((disk) => disk.controllerKey === key && disk.sharedBus)
    return ofType(type, {
      key,
      deviceInfo: described(`SCSI controller ${key - 1000}`, summary),
      controllerKey: 100,
      unitNumber: 3 + key - 1000,
      busNumber: key - 1000,
      device: disks.map(({ disk }) => disk.key),
      hotAddRemove: true,
      sharedBus: isShared ? 'physicalSharing' : 'noSharing',
      scsiCtlrUnitNumber: 7,
    })
  })
}

export function diskDevice({ disk, head, changeId }: AttachedDisk): Device {
  const capacityInKB = disk.capacity / 1024
  return ofType('VirtualDisk', {
    key: disk.key,
    deviceInfo: described(disk.label, `${capacityInKB.toLocaleString('en-US')} KB`),
    backing: backingOf(disk, head, changeId),
    controllerKey: disk.controllerKey,
    unitNumber: disk.unitNumber,
    capacityInKB,
    capacityInBytes: disk.capacity,
    shares: { shares: 1000, level: 'normal' },
    storageIOAllocation: { limit: -1, shares: { shares: 1000, level: 'normal' }, reservation: 0 },
    diskObjectId: `1-${disk.key}`,
  })
}

/** Returns the backing of the chain's last file, with the files below as its parents. */
function backingOf(
  disk: Disk,
  head: DiskFile,
  changeId: string | undefined,
): DataObject<'VirtualDeviceBackingInfo'> {
  const parent = head.parent && backingOf(disk, head.parent, undefined)
  const common = {
    fileName: head.name,
    datastore: disk.storage.ref,
    backingObjectId: '',
    diskMode: disk.mode,
    uuid: disk.uuid,
    contentId: createRandom(disk.seed, head.name).hex(32),
    sharing: disk.multiWriter ? 'sharingMultiWriter' : 'sharingNone',
    ...(changeId !== undefined && { changeId }),
    ...(parent && {
      parent,
      deltaDiskFormat: disk.storage.type === 'VMFS' ? 'seSparseFormat' : 'redoLogFormat',
    }),
  }
  if (!disk.rawDevice) {
    return ofType('VirtualDiskFlatVer2BackingInfo', {
      ...(common as DataObject<'VirtualDiskFlatVer2BackingInfo'>),
      split: false,
      writeThrough: false,
      thinProvisioned: disk.thin,
      eagerlyScrub: false,
      digestEnabled: false,
      ...(disk.keyId && { keyId: disk.keyId }),
    })
  }
  const lun = createRandom(disk.seed, 'lun').hex(32)
  return ofType('VirtualDiskRawDiskMappingVer1BackingInfo', {
    ...(common as DataObject<'VirtualDiskRawDiskMappingVer1BackingInfo'>),
    lunUuid: `0200000000${lun}`,
    deviceName: `vml.0200000000${lun}`,
    compatibilityMode: disk.rawDevice,
  })
}

export const networkCardDevice = ({ key, type, network, ...card }: NetworkCard): Device =>
  ofType('VirtualVmxnet3', {
    _typeName: type,
    key,
    deviceInfo: described(`Network adapter ${key - networkCardKey(0) + 1}`, network.name),
    backing: networkBacking(network),
    connectable: {
      startConnected: card.startConnected,
      allowGuestControl: card.allowGuestControl,
      connected: card.connected,
      status: card.connected ? 'ok' : 'untried',
    },
    controllerKey: 100,
    unitNumber: 7 + key - networkCardKey(0),
    addressType: card.addressType,
    macAddress: card.macAddress,
    wakeOnLanEnabled: card.wakeOnLanEnabled,
    ...(type === 'VirtualVmxnet3' && { uptv2Enabled: false }),
  } as DataObject<'VirtualVmxnet3'>)

function networkBacking({
  ref,
  name,
  port,
  opaqueNetworkId,
}: NetworkLocation): DataObject<'VirtualDeviceBackingInfo'> {
  if (opaqueNetworkId !== undefined)
    return ofType('VirtualEthernetCardOpaqueNetworkBackingInfo', {
      opaqueNetworkId,
      opaqueNetworkType: 'nsx.LogicalSwitch',
    })
  if (!port) {
    return ofType('VirtualEthernetCardNetworkBackingInfo', {
      deviceName: name,
      useAutoDetect: false,
      network: ref,
    })
  }
  return ofType('VirtualEthernetCardDistributedVirtualPortBackingInfo', {
    port: { ...port, portKey: '12', connectionCookie: 1_146_282_841 },
  })
}
