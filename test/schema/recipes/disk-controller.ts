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

/** A controller with the virtual machine that it belongs to. */
interface DiskController {
  readonly vm: ManagedObject<'VirtualMachine'>
  readonly device: DataObject<'VirtualController'>
}

const controllers = devicesOf('VirtualController')

const controllersOf = (vm: ManagedObject<'VirtualMachine'>): DiskController[] | undefined =>
  vm
    .devices(controllers)
    ?.filter((device) => isInstance(device, 'VirtualController'))
    .map((device) => ({ vm, device }))

registerNode<DiskController>({
  name: 'DiskController',
  managedTypes: ['VirtualMachine'],
  isKey: (key): key is NodeKey => Number.isInteger(key),
  isTypeOf: (value) => 'device' in value && isInstance(value.device, 'VirtualController'),
  load: loadManagedObjects({
    planNode: (type) => new PlanNode(type, controllers),
    toValue: (vm, { key }) =>
      controllersOf(vm as ManagedObject<'VirtualMachine'>)?.find(({ device }) => device.key === key),
  }),
})

const DiskControllerType = builder.objectRef<DiskController>('DiskController').implement({
  description: 'A controller that disks are attached to. vim25: `VirtualController`.',
  interfaces: ['Node'],
  fields: (t) => ({
    id: t.id({
      nullable: false,
      description: 'Global id of the controller: the virtual machine and the key.',
      resolve: ({ vm, device }, _args, { vcenters }) =>
        encodeId(vcenters.of(vm), vm.ref, { typeName: 'DiskController', key: device.key }),
    }),
    label: t.string({
      description: 'Label of the controller. Source: `deviceInfo.label`.',
      resolve: ({ device }) => device.deviceInfo?.label ?? null,
    }),
  }),
})

builder.objectField('VirtualMachine', 'diskControllers', (t) =>
  t.field({
    ...requiresPaths(controllers),
    type: [DiskControllerType],
    nullable: { list: true, items: false },
    description: 'The controllers of the virtual machine. Source: `config.hardware.device`.',
    resolve: (vm) => controllersOf(vm) ?? null,
  }),
)
