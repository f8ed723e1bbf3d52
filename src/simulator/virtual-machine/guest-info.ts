// VirtualMachine.guest: what VMware Tools report from inside a machine.

import type { DataObject } from '../../soap/vim-types.ts'
import { createRandom } from '../random.ts'
import type { Machine } from './machine.ts'
import { hostNameOf, toolsRun, toolsStatus } from './status.ts'

const toolsInstallTypeOf = ({ system }: Machine): string =>
  system.family === 'linuxGuest' ? 'guestToolsTypeOpenVMTools' : 'guestToolsTypeMSI'

export function guestOf(machine: Machine): DataObject<'GuestInfo'> | undefined {
  if (!machine.isAccessible) return undefined
  const base = {
    ...toolsStatus(machine),
    toolsVersion: String(machine.toolsVersion),
    ...(machine.hasTools && { toolsInstallType: toolsInstallTypeOf(machine) }),
    guestState: toolsRun(machine) ? 'running' : 'notRunning',
  }
  if (!toolsRun(machine)) return base
  const { id, fullName, family } = machine.system
  return {
    ...base,
    guestId: id,
    guestFamily: family,
    guestFullName: fullName,
    hostName: hostNameOf(machine),
    ...ipAddressOf(machine),
    net: interfacesOf(machine),
    ipStack: [stackOf(machine)],
    disk: fileSystemsOf(machine),
  }
}

/** A machine without network cards has no address. */
export const ipAddressOf = ({ ipAddress, settings }: Machine) =>
  settings.networkCards.length > 0 && { ipAddress }

/** The first card has the address, with the length of its network prefix. */
const interfacesOf = (machine: Machine): DataObject<'GuestNicInfo'>[] =>
  machine.settings.networkCards.map(({ key, network, macAddress, connected }, index) => {
    const ipAddress = index === 0 && connected ? [machine.ipAddress] : []
    // open-vm-tools does not report the origin.
    const origin = machine.system.family === 'windowsGuest' ? { origin: 'manual' } : {}
    return {
      network: network.name,
      ipAddress,
      macAddress,
      connected,
      deviceConfigId: key,
      ipConfig: {
        ipAddress: ipAddress.map((address) => ({
          ipAddress: address,
          prefixLength: 24,
          ...origin,
          state: 'preferred',
        })),
      },
    }
  })

const domainName = 'example.com'

/** A gateway names the interface by its index in `net`. */
function stackOf(machine: Machine): DataObject<'GuestStackInfo'> {
  const prefix = machine.ipAddress.replace(/\d+$/, '')
  const isConnected = machine.settings.networkCards[0]?.connected ?? false
  return {
    dnsConfig: {
      dhcp: false,
      hostName: hostNameOf(machine),
      domainName,
      ipAddress: ['10.0.0.53', '10.0.1.53'],
      searchDomain: [domainName],
    },
    ipRouteConfig: {
      ipRoute: isConnected
        ? [
            { network: '0.0.0.0', prefixLength: 0, gateway: { ipAddress: `${prefix}254`, device: '0' } },
            { network: `${prefix}0`, prefixLength: 24, gateway: { device: '0' } },
          ]
        : [],
    },
  }
}

/** Each disk has a file system of its full size; the first one of Linux has a small one for the kernel too. */
function fileSystemsOf({ disks, seed, system }: Machine): DataObject<'GuestDiskInfo'>[] {
  const isLinux = system.family === 'linuxGuest'
  const fileSystem = (diskPath: string, capacity: number, key: number): DataObject<'GuestDiskInfo'> => ({
    diskPath,
    capacity,
    freeSpace: Math.floor(capacity * (0.02 + 0.9 * createRandom(seed, 'free space', diskPath).next())),
    filesystemType: isLinux ? 'ext4' : 'NTFS',
    mappings: [{ key }],
  })
  return disks.flatMap(({ capacity, key }, index) => {
    if (!isLinux) return fileSystem(`${String.fromCharCode('C'.charCodeAt(0) + index)}:\\`, capacity, key)
    if (index > 0) return fileSystem(`/data${index}`, capacity, key)
    return [
      fileSystem('/', capacity - bootBytes, key),
      fileSystem('/boot', Math.min(bootBytes, capacity), key),
    ].filter((each) => Number(each.capacity) > 0)
  })
}

const bootBytes = 1024 ** 3
