// Fields of VirtualMachine for its hardware, security and operating system as configured.

import { builder } from '../builder.ts'
import { requiresPaths } from '../core/field-requirements.ts'
import { allocationIn } from '../core/resource-allocation.ts'
import { megabytesToBytes, nonNegativeInt } from '../core/units.ts'
import { vimEnum } from '../core/vim-enum.ts'

const Firmware = vimEnum('Firmware', {
  vimType: 'GuestOsDescriptorFirmwareType',
  description: 'The firmware that a virtual machine boots with.',
  values: {
    bios: ['BIOS', 'BIOS, which cannot verify what it boots.'],
    efi: ['EFI', 'UEFI, which supports secure boot.'],
    csm: ['CSM', 'The compatibility support module, which boots like a BIOS.'],
  },
})

builder.objectFields('VirtualMachine', (t) => ({
  cpuCount: t.vimProperty('config.hardware.numCPU', {
    derives: { group: true, statistics: 'count' },
    type: 'Int',
    description:
      'Number of virtual CPUs. Source: `config.hardware.numCPU`, otherwise `summary.config.numCpu`.',
    fallback: 'summary.config.numCpu',
    decode: nonNegativeInt,
  }),
  coresPerSocket: t.vimProperty('config.hardware.numCoresPerSocket', {
    type: 'Int',
    description:
      'Number of virtual CPUs that the guest sees as cores of one socket. Source: `config.hardware.numCoresPerSocket`.',
    decode: nonNegativeInt,
  }),
  memory: t.vimProperty('config.hardware.memoryMB', {
    derives: { statistics: 'bytes' },
    type: 'BigInt',
    description:
      'Configured memory, in bytes. Source: `config.hardware.memoryMB`, otherwise `summary.config.memorySizeMB`.',
    fallback: 'summary.config.memorySizeMB',
    decode: megabytesToBytes,
  }),
  cpuAllocation: t.vimProperty('config.cpuAllocation', {
    type: 'ResourceAllocation',
    description:
      'The CPU that is reserved for it, its limit and its shares, in MHz. Source: `config.cpuAllocation`.',
    decode: allocationIn('MHz', 'machine'),
  }),
  memoryAllocation: t.vimProperty('config.memoryAllocation', {
    type: 'ResourceAllocation',
    description:
      'The memory that is reserved for it, its limit and its shares, in bytes. Source: `config.memoryAllocation`.',
    decode: allocationIn('MB', 'machine'),
  }),
  hardwareVersion: t.vimProperty('config.version', {
    derives: { group: true },
    type: 'String',
    description:
      'Version of the virtual hardware, such as `vmx-21`. Source: `config.version`, otherwise `summary.config.hwVersion` (vSphere 7.0 and later).',
    fallback: 'summary.config.hwVersion',
  }),
  firmware: t.vimProperty('config.firmware', {
    ...Firmware,
    description: 'The firmware that it boots with. Source: `config.firmware`.',
  }),
  secureBoot: t.vimProperty('config.bootOptions.efiSecureBootEnabled', {
    type: 'Boolean',
    description:
      'Whether UEFI secure boot is enabled, so that it boots only signed software. It has an effect only with the firmware `EFI`. Null before vSphere 6.5: the condition `ne: true` selects also these. Source: `config.bootOptions.efiSecureBootEnabled`.',
  }),
  encrypted: t.field({
    ...requiresPaths('config.keyId', 'config.version'),
    type: 'Boolean',
    description:
      'Whether its configuration files are encrypted. `VirtualDisk.backing.encrypted` is about a disk. Source: whether `config.keyId` (vSphere 6.5 and later) is set.',
    resolve: (vm) =>
      vm.read('config.keyId') !== undefined || (vm.read('config.version') === undefined ? null : false),
  }),
  vtpm: t.vimProperty('summary.config.tpmPresent', {
    type: 'Boolean',
    description:
      'Whether it has a virtual Trusted Platform Module (vTPM). Source: `summary.config.tpmPresent` (vSphere 6.7 and later).',
  }),
  configuredGuestId: t.vimProperty('config.guestId', {
    derives: { only: 'filter' },
    type: 'String',
    description:
      'Identifier of the configured guest operating system, such as `ubuntu64Guest`. Source: `config.guestId`, otherwise `summary.config.guestId`.',
    fallback: 'summary.config.guestId',
  }),
  configuredGuestFullName: t.vimProperty('config.guestFullName', {
    derives: { group: true },
    type: 'String',
    description:
      'Name of the configured guest operating system. `guest.fullName` is the name of the one that VMware Tools finds in the guest. Source: `config.guestFullName`, otherwise `summary.config.guestFullName`.',
    fallback: 'summary.config.guestFullName',
  }),
  diskCount: t.vimProperty('summary.config.numVirtualDisks', {
    derives: { statistics: 'count' },
    type: 'Int',
    description:
      'Number of its virtual disks, which vCenter may report even while its configuration cannot be read. Source: `summary.config.numVirtualDisks`.',
    decode: nonNegativeInt,
  }),
  networkAdapterCount: t.vimProperty('summary.config.numEthernetCards', {
    derives: { statistics: 'count' },
    type: 'Int',
    description:
      'Number of its virtual network adapters, which vCenter may report even while its configuration cannot be read. Source: `summary.config.numEthernetCards`.',
    decode: nonNegativeInt,
  }),
}))
