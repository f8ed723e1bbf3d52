// Changes of the disks of the machine `lab`, as other clients make them between two backups.

import { expect } from 'vitest'
import type { Random } from '../../../src/simulator/random.ts'
import type { Machine } from '../../../src/simulator/virtual-machine/machine.ts'
import { reconfigure } from '../../../src/simulator/virtual-machine/reconfigure/reconfigure.ts'
import { removeWithout, snapshotsIn, takeWithout } from '../../schema/captures/capture-fixture.ts'
import { mutate } from '../../schema/mutations/mutate.ts'
import type { BackupFixture } from './backup-fixture.ts'

const KiB = 1024

const at = ({ context }: Machine): Date => context.objects.clock.now()

/** @param index of the disk */
export function growDisk(machine: Machine, index: number, random: Random): void {
  const disk = machine.disks[index]
  if (!disk) return
  const capacityInBytes = disk.capacity + (1 + random.integer(200)) * KiB
  const device = { _typeName: 'VirtualDisk', key: disk.key, capacityInBytes }
  reconfigure(machine, { deviceChange: [{ operation: 'edit', device }] } as never, at(machine))
}

/** Removes a disk, unless it is the only one. */
export function removeDisk(machine: Machine, index: number): void {
  const disk = machine.disks[index]
  if (!disk || machine.disks.length === 1) return
  const device = { _typeName: 'VirtualDisk', key: disk.key }
  const removal = { operation: 'remove', fileOperation: 'destroy', device }
  reconfigure(machine, { deviceChange: [removal] } as never, at(machine))
}

/** Adds an empty disk at the first free unit: that of a disk that was removed before. */
export function addDisk(machine: Machine, random: Random): void {
  const unitNumber = [0, 1, 2, 3, 4, 5].find((unit) => !machine.disks.some(({ key }) => key === 2000 + unit))
  const device = {
    _typeName: 'VirtualDisk',
    key: -1,
    controllerKey: 1000,
    unitNumber,
    capacityInKB: 300 + random.integer(400),
    backing: {
      _typeName: 'VirtualDiskFlatVer2BackingInfo',
      fileName: '',
      diskMode: 'persistent',
      thinProvisioned: true,
    },
  }
  const addition = { operation: 'add', fileOperation: 'create', device }
  reconfigure(machine, { deviceChange: [addition] } as never, at(machine))
}

/** Disables change tracking and enables it again. */
export async function resetTracking({ current }: BackupFixture): Promise<void> {
  for (const enabled of [false, true]) {
    const input = { virtualMachine: { name: 'lab' }, enabled, activate: enabled }
    const { reported } = await mutate(current(), 'setChangeTracking', input, 'activated')
    expect(reported).toEqual([])
  }
}

/** Reverts the machine to a snapshot that is removed afterwards. */
export async function revertLab({ machine, current }: BackupFixture, meanwhile: () => void): Promise<void> {
  const gateway = current()
  const base = takeWithout(machine, 'base')
  meanwhile()
  const { data } = await gateway.execute('{ virtualMachine(by: { name: "lab" }) { snapshots { id } } }')
  const [{ id: snapshot }] = data.virtualMachine.snapshots
  const { reported } = await mutate(gateway, 'revertToSnapshot', { snapshot }, 'task { state }')
  expect(reported).toEqual([])
  removeWithout(machine, base)
  expect(snapshotsIn(machine)).toEqual([])
}
