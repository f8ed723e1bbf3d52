// The network configuration of a simulated host: physical cards, its own interfaces, and standard port groups.

import type { DataObject } from '../../soap/vim-types.ts'
import { createRandom } from '../random.ts'
import type { SimulationContext } from '../simulation-context.ts'

const managementNetwork = 'Management Network'
const standardSwitch = 'vSwitch0'

/**
 * @param networks - the names of the standard networks for virtual machines on the host
 * @param vlanId - the VLAN of their port groups
 */
export function hostNetwork(
  { seed }: SimulationContext,
  hostName: string,
  networks: readonly string[],
  vlanId: number,
): DataObject<'HostNetworkInfo'> {
  const random = createRandom(seed, 'host network', hostName)
  const macAddress = () => `b0:7b:25:${random.hex(6).replace(/(..)(?=.)/g, '$1:')}`
  const pnic = [25_000, 25_000, 1_000, undefined].map((speedMb, index): DataObject<'PhysicalNic'> => {
    const device = `vmnic${index}`
    return {
      key: `key-vim.host.PhysicalNic-${device}`,
      device,
      pci: `0000:${(0x31 + index).toString(16)}:00.0`,
      driver: index < 2 ? 'i40en' : 'ntg3',
      // The last card has no cable.
      ...(speedMb !== undefined && { linkSpeed: { speedMb, duplex: true } }),
      mac: macAddress(),
    }
  })
  const address = `${random.integer(200)}.${1 + random.integer(250)}`
  const vnic = [
    { portgroup: managementNetwork, ipAddress: `172.16.${address}`, mtu: 1500 },
    // On a distributed switch there is no name of a port group.
    { portgroup: '', ipAddress: `172.17.${address}`, mtu: 9000 },
  ].map(({ portgroup, ipAddress, mtu }, index): DataObject<'HostVirtualNic'> => {
    const device = `vmk${index}`
    return {
      device,
      key: `key-vim.host.VirtualNic-${device}`,
      portgroup,
      spec: { ip: { dhcp: false, ipAddress, subnetMask: '255.255.0.0' }, mac: macAddress(), mtu },
    }
  })
  const portgroup = [managementNetwork, ...networks].map(
    (name): DataObject<'HostPortGroup'> => ({
      key: `key-vim.host.PortGroup-${name}`,
      spec: { name, vlanId: name === managementNetwork ? 5 : vlanId, vswitchName: standardSwitch },
    }),
  )
  return { portgroup, pnic, vnic }
}
