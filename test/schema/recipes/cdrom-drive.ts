// A fixture type by the recipes of docs/contributing.md: a part of a virtual machine with an id of its own.

import { devicesOf } from '../../../src/planner/device-path.ts'
import type { ManagedObject } from '../../../src/planner/managed-object.ts'
import { PlanNode } from '../../../src/planner/plan-node.ts'
import { builder } from '../../../src/schema/builder.ts'
import { requiresPaths } from '../../../src/schema/core/field-requirements.ts'
import { encodeId } from '../../../src/schema/core/nodes/ids.ts'
import { loadManagedObjects } from '../../../src/schema/core/nodes/load-node.ts'
import { type NodeKey, registerNode } from '../../../src/schema/core/nodes/node-registry.ts'
import { isInstance } from '../../../src/soap/type-registry.ts'
import type { DataObject } from '../../../src/soap/vim-types.ts'

/** A drive with the virtual machine that it belongs to. */
interface CdromDrive {
  readonly vm: ManagedObject<'VirtualMachine'>
  readonly device: DataObject<'VirtualCdrom'>
}

const drives = devicesOf('VirtualCdrom')

const drivesOf = (vm: ManagedObject<'VirtualMachine'>): CdromDrive[] | undefined =>
  vm
    .devices(drives)
    ?.filter((device) => isInstance(device, 'VirtualCdrom'))
    .map((device) => ({ vm, device }))

registerNode<CdromDrive>({
  name: 'CdromDrive',
  managedTypes: ['VirtualMachine'],
  isKey: (key): key is NodeKey => Number.isInteger(key),
  isTypeOf: (value) => 'device' in value && isInstance(value.device, 'VirtualCdrom'),
  load: loadManagedObjects({
    planNode: (type) => new PlanNode(type, drives),
    toValue: (vm, { key }) =>
      drivesOf(vm as ManagedObject<'VirtualMachine'>)?.find(({ device }) => device.key === key),
  }),
})

const CdromDriveType = builder.objectRef<CdromDrive>('CdromDrive').implement({
  description: 'A CD/DVD drive of a virtual machine. vim25: `VirtualCdrom`.',
  interfaces: ['Node'],
  fields: (t) => ({
    id: t.id({
      nullable: false,
      description: 'Global id of the drive: the virtual machine and the key.',
      resolve: ({ vm, device }, _args, { vcenters }) =>
        encodeId(vcenters.of(vm), vm.ref, { typeName: 'CdromDrive', key: device.key }),
    }),
    label: t.string({
      description: 'Label of the drive. Source: `deviceInfo.label`.',
      resolve: ({ device }) => device.deviceInfo?.label ?? null,
    }),
  }),
})

builder.objectField('VirtualMachine', 'cdromDrives', (t) =>
  t.field({
    ...requiresPaths(drives),
    type: [CdromDriveType],
    nullable: { list: true, items: false },
    description: 'The CD/DVD drives of the virtual machine. Source: `config.hardware.device`.',
    resolve: (vm) => drivesOf(vm) ?? null,
  }),
)
