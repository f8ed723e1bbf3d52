// Compares network adapters of virtual machines on vcsim with the cards that govc prints.

import { describe, expect, it, onTestFinished } from 'vitest'
import { startGateway } from '../gateway.ts'
import { govcAt } from '../govc.ts'
import { govc as govcPath, vcsim as vcsimPath } from '../tools.ts'
import type { Untyped } from '../untyped.ts'
import { startVcsim } from '../vcsim.ts'

describe.skipIf(vcsimPath === undefined || govcPath === undefined)('network adapters on vcsim', () => {
  it('are the cards of govc, with their networks', async () => {
    const vcsim = await startVcsim('-pg', '2')
    onTestFinished(() => vcsim.stop())
    const govc = govcAt(vcsim.url)
    const machine = ['-vm', '/DC0/vm/DC0_H0_VM0'] as const
    await govc('vm.network.add', ...machine, '-net', 'VM Network', '-net.adapter', 'vmxnet3')
    await govc('vm.network.add', ...machine, '-net', 'DC0_DVPG1', '-net.adapter', 'e1000e')
    await govc('device.disconnect', ...machine, 'ethernet-1')
    const gateway = await startGateway({ GOVC_URL: vcsim.url, GOVC_INSECURE: '1' })
    onTestFinished(() => gateway.stop())

    const { data, errors } = await gateway.execute(`{ virtualMachine(by: { path: "/DC0/vm/DC0_H0_VM0" }) {
      networkAdapters { key label type macAddress connected startConnected portgroupKey switchUuid network { name portgroupKey } }
    } }`)
    expect(errors).toBeUndefined()
    const { networkAdapters } = data.virtualMachine
    const { devices } = await govc.json('device.info', ...machine, 'ethernet-*')
    expect(networkAdapters).toMatchObject(
      devices.map(({ key, deviceInfo, macAddress, connectable, backing }: Untyped) => ({
        key,
        label: deviceInfo.label,
        macAddress: macAddress === '' ? '' : macAddress.toLowerCase(),
        connected: connectable.connected,
        startConnected: connectable.startConnected,
        portgroupKey: backing.port?.portgroupKey ?? null,
        switchUuid: backing.port?.switchUuid ?? null,
      })),
    )
    expect(networkAdapters.map(({ type, network }: Untyped) => [type, network.name]).sort()).toEqual([
      ['E1000', 'DC0_DVPG0'],
      ['E1000E', 'DC0_DVPG1'],
      ['VMXNET3', 'VM Network'],
    ])
  })
})
