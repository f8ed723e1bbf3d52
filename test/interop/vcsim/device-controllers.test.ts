// Compares disks and their controllers on vcsim with the devices that govc prints.

import { describe, expect, it, onTestFinished } from 'vitest'
import { startGateway } from '../gateway.ts'
import { govcAt } from '../govc.ts'
import { govc as govcPath, vcsim as vcsimPath } from '../tools.ts'
import type { Untyped } from '../untyped.ts'
import { startVcsim } from '../vcsim.ts'

/** What the types of govc are in the schema. */
const controllerTypes: Readonly<Record<string, string>> = {
  ParaVirtualSCSIController: 'PARAVIRTUAL_SCSI',
  VirtualLsiLogicSASController: 'LSI_LOGIC_SAS',
  VirtualIDEController: 'IDE',
}
const sharings: Readonly<Record<string, string>> = { noSharing: 'NONE', virtualSharing: 'VIRTUAL' }

describe.skipIf(vcsimPath === undefined || govcPath === undefined)('disk controllers on vcsim', () => {
  it('are those of govc, with their type and bus number', async () => {
    const vcsim = await startVcsim()
    onTestFinished(() => vcsim.stop())
    const govc = govcAt(vcsim.url)
    const machine = ['-vm', '/DC0/vm/DC0_H0_VM0'] as const
    const added = (
      await govc('device.scsi.add', ...machine, '-type', 'lsilogic-sas', '-sharing', 'virtualSharing')
    ).trim()
    for (const [name, controller] of [
      ['shared', added],
      ['boot', 'ide-201'],
    ] as const)
      await govc(
        'vm.disk.create',
        ...machine,
        '-name',
        `DC0_H0_VM0/${name}`,
        '-size',
        '1G',
        '-controller',
        controller,
      )
    const gateway = await startGateway({ GOVC_URL: vcsim.url, GOVC_INSECURE: '1' })
    onTestFinished(() => gateway.stop())

    const { data, errors } = await gateway.execute(`{ virtualMachine(by: { path: "/DC0/vm/DC0_H0_VM0" }) {
      disks { key unitNumber controllerKey capacity backing { fileName } controller { key label type busNumber sharedBus } }
    } }`)
    expect(errors).toBeUndefined()
    const { devices } = await govc.json('device.info', ...machine)
    const disks = devices.filter(({ type }: Untyped) => type === 'VirtualDisk')
    expect(disks).toHaveLength(3)
    const { disks: read } = data.virtualMachine
    expect(read.map(({ controller }: Untyped) => controller.type).sort()).toEqual(
      Object.values(controllerTypes).sort(),
    )
    expect(read).toHaveLength(disks.length)
    for (const disk of disks) {
      const controller = devices.find(({ key }: Untyped) => key === disk.controllerKey)
      expect(read).toContainEqual({
        key: disk.key,
        unitNumber: disk.unitNumber,
        controllerKey: disk.controllerKey,
        capacity: disk.capacityInBytes,
        backing: { fileName: disk.backing.fileName },
        controller: {
          key: controller.key,
          label: controller.deviceInfo.label,
          type: controllerTypes[controller.type],
          busNumber: controller.busNumber,
          sharedBus: sharings[controller.sharedBus] ?? null,
        },
      })
    }
  })
})
