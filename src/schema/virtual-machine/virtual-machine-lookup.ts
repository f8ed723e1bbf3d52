// The root fields for virtual machines, and the lookup of one by id, moid, name, path or UUID.

import { inventoryLookup } from '../core/lookup.ts'
import { rootFields } from '../core/root-fields.ts'
import { findAllByUuid } from '../core/search-index.ts'
import { virtualMachines } from './virtual-machine-connection.ts'

const options = {
  type: 'VirtualMachine',
  plural: 'virtualMachines',
  singular: 'virtualMachine',
  label: 'virtual machine',
  all: 'virtual machines and templates',
  example: '/Frankfurt/vm/web/web-01',
  moidExample: 'vm-62',
} as const

export const virtualMachineLookup = inventoryLookup(options, {
  uuid: {
    description: 'BIOS (SMBIOS) UUID. Several virtual machines can share it. Source: `config.uuid`.',
    findAll: (uuid, context) => findAllByUuid(uuid, false, context),
  },
  instanceUuid: {
    description: 'Instance UUID, unique within a vCenter. Source: `config.instanceUuid`.',
    findAll: (uuid, context) => findAllByUuid(uuid, true, context),
  },
})

rootFields(options, virtualMachines, virtualMachineLookup)
