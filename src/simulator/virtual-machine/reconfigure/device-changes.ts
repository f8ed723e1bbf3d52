// Device changes of a reconfiguration: disks (disk-changes.ts) and network cards (card-changes.ts). Rejects
// other devices and values that are not simulated, so that every accepted change takes effect.

import { isInstance } from '../../../soap/type-registry.ts'
import type { DataObject } from '../../../soap/vim-types.ts'
import { VimFault } from '../../vim-fault.ts'
import type { Machine, NetworkCard } from '../machine.ts'
import { cardsAfter } from './card-changes.ts'
import type { DeviceState, InvalidDevice } from './device-spec.ts'
import { diskChange } from './disk-changes.ts'

type DeviceChange = DataObject<'VirtualDeviceConfigSpec'>

/** The effect of one entry of a specification. */
type Apply = (machine: Machine) => void

export interface DeviceChanges {
  /** Disk changes in order; empty if no disk changes. */
  readonly ofDisks: readonly Apply[]
  readonly networkCards: readonly NetworkCard[]
}

/**
 * Plans the changes without applying them.
 * @throws the fault for an entry that the machine cannot apply.
 */
export function deviceChangesOf(machine: Machine, entries: readonly DeviceChange[] = []): DeviceChanges {
  const state: DeviceState = { machine, disks: machine.disks, cards: machine.settings.networkCards }
  const ofDisks: Apply[] = []
  for (const [deviceIndex, entry] of entries.entries()) {
    const invalidDevice: InvalidDevice = (name) =>
      new VimFault({
        _typeName: 'InvalidDeviceSpec',
        property: `virtualDeviceSpec.device.${name}`,
        deviceIndex,
      })
    if (isInstance(entry.device, 'VirtualDisk')) ofDisks.push(...diskChange(state, entry, invalidDevice))
    else if (isInstance(entry.device, 'VirtualEthernetCard'))
      state.cards = cardsAfter(state, entry, invalidDevice)
    else throw new VimFault({ _typeName: 'NotSupported' })
  }
  return { ofDisks, networkCards: state.cards }
}
