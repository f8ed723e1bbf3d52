// Fields of VirtualMachine for the resources that it uses: CPU, memory and storage as last measured.

import type { ManagedObject } from '../../planner/managed-object.ts'
import { builder } from '../builder.ts'
import { kilobytesToBytes, megabytesToBytes, nonNegative, nonNegativeInt } from '../core/units.ts'

builder.objectFields('VirtualMachine', (t) => ({
  uptime: t.vimProperty('summary.quickStats.uptimeSeconds', {
    type: 'Int',
    description: 'Time since it was started, in seconds. Source: `summary.quickStats.uptimeSeconds`.',
    decode: nonNegativeInt,
  }),
  cpuUsage: t.vimProperty('summary.quickStats.overallCpuUsage', {
    derives: { statistics: 'MHz' },
    type: 'Int',
    description: 'CPU usage at the last measurement, in MHz. Source: `summary.quickStats.overallCpuUsage`.',
    decode: nonNegativeInt,
  }),
  cpuDemand: t.vimProperty('summary.quickStats.overallCpuDemand', {
    derives: { statistics: 'MHz' },
    type: 'Int',
    description:
      'CPU that it would use if no other virtual machine competed for it, in MHz. Source: `summary.quickStats.overallCpuDemand`.',
    decode: nonNegativeInt,
  }),
  cpuReadiness: t.vimProperty('summary.quickStats.overallCpuReadiness', {
    derives: { statistics: '%' },
    type: 'Int',
    description:
      'Share of the time in which it was ready to run but waited for a physical CPU, in percent. Source: `summary.quickStats.overallCpuReadiness` (vSphere 7.0 and later).',
    decode: nonNegativeInt,
  }),
  maxCpuUsage: t.vimProperty('runtime.maxCpuUsage', {
    derives: { statistics: 'MHz' },
    type: 'Int',
    description: 'The most CPU that it can use now, in MHz. Source: `runtime.maxCpuUsage`.',
    decode: nonNegativeInt,
  }),
  memoryUsage: t.vimProperty('summary.quickStats.hostMemoryUsage', {
    derives: { statistics: 'bytes' },
    type: 'BigInt',
    description:
      'Host memory that it consumes, overhead included, in bytes. Source: `summary.quickStats.hostMemoryUsage` (MB).',
    decode: megabytesToBytes,
  }),
  activeMemory: t.vimProperty('summary.quickStats.guestMemoryUsage', {
    derives: { statistics: 'bytes' },
    type: 'BigInt',
    description:
      'Memory that the guest has actively used recently, in bytes. Source: `summary.quickStats.guestMemoryUsage` (MB).',
    decode: megabytesToBytes,
  }),
  balloonedMemory: t.vimProperty('summary.quickStats.balloonedMemory', {
    derives: { statistics: 'bytes' },
    type: 'BigInt',
    description:
      'Memory that the host has reclaimed with the balloon driver in the guest, in bytes. Source: `summary.quickStats.balloonedMemory` (MB).',
    decode: megabytesToBytes,
  }),
  swappedMemory: t.vimProperty('summary.quickStats.swappedMemory', {
    derives: { statistics: 'bytes' },
    type: 'BigInt',
    description:
      'Memory that the host has swapped out, in bytes. Source: `summary.quickStats.swappedMemory` (MB).',
    decode: megabytesToBytes,
  }),
  compressedMemory: t.vimProperty('summary.quickStats.compressedMemory', {
    derives: { statistics: 'bytes' },
    type: 'BigInt',
    description:
      'Memory that the host has compressed, in bytes. Source: `summary.quickStats.compressedMemory` (KB).',
    decode: kilobytesToBytes,
  }),
  storage: t.field({
    derives: { flat: true },
    type: VirtualMachineStorage,
    description: 'Storage space that its files use. Source: `summary.storage`.',
    resolve: (vm) => vm,
  }),
}))

const VirtualMachineStorage = builder
  .objectRef<ManagedObject<'VirtualMachine'>>('VirtualMachineStorage')
  .implement({
    description:
      'Storage space that the files of a virtual machine use. vim25: `VirtualMachineStorageSummary`.',
    fields: (t) => ({
      committed: t.vimProperty('summary.storage.committed', {
        derives: { statistics: 'bytes' },
        type: 'BigInt',
        description: 'Space that its files use now, in bytes. Source: `summary.storage.committed`.',
        decode: nonNegative,
      }),
      uncommitted: t.vimProperty('summary.storage.uncommitted', {
        derives: { statistics: 'bytes' },
        type: 'BigInt',
        description:
          'Additional space that its thin-provisioned disks may still allocate, in bytes. Source: `summary.storage.uncommitted`.',
        decode: nonNegative,
      }),
      unshared: t.vimProperty('summary.storage.unshared', {
        derives: { statistics: 'bytes' },
        type: 'BigInt',
        description:
          'Space that it does not share with other virtual machines, in bytes. Source: `summary.storage.unshared`.',
        decode: nonNegative,
      }),
    }),
  })
