// Guest operating systems of the simulated machines, with their vSphere identifiers.

export interface GuestSystem {
  readonly id: string
  readonly fullName: string
  readonly family: 'linuxGuest' | 'windowsGuest'
}

const linux = { family: 'linuxGuest' } as const
const windows = { family: 'windowsGuest' } as const

export const guestSystems = {
  ubuntu: { id: 'ubuntu64Guest', fullName: 'Ubuntu Linux (64-bit)', ...linux },
  redHat: { id: 'rhel9_64Guest', fullName: 'Red Hat Enterprise Linux 9 (64-bit)', ...linux },
  oracle: { id: 'oracleLinux8_64Guest', fullName: 'Oracle Linux 8 (64-bit)', ...linux },
  windowsServer: {
    id: 'windows2019srvNext_64Guest',
    fullName: 'Microsoft Windows Server 2022 (64-bit)',
    ...windows,
  },
  windows11: { id: 'windows11_64Guest', fullName: 'Microsoft Windows 11 (64-bit)', ...windows },
  photon: { id: 'vmwarePhoton64Guest', fullName: 'VMware Photon OS (64-bit)', ...linux },
  windowsNt: { id: 'winNTGuest', fullName: 'Microsoft Windows NT', ...windows },
} as const satisfies Record<string, GuestSystem>
