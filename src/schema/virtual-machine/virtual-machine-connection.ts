// The connections and the lookup of virtual machines.

import { rootFields } from '../core/root-fields.ts'
import { findAllByUuid } from '../core/search-index.ts'
import { vimEnum } from '../core/vim-enum.ts'
import type { RequestVCenter } from '../vcenters.ts'

export const PowerState = vimEnum('PowerState', {
  vimType: 'VirtualMachinePowerState',
  description: 'The power state of a virtual machine.',
  values: {
    poweredOn: ['POWERED_ON', 'The virtual machine is running.'],
    poweredOff: ['POWERED_OFF', 'The virtual machine is powered off.'],
    suspended: ['SUSPENDED', 'The virtual machine is paused, with its memory saved to disk.'],
  },
})

const lookupKeys = {
  uuid: {
    description: 'BIOS (SMBIOS) UUID. Several virtual machines can share it. Source: `config.uuid`.',
    findAll: (uuid: string, vcenter: RequestVCenter) => findAllByUuid(uuid, 'bios', vcenter),
  },
  instanceUuid: {
    description: 'Instance UUID, unique within a vCenter. Source: `config.instanceUuid`.',
    findAll: (uuid: string, vcenter: RequestVCenter) => findAllByUuid(uuid, 'instance', vcenter),
  },
}

export const virtualMachines = rootFields({
  type: 'VirtualMachine',
  plural: 'virtualMachines',
  singular: 'virtualMachine',
  label: 'virtual machine',
  all: 'virtual machines and templates',
  example: '/Frankfurt/vm/web/web-01',
  moidExample: 'vm-62',
  hasStatistics: true,
  lookupKeys,
})
