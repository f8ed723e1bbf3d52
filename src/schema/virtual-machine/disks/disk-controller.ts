// DiskController: a controller of a virtual machine that disks are attached to.

import { isInstance } from '../../../soap/type-registry.ts'
import type { DataObjectName } from '../../../soap/vim-types.ts'
import { builder } from '../../builder.ts'
import { int32, required } from '../../core/units.ts'
import { vimEnum } from '../../core/vim-enum.ts'
import type { Controller } from './disk.ts'

declare module '../../builder.ts' {
  interface ObjectTypes {
    DiskController: Controller
  }
}

const DiskControllerType = builder.enumType('DiskControllerType', {
  description:
    'The hardware that a disk controller presents to the guest. Source: the vim25 type of the device.',
  values: {
    IDE: { description: 'An IDE controller. vim25: `VirtualIDEController`.' },
    SATA: {
      description: 'A SATA controller. vim25: `VirtualSATAController`, `VirtualAHCIController`.',
    },
    NVME: { description: 'An NVMe controller. vim25: `VirtualNVMEController`.' },
    PARAVIRTUAL_SCSI: { description: 'A paravirtual SCSI controller. vim25: `ParaVirtualSCSIController`.' },
    LSI_LOGIC: {
      description: 'Emulates an LSI Logic parallel SCSI controller. vim25: `VirtualLsiLogicController`.',
    },
    LSI_LOGIC_SAS: {
      description: 'Emulates an LSI Logic SAS controller. vim25: `VirtualLsiLogicSASController`.',
    },
    BUS_LOGIC: {
      description: 'Emulates a BusLogic SCSI controller, for old guests. vim25: `VirtualBusLogicController`.',
    },
    OTHER: { description: 'Any other type, such as one that only a newer vSphere version has.' },
  } as const,
})

const typesByAncestor = {
  VirtualIDEController: 'IDE',
  VirtualSATAController: 'SATA',
  VirtualNVMEController: 'NVME',
  ParaVirtualSCSIController: 'PARAVIRTUAL_SCSI',
  VirtualLsiLogicController: 'LSI_LOGIC',
  VirtualLsiLogicSASController: 'LSI_LOGIC_SAS',
  VirtualBusLogicController: 'BUS_LOGIC',
} as const satisfies Partial<Record<DataObjectName, string>>

type ControllerType = (typeof typesByAncestor)[keyof typeof typesByAncestor] | 'OTHER'

/** Returns the type of the controller, by the ancestor that has one. */
function typeOf(controller: Controller): ControllerType {
  for (const [ancestor, type] of Object.entries(typesByAncestor))
    if (isInstance(controller, ancestor as DataObjectName)) return type
  return 'OTHER'
}

const BusSharing = vimEnum('BusSharing', {
  vimType: 'VirtualSCSISharing',
  description: 'Whether virtual machines share the bus of a disk controller, and with it the disks on it.',
  values: {
    noSharing: ['NONE', 'The bus is not shared.'],
    virtualSharing: ['VIRTUAL', 'Virtual machines on the same host share the bus.'],
    physicalSharing: ['PHYSICAL', 'Virtual machines on any host share the bus.'],
  },
})

builder.objectType('DiskController', {
  description:
    'A controller that disks are attached to. `busNumber` and the `unitNumber` of a disk are its address, as in `scsi0:1`. vim25: `VirtualController`.',
  fields: (t) => ({
    key: t.int({
      nullable: false,
      description:
        'Device key of the controller, such as 1000, unique only within its virtual machine. `VirtualDisk.controllerKey` refers to it. Source: `key`.',
      resolve: ({ key }) => int32(key),
    }),
    label: t.string({
      description:
        'Label in the language of the vCenter, such as "SCSI controller 0". Source: `deviceInfo.label`.',
      resolve: ({ deviceInfo }) => deviceInfo?.label ?? null,
    }),
    type: t.field({
      type: DiskControllerType,
      nullable: false,
      description:
        'The hardware that the controller presents to the guest. Source: the vim25 type of the device.',
      resolve: typeOf,
    }),
    busNumber: t.int({
      nullable: false,
      description:
        'Number of the bus among those of controllers of the same kind, such as 0 for the first SCSI controller. Source: `busNumber`.',
      resolve: ({ busNumber }) => int32(required(busNumber, 'a disk controller without a bus number')),
    }),
    sharedBus: t.field({
      type: BusSharing.type,
      description:
        'Whether virtual machines share the bus. Null for types that cannot share it. Source: `sharedBus` of SCSI controllers, and of NVMe controllers (vSphere 8.0 U2 and later).',
      resolve: ({ sharedBus }) => BusSharing.decode(sharedBus) ?? null,
    }),
  }),
})
